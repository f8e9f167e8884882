import numpy as np
import pytest

from dohyo.corrections.evidence import Evidence
from dohyo.corrections.registry import METHODS, RANGES, fit, method_named
from dohyo.errors import UsageError
from worlds import paired


@pytest.fixture(scope="module")
def evidence():
    return Evidence.of(paired(np.random.default_rng(0), 20, 4))


def test_an_unknown_method_is_answered_with_those_there_are():
    with pytest.raises(UsageError) as caught:
        method_named("centre")
    assert str(caught.value) == (
        "There is no method 'centre'. "
        "Choose one of: none, center, whiten, gaussian_ot, displacement, auto."
    )


@pytest.mark.parametrize(
    ("method", "parameters", "message"),
    [
        ("center", {"share": 0.1}, "center has no parameter 'share'. Its parameters are: none."),
        (
            "displacement",
            {"beta": 20.0},
            "displacement has no parameter 'beta'. "
            "Its parameters are: shrinkage, perplexity, share.",
        ),
        (
            "whiten",
            {"shrinkage": 1.5},
            "shrinkage is 1.5, outside 0 to 1. Choose a value inside.",
        ),
        (
            "displacement",
            {"perplexity": 0.5},
            "perplexity is 0.5, outside 1 to inf. Choose a value inside.",
        ),
        (
            "displacement",
            {"share": float("nan")},
            "share is nan, outside 0 to 1. Choose a value inside.",
        ),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(evidence, method, parameters, message):
    with pytest.raises(UsageError) as caught:
        fit(method, evidence, parameters)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", METHODS)
def test_every_default_lies_inside_its_range_and_is_reported_as_used(evidence, name):
    _, used = fit(name, evidence, {})
    assert used == METHODS[name].defaults
    assert all(RANGES[key][0] <= value <= RANGES[key][1] for key, value in used.items())


def test_a_given_parameter_replaces_only_its_own_default(evidence):
    _, used = fit("displacement", evidence, {"share": 0.1})
    assert used == METHODS["displacement"].defaults | {"share": 0.1}
