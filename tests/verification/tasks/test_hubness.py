"""How evenly items are found."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, skew

from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.measures.hub_share import top_share as plain_top_share
from dohyo.stats.bootstrap import bootstrap_statistic
from dohyo.verification.evaluate import Pool
from dohyo.verification.scenes import scenes
from dohyo.verification.tasks import hubness as module
from dohyo.verification.tasks.first_ten import first_tens
from dohyo.verification.tasks.hubness import hubness, skewness, top_share
from worlds import paired

counted = given(counts=st.lists(st.integers(0, 30), min_size=3, max_size=200))


def held(counts):
    value, number = np.unique(counts, return_counts=True)
    return value, number[None, :].astype(np.float64)


@counted
def test_skewness_is_scipys(counts):
    wanted = skew(counts) if np.ptp(counts) else 0.0
    assert skewness(*held(counts))[0] == pytest.approx(wanted, abs=1e-9)


@counted
def test_the_share_of_the_most_found_is_that_of_the_measure(counts):
    wanted = plain_top_share(np.array(counts))
    assert top_share(*held(counts))[0] == pytest.approx(wanted, abs=1e-12)


def test_figures_are_of_the_counts_of_all_folds():
    every = scenes(Pool(paired(np.random.default_rng(0), 120)), [Recipe(method="center")] * 4)
    figures = hubness(every, 0).figures
    for when in ("before", "after"):
        counts = {"": [], "_image": [], "_text": []}
        for ten in first_tens(every):
            found = getattr(ten, when)
            counts[""] += np.bincount(found.mixed.ravel(), minlength=len(ten.kind)).tolist()
            for side, lists in zip(("_image", "_text"), found.own, strict=True):
                counts[side] += np.bincount(lists.ravel(), minlength=len(lists)).tolist()
        for side, each in counts.items():
            assert np.mean(each) == 10
            told = getattr(figures[f"hub_skewness{side}"], when).value
            assert told == pytest.approx(skew(each), abs=1e-9)
            never = getattr(figures[f"never_found{side}"], when).value
            assert never == np.mean(np.array(each) == 0)


def test_a_planted_hub_is_seen():
    """One picture close to everything is the picture that everybody finds."""
    one = scenes(Pool(paired(np.random.default_rng(1), 200)), [NOTHING] * 4)[0]
    queries = {m: rows + 0.5 for m, rows in one.before.queries.items()}
    items = {m: rows.copy() for m, rows in one.before.items.items()}
    items["image"][0] = 5.0
    after = replace(one.before, items=items, queries=queries)
    figures = hubness([replace(one, after=after)], 0).figures
    assert figures["hub_share"].after.value > 0.09  # a hundredth of the items, in every list
    assert figures["hub_share"].change.value > 0.05
    assert figures["never_found"].change.estimate().low > 0


def test_a_fold_of_twenty_of_a_kind_says_nothing_of_it():
    figures = hubness(scenes(Pool(paired(np.random.default_rng(0), 60)), [NOTHING] * 4), 0).figures
    assert list(figures) == ["hub_skewness", "hub_share", "never_found"]
    small = scenes(Pool(paired(np.random.default_rng(0), 40)), [NOTHING] * 4)
    assert hubness(small, 0) is None


def test_a_95_percent_interval_of_the_skewness_covers_the_truth(monkeypatch):
    """Counts of a known skewness: those of a Poisson law of ten, 1/√10."""
    covered = 0
    for seed in range(200):
        counts = np.random.default_rng(seed).poisson(10, 300)
        figures = module._Counts(counts, np.arange(300))
        told = bootstrap_statistic(lambda w, f=figures: f(w)["hub_skewness"], np.arange(300))
        estimate = told.estimate()
        covered += estimate.low <= 1 / np.sqrt(10) <= estimate.high
    assert covered >= binom.ppf(0.001, 200, 0.92)  # the third moment of 300 items is slow to settle
