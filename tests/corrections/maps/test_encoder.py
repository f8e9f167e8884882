import pytest

from dohyo.corrections.maps.encoder import check_encoder
from dohyo.errors import MapError


@pytest.mark.parametrize(("mine", "theirs"), [(None, "b"), ("a", None), (None, None), ("a", "a")])
def test_an_encoder_that_is_the_same_or_unknown_is_no_reason_to_refuse(mine, theirs):
    check_encoder(mine, theirs)


def test_vectors_of_another_encoder_are_refused():
    with pytest.raises(MapError) as caught:
        check_encoder("a", "b")
    assert str(caught.value) == (
        "The map was fitted on vectors of a, these are of b. Fit a map for this encoder."
    )
