"""One family of everything tested: how many, corrected, and seldom wrong even once."""

from dataclasses import replace

import numpy as np
from scipy.stats import binom

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.decide import judge
from dohyo.decision.family import adjusted
from dohyo.decision.policy import Policy
from dohyo.decision.verdict import refused
from dohyo.stats.holm import holm
from dohyo.verification.compare import compare
from dohyo.verification.evaluate import Pool, evaluate
from dohyo.verification.protocols import PROTOCOLS
from dohyo.words import Words
from worlds import paired

CORPORA = 300


def every_change(decision):
    for comparison in decision.protocols.values():
        yield from comparison.change.values()
    for task in decision.tasks.values():
        yield from task.figures.values() if task else ()


def test_every_p_of_protocols_and_tasks_is_corrected_as_one_family():
    decision = judge(paired(np.random.default_rng(0), 60, 8), Recipe(method="center"))
    tested = [each for each in every_change(decision) if each.p is not None]
    assert decision.comparisons == len(tested) > 12  # more than the metrics of the protocols
    assert [each.p_holm for each in tested] == holm([each.p for each in tested])
    assert decision.to_json(Words())["comparisons"] == len(tested)
    change = decision.held_out_json()["unseen_query"]["change"]["recall_at_1"]
    assert change["p"] <= change["p_holm"]


def test_nothing_tested_is_a_family_of_none():
    decision = adjusted(refused("insufficient_data", (), Policy(), 0))
    assert (decision.comparisons, decision.protocols, decision.tasks) == (0, {}, {})


def of_no_effect(seed):
    """Return a decision on the change from one measurement of the same pairs to another."""
    rng = np.random.default_rng(seed)
    meaning = rng.normal(size=(60, 8))
    looks = [
        Corpus.from_arrays(*(meaning + 0.6 * rng.normal(size=(2, 60, 8))).astype(np.float32))
        for _ in range(2)
    ]
    protocols = {}
    for protocol in PROTOCOLS:
        one, other = (
            evaluate(Pool(look), [NOTHING], protocol, seed=seed)[0].ranked for look in looks
        )
        protocols[protocol] = compare(one, other, protocol, gap_left=(0.0, 0.0), seed=seed)
    return adjusted(replace(refused("correct", (), Policy(), seed), protocols=protocols))


def test_even_one_false_find_among_all_that_is_shown_is_as_rare_as_promised():
    """Before and after are two measurements alike, so no change is true."""
    decisions = [of_no_effect(seed) for seed in range(CORPORA)]
    wrong = sum(any(e.p_holm <= 0.05 for e in every_change(d)) for d in decisions)
    plain = sum(any(e.p <= 0.05 for e in every_change(d)) for d in decisions)
    most = binom.ppf(0.99, CORPORA, 0.05)
    assert wrong <= most, f"{wrong} of {CORPORA} families of 12, seeds 0 to 299; 5 % promised"
    assert plain > most, f"{plain} of {CORPORA}: without a correction the test must fail"


def test_what_is_shown_is_the_corrected_value():
    decision = judge(paired(np.random.default_rng(0), 60, 8), Recipe(method="center"))
    change = decision.protocols["unseen_query"].change["cross_share"]
    assert change.p_shown == change.p_holm
    assert change.p_shown > change.p
    assert replace(change, p_holm=None).p_shown == change.p
