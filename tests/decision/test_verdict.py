"""From failed guardrails to one of three answers."""

import pytest

from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.choose import Candidate, Choice
from dohyo.decision.guardrails import failures
from dohyo.decision.policy import Policy
from dohyo.decision.reason import Reason
from dohyo.decision.verdict import verdict_of
from dohyo.verification.protocols import PROTOCOLS

UNDECIDED = {"harm": (-0.02, 0.01)}
MORE_UNDECIDED = {"harm": (-0.02, 0.03)}
HARMFUL = {"harm": (-0.2, 0.01)}
LOPSIDED = {"departure": (0.3, 0.0)}


@pytest.fixture
def choice(scored):
    """Make the choice among candidates of these figures, under both protocols alike."""

    def make(*figures):
        candidates = []
        for place, each in enumerate(figures):
            scores = dict.fromkeys(PROTOCOLS, scored(**each))
            why = failures(scores, Policy())
            recipe = Recipe(method=f"rung {place}")
            candidates.append(Candidate(recipe=recipe, scores=scores, why=why, passes=not why))
        passing = [c.recipe for c in candidates if c.passes]
        return Choice(candidates=tuple(candidates), recipe=passing[0] if passing else NOTHING)

    return make


def answer(choice, *failed):
    verdict, reasons = verdict_of(choice, tuple(map(Reason, failed)))
    return verdict, reasons[0].code


def test_a_choice_that_stands_on_held_out_data_is_to_correct(choice):
    assert answer(choice({})) == ("correct", "all_guardrails")


@pytest.mark.parametrize(
    ("failed", "verdict"),
    [
        (["harm_undecided"], "insufficient_data"),
        (["gain_undecided", "harm_undecided"], "insufficient_data"),
        (["gain_undecided", "harm"], "do_not_correct"),
        (["share_high"], "do_not_correct"),
        (["no_gain"], "do_not_correct"),
    ],
)
def test_what_only_more_data_could_settle_is_insufficient_and_what_it_could_not_is_refused(
    failed, verdict, choice
):
    assert answer(choice({}), *failed) == (verdict, failed[0])


def test_where_no_rung_passes_one_that_more_data_could_let_pass_is_named(choice):
    verdict, reasons = verdict_of(choice(HARMFUL, MORE_UNDECIDED, UNDECIDED, LOPSIDED), ())
    assert (verdict, reasons[0].code) == ("insufficient_data", "more_data")
    assert reasons[0].values["method"] == "rung 2"
    assert reasons[0].values["groups"] == max(r.values["groups"] for r in reasons[1:])


def test_where_more_data_would_help_none_it_is_refused(choice):
    assert answer(choice(HARMFUL, LOPSIDED)) == ("do_not_correct", "none_passes")
    both = UNDECIDED | LOPSIDED  # undecided, but a share will not come right with more data
    assert answer(choice(both)) == ("do_not_correct", "none_passes")
