import numpy as np
import pytest

from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from dohyo.corrections.registry import METHODS, RANGES, checked, method_named
from dohyo.corrections.scores.options import DEFAULTS
from dohyo.errors import UsageError
from worlds import paired


def test_an_unknown_method_is_answered_with_those_there_are():
    with pytest.raises(UsageError) as caught:
        method_named("centre")
    assert str(caught.value) == (
        f"There is no method 'centre'. Choose one of: {', '.join(METHODS)}, auto."
    )


@pytest.mark.parametrize(
    ("method", "parameters", "message"),
    [
        (
            "center",
            {"share": 0.1},
            "center has no parameter 'share'. Its parameters are: calibrate, hubs, growing.",
        ),
        (
            "displacement",
            {"beta": 20.0},
            "displacement has no parameter 'beta'. "
            "Its parameters are: shrinkage, perplexity, share, calibrate, hubs, growing.",
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
def test_a_parameter_that_makes_no_sense_is_refused(method, parameters, message):
    with pytest.raises(UsageError) as caught:
        checked(method, parameters)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", METHODS)
def test_every_default_lies_inside_its_range(name):
    own, common = checked(name, {})
    assert own == METHODS[name].defaults
    assert all(RANGES[k][0] <= value <= RANGES[k][1] for k, value in (own | common).items())


def test_a_given_parameter_replaces_only_its_own_default():
    own, common = checked("displacement", {"share": 0.1, "hubs": 0.5})
    assert own == METHODS["displacement"].defaults | {"share": 0.1}
    assert common == DEFAULTS | {"hubs": 0.5}


def test_to_calibrate_is_what_calibrate_does_unless_told_otherwise():
    assert checked("calibrate", {})[1]["calibrate"] == 1.0
    assert checked("center", {})[1]["calibrate"] == 0.0


def test_a_map_names_the_options_that_were_chosen_and_no_others():
    evidence = Evidence.of(paired(np.random.default_rng(0), 20, 4))
    assert fit_map("center", evidence).parameters == {}
    assert fit_map("center", evidence, {"hubs": 0.5}).parameters == {"hubs": 0.5}
    assert fit_map("calibrate", evidence).parameters == {"calibrate": 1.0}
