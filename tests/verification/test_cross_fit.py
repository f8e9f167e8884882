from dataclasses import replace

import numpy as np
import pytest

from dohyo.corrections.evidence import Evidence
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.verification.compare import share_departure
from dohyo.verification.cross_fit import calibrated, offset_among
from dohyo.verification.evaluate import Pool, evaluate
from dohyo.verification.protocols import PROTOCOLS
from worlds import paired

WORLD = paired(np.random.default_rng(0), 160, 16, gap=1.2)


@pytest.fixture(scope="module")
def plain():
    return {protocol: evaluate(Pool(WORLD), [NOTHING], protocol)[0] for protocol in PROTOCOLS}


@pytest.mark.parametrize("growing", [0.0, 0.5, 1.0])
def test_on_average_each_kind_fills_its_base_rate(plain, growing):
    after, _ = calibrated(plain, growing)
    weights = {"unseen_query": 1 - growing, "unseen_corpus": growing}
    for modality in ("image", "text"):
        off = sum(weights[p] * share_departure(after[p].ranked)[modality] for p in PROTOCOLS)
        assert off == pytest.approx(0.0, abs=0.02)


def test_no_fold_helps_to_set_its_own_offset(plain):
    """Were the queries of a fold looked at, spoiling them would move its own offset."""
    spoilt = {}
    for protocol, outcome in plain.items():
        same = outcome.lists.same.copy()
        same[outcome.fold == 2] += 5.0
        spoilt[protocol] = _with_same(outcome, same)
    assert offset_among(spoilt, 0.5, without=2) == offset_among(plain, 0.5, without=2)
    assert offset_among(spoilt, 0.5, without=1) != offset_among(plain, 0.5, without=1)


def _with_same(outcome, same):
    return replace(outcome, lists=replace(outcome.lists, same=same))


def test_recall_within_the_other_kind_is_untouched(plain):
    after, _ = calibrated(plain, 0.5)
    for protocol in PROTOCOLS:
        for metric in ("recall_at_1", "recall_at_10"):
            np.testing.assert_array_equal(
                after[protocol].ranked.metric(metric), plain[protocol].ranked.metric(metric)
            )


def test_it_agrees_with_maps_that_rehearse_by_themselves(plain):
    """Both learn the same thing, one from the folds at hand and one from folds of its own."""
    after, _ = calibrated(plain, 0.5)
    for protocol in PROTOCOLS:
        (fitted,) = evaluate(Pool(WORLD), [Recipe(method="calibrate")], protocol)
        there, here = (np.nanmean(o.ranked.mixed_ndcg_at_10) for o in (fitted, after[protocol]))
        assert here == pytest.approx(there, abs=0.03)


def test_the_offset_of_a_recipe_is_used_as_it_is(plain):
    _, offset = calibrated(plain, 0.5)
    fitted = Recipe(method="calibrate", offset=offset).fit(Evidence.of(WORLD))
    assert fitted.offset == pytest.approx(offset)
