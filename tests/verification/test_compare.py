import json

import numpy as np
import pytest

from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.verification.compare import compare, resampled, resampled_change, share_departure
from dohyo.verification.evaluate import Pool, evaluate
from dohyo.verification.protocols import PROTOCOLS
from dohyo.verification.retrieval import METRICS
from worlds import paired

CORPUS = paired(np.random.default_rng(0), 60, 12, texts_each=2, gap=1.0)


@pytest.fixture(scope="module", params=PROTOCOLS)
def both(request):
    before, after = evaluate(Pool(CORPUS), [NOTHING, Recipe(method="center")], request.param)
    gap_left = before.gap_left, after.gap_left
    comparison = compare(before.ranked, after.ranked, request.param, gap_left=gap_left)
    return request.param, before.ranked, after.ranked, comparison


def test_the_change_is_after_less_before_with_an_interval_and_a_p_value(both):
    _, _, _, comparison = both
    for name in METRICS:
        before, after, change = (
            getattr(comparison, w)[name] for w in ("before", "after", "change")
        )
        assert change.value == pytest.approx(after.value - before.value)
        assert change.n == 60  # groups, not queries
        assert 0 < change.p <= 1
    gain = comparison.change["mixed_ndcg_at_10"]
    assert gain.low > 0
    assert gain.p < 0.01


def test_pairing_by_query_makes_the_change_surer_than_its_parts(both):
    protocol, before, after, _ = both
    paired_by_query = resampled_change(before, after, "recall_at_1", protocol, seed=0)
    parts = [resampled(r, "recall_at_1", protocol, seed=0) for r in (before, after)]
    apart = np.hypot(*(part.standard_error() for part in parts))
    assert paired_by_query.standard_error() < apart


def test_nothing_done_is_no_change(both):
    protocol, before, _, _ = both
    nothing = compare(before, before, protocol, gap_left=(1.0, 1.0))
    for change in nothing.change.values():
        assert (change.value, change.low, change.high, change.p) == (0.0, 0.0, 0.0, 1.0)


def test_recall_weighs_both_directions_alike_and_so_does_all_of_unseen_query(both):
    protocol, before, _, comparison = both
    for name in METRICS:
        figure = before.metric(name)
        by_direction = np.mean([np.nanmean(figure[before.modality == m]) for m in (0, 1)])
        plain = np.nanmean(figure)
        wanted = by_direction if protocol == "unseen_query" or "recall_at" in name[:9] else plain
        assert comparison.before[name].value == pytest.approx(wanted)


def test_shares_are_told_by_the_kind_of_the_query(both):
    _, before, after, comparison = both
    for number, name in enumerate(("image", "text")):
        here = after.modality == number
        assert comparison.cross_share_by_modality[name] == pytest.approx(
            after.cross_share[here].mean()
        )
        assert comparison.base_rate[name] == pytest.approx(before.base_rate[here].mean())
        assert share_departure(after)[name] == pytest.approx(
            comparison.cross_share_by_modality[name] - comparison.base_rate[name]
        )
        for ranked, told in zip((before, after), comparison.cross_by_rank[name], strict=True):
            assert np.mean(told) == pytest.approx(ranked.cross_share[here].mean())


def test_it_serialises_with_the_keys_of_the_contract(both):
    *_, comparison = both
    document = json.loads(json.dumps(comparison.to_json()))
    for part in ("before", "after", "change"):
        assert list(document[part]) == list(METRICS)
        assert {"value", "low", "high", "n", "seed"} <= set(document[part]["recall_at_1"])
    assert set(document["gap_left"]) == {"before", "after"}
