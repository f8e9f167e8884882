import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from dohyo.measures.same_modality_share import base_rate, same_modality_share
from worlds import paired, sphere, turn, view_of

any_sides = given(
    seed=st.integers(0, 2**32 - 1), n=st.integers(2, 40), m=st.integers(2, 40), d=st.integers(3, 10)
)


def sides(seed, n, m, d):
    rng = np.random.default_rng(seed)
    return rng, sphere(rng, n, d), sphere(rng, m, d)


def share(image, text):
    return same_modality_share(view_of(image, text)).value


def by_sklearn(image, text):
    union = np.concatenate([image, text])
    kind = np.repeat([0, 1], [len(image), len(text)])
    k = min(10, len(union) - 1)
    found = NearestNeighbors(n_neighbors=k, metric="cosine").fit(union)
    same = kind[found.kneighbors(return_distance=False)] == kind[:, None]
    return np.mean([same[kind == 0].mean(), same[kind == 1].mean()])


@any_sides
def test_it_counts_the_neighbours_that_sklearn_finds(seed, n, m, d):
    _, image, text = sides(seed, n, m, d)
    assert share(image, text) == pytest.approx(by_sklearn(image, text), abs=1e-12)


@any_sides
def test_a_rotation_a_shuffle_and_a_swap_change_nothing(seed, n, m, d):
    rng, image, text = sides(seed, n, m, d)
    turned = turn(rng, d).astype(np.float32)
    assert share(text @ turned, rng.permutation(image) @ turned) == pytest.approx(
        share(image, text), abs=0.01
    )  # rounding may exchange two neighbours that are equally near


def test_a_gap_hides_the_other_kind_and_no_gap_shows_it_at_its_base_rate():
    rng = np.random.default_rng(0)
    apart = paired(rng, 60, 16, gap=3.0)
    assert share(apart.unit("image"), apart.unit("text")) == 1.0
    mixed = view_of(sphere(rng, 400, 8), sphere(rng, 100, 8))
    estimate = same_modality_share(mixed)
    assert estimate.low <= base_rate(mixed) <= estimate.high
    assert base_rate(mixed) == pytest.approx((399 / 499 + 99 / 499) / 2)


def test_the_lone_pair_has_only_the_other_for_a_neighbour():
    rows = sphere(np.random.default_rng(1), 2, 3)
    estimate = same_modality_share(view_of(rows[:1], rows[1:], np.zeros(1, int)))
    assert (estimate.value, estimate.n) == (0.0, 1)
