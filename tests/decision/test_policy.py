import math

import pytest

from dohyo.corrections.recipe import Recipe
from dohyo.decision.policy import RANGES, Policy, policy_for
from dohyo.errors import UsageError


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("value", [-0.1, math.nan])
def test_a_tolerance_out_of_range_is_refused_in_one_sentence(name, value):
    low, high = RANGES[name]
    with pytest.raises(UsageError) as caught:
        Policy(**{name: value})
    assert caught.value.what == f"{name} is {value}, outside {low:g} to {high:g}."


def test_growth_beyond_all_searches_is_refused():
    with pytest.raises(UsageError, match=r"^growing is 1\.5, outside 0 to 1\. "):
        policy_for(1.5)


@pytest.mark.parametrize(
    ("growing", "guarded"),
    [
        (0.0, ("unseen_query",)),
        (1.0, ("unseen_corpus",)),
        (0.001, ("unseen_query", "unseen_corpus")),
        (0.5, ("unseen_query", "unseen_corpus")),
        (0.999, ("unseen_query", "unseen_corpus")),
    ],
)
def test_only_a_protocol_that_nobody_searches_by_is_let_off(growing, guarded):
    assert Policy(growing=growing).guarded == guarded


def test_the_default_is_a_half_and_is_printed():
    assert policy_for(None) == Policy()
    assert Policy().to_json()["growing"] == 0.5


def test_calibrated_recipes_are_learnt_for_the_same_growth_and_others_left():
    policy = Policy(growing=0.2)
    assert policy.weighed(Recipe(method="calibrate")).parameters == {"growing": 0.2}
    offset = Recipe(method="center", parameters={"calibrate": 1.0})
    assert policy.weighed(offset).parameters == {"calibrate": 1.0, "growing": 0.2}
    assert policy.weighed(Recipe(method="center")) == Recipe(method="center")
    assert Policy().weighed(offset) is offset
    named = Recipe(method="calibrate", parameters={"growing": 0.9})
    assert policy.weighed(named) == named
