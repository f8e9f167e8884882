import json

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import LADDER, NOTHING, Recipe
from dohyo.decision.choose import Candidate, choose_among, settle, try_ladder
from dohyo.decision.policy import Policy
from dohyo.decision.reason import Reason
from dohyo.verification.compare import share_departure
from dohyo.verification.evaluate import Pool, evaluate
from dohyo.verification.protocols import PROTOCOLS
from dohyo.words import Words
from worlds import paired

POLICY = Policy()
HARM = (Reason("none_passes"),)


@pytest.fixture
def candidates(scored):
    """Make candidates of these mean mixed nDCG@10; each difference to the best errs by .02."""

    def make(*means, failing=()):
        return [
            Candidate(
                recipe=Recipe(method=f"rung {place}"),
                scores=dict.fromkeys(
                    PROTOCOLS, scored(mixed=(mean, 0.02 if mean == max(means) else 0.04))
                ),
                why=HARM if place in failing else (),
                passes=place not in failing,
            )
            for place, mean in enumerate(means)
        ]

    return make


def chosen(choice):
    return choice.recipe.method, [candidate.why[0].code for candidate in choice.candidates]


def test_a_clear_winner_is_chosen_however_far_up_the_ladder(candidates):
    method, why = chosen(choose_among(candidates(0.5, 0.6, 0.7)))
    assert (method, why) == ("rung 2", ["beaten", "beaten", "chosen_best"])


def test_within_one_standard_error_of_the_best_the_most_conservative_is_chosen(candidates):
    method, why = chosen(choose_among(candidates(0.60, 0.685, 0.69, 0.70)))
    assert method == "rung 1"
    assert why == ["beaten", "chosen_conservative", "less_conservative", "less_conservative"]


def test_what_all_candidates_share_is_no_error_between_them(scored):
    """Queries that are hard for every candidate make each figure uncertain, not the order."""
    shared = [
        Candidate(
            recipe=Recipe(method=f"rung {place}"),
            scores=dict.fromkeys(PROTOCOLS, scored(mixed=(mean, 0.05))),
            why=(),
            passes=True,
        )
        for place, mean in enumerate((0.68, 0.70))
    ]
    assert chosen(choose_among(shared)) == ("rung 1", ["beaten", "chosen_best"])


def test_just_beyond_one_standard_error_it_is_not(candidates):
    assert chosen(choose_among(candidates(0.679, 0.70)))[0] == "rung 1"
    assert chosen(choose_among(candidates(0.681, 0.70)))[0] == "rung 0"


def test_one_that_fails_a_guardrail_neither_wins_nor_sets_the_mark(candidates):
    method, why = chosen(choose_among(candidates(0.5, 0.6, 0.9, failing={2})))
    assert (method, why) == ("rung 1", ["beaten", "chosen_best", "none_passes"])


def test_when_none_passes_nothing_is_chosen(candidates):
    choice = choose_among(candidates(0.5, 0.6, failing={0, 1}))
    assert choice.recipe is NOTHING
    assert [candidate.why for candidate in choice.candidates] == [HARM, HARM]


def test_the_mean_is_over_both_protocols(scored):
    both = dict(zip(PROTOCOLS, (scored(mixed=(0.2, 0.02)), scored(mixed=(0.8, 0.04))), strict=True))
    candidate = Candidate(recipe=NOTHING, scores=both, why=(), passes=True)
    assert candidate.mixed.value == pytest.approx(0.5)
    assert candidate.mixed.standard_error() == pytest.approx(0.03, rel=0.01)


@pytest.mark.parametrize(("growing", "mean"), [(0.0, 0.2), (0.25, 0.35), (1.0, 0.8)])
def test_the_share_of_growth_weighs_the_protocols(growing, mean, scored):
    both = dict(zip(PROTOCOLS, (scored(mixed=(0.2, 0.02)), scored(mixed=(0.8, 0.04))), strict=True))
    candidate = Candidate(recipe=NOTHING, scores=both, why=(), passes=True, growing=growing)
    assert candidate.mixed.value == pytest.approx(mean)


