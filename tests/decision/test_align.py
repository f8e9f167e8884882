import numpy as np
import pytest

from dohyo.decision.align import align
from dohyo.decision.decide import decide
from dohyo.errors import UsageError
from worlds import paired, strangers

GAPPED = paired(np.random.default_rng(2), 100, 16)


def test_a_named_method_is_fitted_on_the_whole_corpus_with_its_parameters():
    fitted = align(GAPPED, "whiten", shrinkage=0.5)
    assert (fitted.method, fitted.parameters["shrinkage"]) == ("whiten", 0.5)
    assert (fitted.figures["images"], fitted.corpus) == (100, GAPPED.fingerprint())


def test_auto_fits_what_was_decided_and_says_why():
    fitted, decision = align(GAPPED), decide(GAPPED)
    assert fitted.method == decision.recipe.method != "none"
    assert fitted.reasons


def test_auto_is_the_identity_where_it_is_not_to_correct_and_says_why():
    fitted = align(strangers(np.random.default_rng(0), 60, 8, gap=1.0))
    rows = GAPPED.unit("image")[:, :8]
    assert fitted.method == "none"
    assert fitted.reasons
    np.testing.assert_allclose(
        fitted.apply(rows, "image"), rows / np.linalg.norm(rows, axis=1, keepdims=True), atol=1e-6
    )


def test_auto_takes_no_parameters():
    with pytest.raises(UsageError) as caught:
        align(GAPPED, shrinkage=0.5)
    assert str(caught.value) == (
        "auto takes no parameters, but was given shrinkage. Name a method to set its parameters."
    )


def test_growth_weighs_the_choice_and_is_refused_out_of_range():
    assert align(GAPPED, growing=0.0).reasons
    with pytest.raises(UsageError, match=r"^growing is 2, outside 0 to 1\. "):
        align(GAPPED, growing=2)


def test_growth_is_also_what_a_calibrated_method_learns_from():
    fitted = align(GAPPED, "center", growing=0.2, calibrate=1.0)
    assert fitted.parameters["growing"] == 0.2


def test_to_keep_the_dimension_is_said_to_auto_alone():
    world = paired(np.random.default_rng(0), 20, 4)
    with pytest.raises(UsageError, match=r"^keep_dimension tells auto what to try, but center was"):
        align(world, "center", keep_dimension=True, calibrate=1.0)
