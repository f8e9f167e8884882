"""The changes that money is made of come from where they should."""

from types import SimpleNamespace

import numpy as np
import pytest
from tests.value.ledger import resampled

from dohyo.stats.bootstrap import Resampled
from dohyo.value.changes import changes_of, changes_of_report, standard_error

RATES = {"false_rate_image": 0.01, "false_rate_text": -0.02, "false_rate_cross": 0.04}


def decision(growing=0.5, tasks=(), **figures: Resampled) -> SimpleNamespace:
    names = {"judged": "judged_recall_at_10"}
    return SimpleNamespace(
        protocols={
            name: SimpleNamespace(resampled={names.get(name, "mixed_recall_at_10"): each})
            for name, each in figures.items()
        },
        policy=SimpleNamespace(growing=growing),
        tasks=dict(tasks),
    )


@pytest.mark.parametrize("growing", [0.0, 0.3, 1.0])
def test_both_protocols_are_weighed_by_the_share_of_growth(growing):
    query, corpus = resampled(0.4, 0.03, seed=1), resampled(0.1, 0.02, seed=2)
    found = changes_of(decision(growing, unseen_query=query, unseen_corpus=corpus)).found
    assert found.value == pytest.approx((1 - growing) * 0.4 + growing * 0.1)
    together = (1 - growing) * query.replicates + growing * corpus.replicates
    assert np.allclose(found.replicates, together)  # replicate by replicate: jointly drawn


def test_judged_queries_come_first():
    own, other = resampled(0.05, 0.01), resampled(0.4, 0.03)
    found = changes_of(decision(judged=own, unseen_query=other, unseen_corpus=other)).found
    assert found is own


def test_without_held_out_searches_nothing_is_known():
    told = changes_of(decision())
    assert told.found is told.false is told.missed is None


def test_one_threshold_gives_missed_matches_and_the_mean_false_rate():
    figures = {
        name: SimpleNamespace(change=resampled(rate, 0.001))
        for name, rate in (RATES | {"missed_matches": -0.3}).items()
    }
    told = changes_of(
        decision(
            unseen_query=resampled(0.4, 0.03),
            tasks={"comparability": SimpleNamespace(figures=figures)},
        )
    )
    assert told.missed.value == -0.3
    assert told.false.value == pytest.approx(0.01)
    absent = changes_of(decision(tasks={"comparability": None}))
    assert absent.missed is None


def test_a_written_report_gives_the_changes_it_was_written_from():
    query, corpus = resampled(0.4, 0.03, seed=1), resampled(0.1, 0.02, seed=2)
    report = {
        "verify": {
            "clustering": None,
            "unseen_query": {"change": {"mixed_recall_at_10": query.estimate().to_json()}},
            "unseen_corpus": {"change": {"mixed_recall_at_10": corpus.estimate().to_json()}},
            "comparability": {
                "change": {
                    name: resampled(rate, 0.001).estimate().to_json()
                    for name, rate in (RATES | {"missed_matches": -0.3}).items()
                }
            },
        },
        "decision": {"policy": {"growing": 0.5}},
    }
    told = changes_of_report(report)
    assert told.found.value == pytest.approx(0.25)
    # Moving as one, the two standard errors are averaged as they are: the widest that it can be.
    wanted = (standard_error(query.estimate()) + standard_error(corpus.estimate())) / 2
    assert standard_error(told.found.estimate()) == pytest.approx(wanted, rel=0.01)
    assert told.found.standard_error() == pytest.approx(wanted, rel=0.01)
    assert told.missed.value == -0.3
    assert np.ptp(told.false.replicates) == pytest.approx(0, abs=1e-12)
