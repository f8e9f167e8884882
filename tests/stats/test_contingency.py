"""Agreement of two divisions is scikit-learn's, and weights stand for repeated rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from dohyo.stats.contingency import agreement

ORACLES = {
    "homogeneity": lambda cluster, kind: metrics.homogeneity_score(kind, cluster),
    "completeness": lambda cluster, kind: metrics.completeness_score(kind, cluster),
    "v_measure": lambda cluster, kind: metrics.v_measure_score(kind, cluster),
    "nmi": lambda cluster, kind: metrics.normalized_mutual_info_score(kind, cluster),
    "ari": lambda cluster, kind: metrics.adjusted_rand_score(kind, cluster),
}


def figures(cluster, kind, weight=None) -> dict[str, float]:
    weight = np.ones((1, len(kind))) if weight is None else weight
    found = agreement(weight, cluster, kind)
    return {name: getattr(found, name) for name in ORACLES}


@given(st.integers(0, 10_000), st.integers(2, 80), st.integers(1, 9), st.integers(1, 9))
def test_every_figure_is_that_of_scikit_learn(seed, rows, clusters, kinds):
    rng = np.random.default_rng(seed)
    cluster, kind = rng.integers(0, clusters, rows), rng.integers(0, kinds, rows)
    for name, found in figures(cluster, kind).items():
        assert found[0] == pytest.approx(ORACLES[name](cluster, kind), abs=1e-9), name


@given(st.integers(0, 10_000))
def test_a_row_of_weight_two_counts_as_two_and_one_of_none_is_absent(seed):
    rng = np.random.default_rng(seed)
    cluster, kind = rng.integers(0, 4, 30), rng.integers(5, 8, 30)
    weight = rng.integers(0, 4, (3, 30))
    weight[:, :2] = 1
    found = figures(cluster, kind, weight.astype(float))
    for place, each in enumerate(weight):
        repeated = np.repeat(cluster, each), np.repeat(kind, each)
        for name, value in found.items():
            assert value[place] == pytest.approx(ORACLES[name](*repeated), abs=1e-9), name


def test_perfect_and_constant_divisions():
    kind = np.repeat(np.arange(3), 5)
    assert all(value[0] == pytest.approx(1.0) for value in figures(2 - kind, kind).values())
    one = figures(np.zeros(15, int), kind)
    assert one["homogeneity"][0] == one["nmi"][0] == one["ari"][0] == 0
    assert one["completeness"][0] == 1


def test_blocks_of_weightings_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    cluster, kind = rng.integers(0, 4, 50), rng.integers(0, 3, 50)
    weight = rng.integers(0, 3, (20, 50)).astype(float)
    whole = figures(cluster, kind, weight)
    monkeypatch.setattr("dohyo.stats.contingency.CELLS_PER_BLOCK", 30)
    for name, value in figures(cluster, kind, weight).items():
        np.testing.assert_allclose(value, whole[name])
