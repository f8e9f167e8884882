"""What a verdict promises, tried on many corpora whose truth is known (docs/statistics.md).

The tasks and segments told beside a verdict are left out, because no verdict rests on them.
"""

import numpy as np
import pytest
from scipy.stats import binom

from dohyo.corrections.recipe import Recipe
from dohyo.decision import decide as module
from dohyo.decision.decide import decide, judge
from dohyo.decision.policy import Policy
from dohyo.verification.protocols import PROTOCOLS
from populations import (
    five_points,
    gap,
    gap_without_pairs,
    held_out,
    loud_when_scaled,
    pairs_without_gap,
    wide_gap,
)

NULLS = {
    "nothing behind the gap": (gap_without_pairs, "center", 0),
    "no gap": (pairs_without_gap, "center", 10_000),
    "no gap, reshaped": (pairs_without_gap, "whiten", 20_000),
    "a gap closed at the cost of recall": (loud_when_scaled, "standardize", 30_000),
}
EACH = 80
LEVEL = 0.05


@pytest.fixture
def verdict_alone(monkeypatch):
    monkeypatch.setattr(module, "with_tasks", lambda decision, *_: decision)
    monkeypatch.setattr(module, "partitions", lambda *_, **__: ())


def most_allowed(trials):
    """More than this happens once in a hundred times where the rate is 5 %."""
    return binom.ppf(0.99, trials, LEVEL)


@pytest.mark.usefixtures("verdict_alone")
@pytest.mark.parametrize(("population", "method", "first"), NULLS.values(), ids=NULLS.keys())
def test_a_correction_that_does_nothing_or_harms_is_hardly_ever_recommended(
    population, method, first
):
    """Four populations of 80 corpora, 320 in all."""
    seeds = range(first, first + EACH)
    verdicts = [judge(population(s), Recipe(method=method), seed=s).verdict for s in seeds]
    wrong = verdicts.count("correct")
    assert wrong <= most_allowed(EACH), f"{wrong} of {EACH} corpora, seeds from {first}: 5 % hoped"


@pytest.mark.usefixtures("verdict_alone")
def test_guardrails_are_what_stands_between_harm_and_a_recommendation():
    """The test above is able to fail: without the guardrail of recall it would."""
    blind = Policy(recall_margin=1.0, neighbours_kept=0.0)
    verdicts = [
        judge(loud_when_scaled(s), Recipe(method="standardize"), policy=blind, seed=s).verdict
        for s in range(30_000, 30_020)
    ]
    assert verdicts.count("correct") > most_allowed(20), verdicts


@pytest.mark.usefixtures("verdict_alone")
def test_auto_does_not_recommend_what_harms_either():
    """Choice included: of two harmful rungs, forty corpora."""
    rungs = [Recipe(method="standardize"), Recipe(method="whiten", parameters={"shrinkage": 0.02})]
    seeds = range(40_000, 40_040)
    verdicts = [decide(loud_when_scaled(s), ladder=rungs, seed=s).verdict for s in seeds]
    wrong = verdicts.count("correct")
    assert wrong <= most_allowed(40), f"{wrong} of 40 corpora, seeds from 40,000: 5 % hoped"


def test_a_gain_of_five_points_is_recommended_nine_times_in_ten_at_a_thousand_pairs():
    seeds = range(50_000, 50_030)
    proofs = [held_out(five_points(s), Recipe(method="center"), Policy(), seed=s) for s in seeds]
    gained = [p.protocols[q].change["mixed_ndcg_at_10"].value for p in proofs for q in PROTOCOLS]
    assert np.mean(gained) == pytest.approx(0.05, abs=0.005)
    passed = sum(not proof.failed for proof in proofs)
    assert passed >= 27, f"{passed} of 30 corpora of 1,000 pairs, seeds from 50,000: 90 % hoped"


def covered(population, recipe, protocol, metric, seeds):
    """Return the share of intervals that hold the mean over all the corpora, and that mean.

    Fit, index and queries all vary from corpus to corpus.
    """
    proofs = [held_out(population(s), recipe, Policy(), seed=s) for s in seeds]
    found = [proof.protocols[protocol].change[metric] for proof in proofs]
    truth = np.mean([each.value for each in found])
    return np.mean([each.low <= truth <= each.high for each in found]), truth


def as_promised(corpora):
    """The shares that chance leaves 98 times in a hundred to a coverage of 95 ± 2.5 %."""
    return binom.ppf(0.01, corpora, 0.925) / corpora, binom.ppf(0.99, corpora, 0.975) / corpora


@pytest.mark.parametrize(
    ("population", "metric"),
    [(gap, "mixed_ndcg_at_10"), (gap, "recall_at_1"), (wide_gap, "recall_at_1")],
)
def test_intervals_of_the_change_cover_the_truth_as_often_as_they_say(population, metric):
    low, high = as_promised(400)
    rate, truth = covered(
        population, Recipe(method="center"), "unseen_corpus", metric, range(60_000, 60_400)
    )
    assert low <= rate <= high, (
        f"{rate:.3f} of 400 intervals hold {truth:+.4f}, seeds from 60,000; 95 ± 2.5 % promised"
    )


@pytest.mark.parametrize("protocol", ["unseen_query", "unseen_corpus"])
def test_the_standard_error_of_recall_is_its_spread_from_corpus_to_corpus(protocol):
    """All queries search one collection: resampled alone they would show six sevenths of it."""
    proofs = [
        held_out(wide_gap(seed), Recipe(method="center"), Policy(), seed=seed)
        for seed in range(80_000, 80_250)
    ]
    found = [proof.protocols[protocol].resampled["recall_at_1"] for proof in proofs]
    spread = np.std([each.value for each in found], ddof=1)
    told = np.mean([each.standard_error() for each in found])
    # The spread of 250 values is known to one part in twenty-two.
    assert 0.93 <= told / spread <= 1.15, f"{told:.4f} told, {spread:.4f} seen, seeds from 80,000"


@pytest.mark.xfail(strict=True, reason="they take index and offsets as given: docs/statistics.md")
def test_intervals_of_offsets_alone_over_a_narrow_gap_cover_as_often_as_they_say():
    low, high = as_promised(100)
    rate, _ = covered(
        gap, Recipe(method="calibrate"), "unseen_corpus", "mixed_ndcg_at_10", range(70_000, 70_100)
    )
    assert low <= rate <= high