def test_growth_can_turn_the_choice():
    """Both pass; one is better on unseen queries, the other on an unseen corpus."""
    ladder = [Recipe(method="displacement"), Recipe(method="whiten", parameters={"shrinkage": 0.5})]
    still, growing = (
        try_ladder(CORPUS, ladder, policy=Policy(growing=g, neighbours_kept=0.0)) for g in (0, 1)
    )
    first, second = still.candidates
    assert first.mixed.value == first.scores["unseen_query"].mixed.value
    assert growing.candidates[1].mixed.value == second.scores["unseen_corpus"].mixed.value


CORPUS = paired(np.random.default_rng(0), 100, 16)


def test_every_rung_is_tried_under_both_protocols():
    choice = try_ladder(CORPUS, LADDER, policy=POLICY)
    assert [candidate.recipe for candidate in choice.candidates] == list(LADDER)
    assert choice.recipe in LADDER
    for candidate in choice.candidates:
        assert set(candidate.scores) == set(PROTOCOLS)
        document = json.loads(json.dumps(candidate.to_json(POLICY, Words())))
        assert document["method"] == candidate.recipe.method
        assert document["passes"] == candidate.passes
        assert all(document["why"])
        scores = document["scores"]
        assert {"mean_mixed_ndcg_at_10", "mean_cross_share"} <= set(scores)
        assert set(scores["information"]["neighbours_kept"]) == {"image", "text"}


def test_a_longer_row_is_the_same_evidence():
    longer = Corpus.from_arrays(CORPUS.image * 4, CORPUS.text / 4)
    there, here = (try_ladder(c, LADDER, policy=POLICY) for c in (longer, CORPUS))
    assert [c.mixed.value for c in there.candidates] == [c.mixed.value for c in here.candidates]


def test_a_choice_that_half_of_the_folds_share_stands(candidates):
    choice = choose_among(candidates(0.5, 0.7))
    first, second = (candidate.recipe for candidate in choice.candidates)
    assert settle(choice, [second, first, second, first]) is choice


def test_a_choice_that_the_folds_do_not_share_gives_way_to_theirs(candidates):
    choice = choose_among(candidates(0.5, 0.6, 0.7))
    first = choice.candidates[0].recipe
    method, why = chosen(settle(choice, [first, first, first, NOTHING]))
    assert (method, why) == ("rung 0", ["chosen_steady", "less_steady", "less_steady"])


def test_folds_that_differ_in_options_alone_agree(candidates):
    """With and without hub correction a method is near its own twin: the folds toss a coin."""
    choice = choose_among(candidates(0.5, 0.6, 0.7))
    third = choice.recipe
    twin = Recipe(method=third.method, parameters={"hubs": 0.5})
    other = choice.candidates[0].recipe
    assert settle(choice, [twin, other, twin, other]) is choice


def test_folds_that_differ_among_themselves_let_it_stand(candidates):
    choice = choose_among(candidates(0.5, 0.6, 0.7, 0.71, failing={0}))
    failing, second, third, _ = (candidate.recipe for candidate in choice.candidates)
    assert settle(choice, [failing, failing, failing, third]) is choice
    assert settle(choice, [failing, second, third, NOTHING]) is choice


def test_folds_that_would_rather_not_correct_leave_nothing(candidates):
    choice = choose_among(candidates(0.5, 0.6, 0.7))
    first, second, _ = (candidate.recipe for candidate in choice.candidates)
    assert settle(choice, [NOTHING, NOTHING, first, second]).recipe is NOTHING


@pytest.mark.parametrize("hubs", [0.0, 0.5])
def test_the_offset_that_the_folds_call_for_is_one_that_a_fitted_map_adds(hubs):
    """A search with hub correction compares scaled rows; a map adds its offset to plain scores."""
    world = paired(np.random.default_rng(8), 160, 16, gap=1.2)
    rung = Recipe(method="calibrate", parameters={"calibrate": 1.0, "hubs": hubs})
    (candidate,) = try_ladder(world, [rung], policy=POLICY).candidates
    for protocol in PROTOCOLS:
        before, after = evaluate(Pool(world), [NOTHING, candidate.recipe], protocol)
        assert min(share_departure(before.ranked).values()) < -0.3
        for modality, off in share_departure(after.ranked).items():
            assert off == pytest.approx(candidate.scores[protocol].departure[modality], abs=0.03)
