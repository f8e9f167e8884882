import pytest

from dohyo import errors


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (errors.CorpusError, ValueError),
        (errors.MapError, ValueError),
        (errors.UsageError, ValueError),
        (errors.MissingExtra, ImportError),
    ],
)
def test_an_error_can_be_caught_as_dohyos_or_as_the_builtin_and_says_both_halves(error, builtin):
    with pytest.raises(builtin) as caught:
        raise error("It broke.", hint="Mend it.")
    assert isinstance(caught.value, errors.DohyoError)
    assert str(caught.value) == "It broke. Mend it."
    assert (caught.value.what, caught.value.hint) == ("It broke.", "Mend it.")


def test_every_error_of_the_module_descends_from_one():
    public = [thing for thing in vars(errors).values() if isinstance(thing, type)]
    assert all(issubclass(thing, errors.DohyoError) for thing in public)
