import pytest

from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.choose import Candidate
from dohyo.decision.policy import Policy
from dohyo.decision.proof import Proof
from dohyo.decision.reason import Reason
from dohyo.decision.step_down import decided, step_down
from dohyo.verification.protocols import PROTOCOLS

UNDECIDED = Reason("harm_undecided", {"groups": 900.0})
HARM = Reason("harm")


@pytest.fixture
def rungs(scored):
    """Candidates of these means, from the most conservative up; the best errs by .02."""

    def make(*means, methods=None, failing=()):
        return [
            Candidate(
                recipe=Recipe(method=methods[place] if methods else f"rung {place}"),
                scores=dict.fromkeys(PROTOCOLS, scored(mixed=(mean, 0.02))),
                why=(UNDECIDED,) if place in failing else (),
                passes=place not in failing,
            )
            for place, mean in enumerate(means)
        ]

    return make


def holding(*methods):
    """Prove whatever consists of these methods alone; count how often it was asked."""
    asked = []

    def prove(by_fold):
        asked.append([recipe.method for recipe in by_fold])
        bad = any(recipe.method not in methods for recipe in by_fold)
        return Proof(protocols={}, information=None, failed=(UNDECIDED,) if bad else ())

    prove.asked = asked
    return prove


def codes(step):
    return [reason.code for reason in step.reasons]


def test_what_holds_at_once_is_recommended(rungs):
    whole = rungs(0.5, 0.6, 0.7)
    prove = holding("rung 2")
    step = step_down(whole, [whole] * 4, prove)
    assert (step.verdict, step.choice.recipe.method) == ("correct", "rung 2")
    assert codes(step) == ["all_guardrails"]
    assert len(prove.asked) == 1


def test_what_does_not_hold_gives_way_to_the_next_rung_below_that_does(rungs):
    whole = rungs(0.5, 0.6, 0.7)
    step = step_down(whole, [whole] * 4, holding("rung 0"))
    assert (step.verdict, step.choice.recipe.method) == ("correct", "rung 0")
    assert codes(step) == ["all_guardrails", "bolder_failed", "harm_undecided"]
    assert step.reasons[1].values["method"] == "rung 2"
    assert [c.why[0].code for c in step.choice.candidates] == [
        "chosen_best",
        "stepped_down",
        "stepped_down",
    ]
    assert [recipe.method for recipe in step.by_fold] == ["rung 0"] * 4


def test_when_no_rung_holds_the_first_answer_stands(rungs):
    whole = rungs(0.5, 0.6, 0.7)
    step = step_down(whole, [whole] * 4, holding())
    assert (step.verdict, codes(step)) == ("insufficient_data", ["harm_undecided"])
    assert step.choice.recipe.method == "rung 2"
    assert len(step.choice.candidates) == 3
    assert decided(step, None, Policy(), 0).recipe is NOTHING


def test_a_method_goes_with_all_its_options(rungs):
    """What failed with hub correction is not tried again without it."""
    whole = rungs(0.5, 0.68, 0.7, methods=["a", "b", "b"])
    prove = holding("a")
    assert step_down(whole, [whole] * 4, prove).choice.recipe.method == "a"
    assert prove.asked == [["b"] * 4, ["a"] * 4]


def test_the_boldest_that_any_fold_chose_is_what_is_left_out(rungs):
    whole = rungs(0.5, 0.6, 0.7, failing={2})
    bold = rungs(0.5, 0.6, 0.7)
    prove = holding("rung 1")
    step = step_down(whole, [bold] * 4, prove)
    assert prove.asked == [["rung 2"] * 4, ["rung 1"] * 4]
    assert (step.verdict, step.choice.recipe.method) == ("correct", "rung 1")


def test_without_a_signal_nothing_is_recommended_whatever_holds(rungs):
    whole = rungs(0.5, 0.6)
    step = step_down(whole, [whole] * 4, holding("rung 1"))
    signal = Reason("no_signal", {"value": 0.0, "chance": 0.0, "p": 0.5})
    decision = decided(step, signal, Policy(), 0)
    assert (decision.verdict, decision.recipe) == ("do_not_correct", NOTHING)
    assert decision.reasons == (signal,)
