import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm, subspace_angles
from scipy.stats import binom

from dohyo.errors import CorpusError
from dohyo.measures.spectrum import common_rank, eigenvalues, principal_angles, spectrum
from dohyo.measures.subspace_angle import subspace_angle
from dohyo.rows import unit_rows
from worlds import sphere, turn, view_of

any_sides = given(seed=st.integers(0, 2**32 - 1), n=st.integers(6, 40), d=st.integers(2, 12))


def sides(seed, n, d):
    rng = np.random.default_rng(seed)
    wide = 0.6 ** np.arange(d)
    return (
        rng,
        unit_rows(rng.normal(size=(n, d)) * wide),
        unit_rows(rng.normal(size=(n, d)) * wide @ turn(rng, d)),
    )


def by_scipy(image, text, r):
    bases = [
        np.linalg.svd(side - side.mean(0, float), full_matrices=False)[2][:r].T
        for side in (image, text)
    ]
    return np.degrees(subspace_angles(*bases))


@any_sides
def test_it_is_scipys_mean_subspace_angle(seed, n, d):
    _, image, text = sides(seed, n, d)
    view = view_of(image, text)
    r = common_rank(eigenvalues(image), eigenvalues(text))
    wanted = by_scipy(image, text, r)
    assert subspace_angle(view).value == pytest.approx(wanted.mean(), abs=1e-4)
    assert spectrum(view).angles == pytest.approx(wanted[::-1], abs=1e-4)


def test_the_rank_holds_nine_tenths_of_both_sides():
    assert common_rank(np.array([9.0, 1.0]), np.array([5.0, 4.0])) == 2
    assert common_rank(np.array([9.5, 0.5]), np.array([9.0, 1.0])) == 1
    assert common_rank(np.ones(100), np.ones(100)) == 32


def test_small_angles_keep_their_digits():
    first, second = np.eye(5)[:, :2], np.eye(5)[:, :2].copy()
    second[:, 1] = np.cos(1e-9), 0, 0, 0, 0
    second[:, 1] = [0, np.cos(1e-9), np.sin(1e-9), 0, 0]
    assert np.radians(principal_angles(first, second)) == pytest.approx([0, 1e-9], rel=1e-6)


@any_sides
def test_a_rotation_and_a_shuffle_change_nothing(seed, n, d):
    rng, image, text = sides(seed, n, d)
    turned = turn(rng, d).astype(np.float32)
    there = subspace_angle(view_of(image, text)).value
    moved = subspace_angle(view_of(rng.permutation(image) @ turned, text @ turned)).value
    assert moved == pytest.approx(there, abs=0.1)  # float32 at nearly equal eigenvalues


def test_the_sides_may_be_swapped():
    _, image, text = sides(0, 60, 8)
    assert subspace_angle(view_of(text, image)).value == pytest.approx(
        subspace_angle(view_of(image, text)).value
    )


@pytest.mark.parametrize(
    ("turned", "groups", "most"), [(0.0, 100, 1.0), (0.5, 100, 1.0), (0.5, 400, 1.0)]
)
def test_the_interval_covers_the_truth_at_least_95_percent_of_the_time(turned, groups, most):
    """Four wide directions among twelve; the texts' are turned away from the images'."""
    scale = np.repeat([1.0, 0.15], [4, 8])
    skew = np.random.default_rng(1).normal(size=(12, 12))
    away = expm(turned * (skew - skew.T) / 4)

    def draw(seed, n):
        rng = np.random.default_rng(seed)
        meaning = rng.normal(size=(n, 12))
        other = 0.7 * meaning + 0.7 * rng.normal(size=(n, 12))
        return unit_rows(meaning * scale), unit_rows(other * scale @ away)

    truth = by_scipy(*draw(10**6, 100_000), 4).mean()
    estimates = [subspace_angle(view_of(*draw(s, groups), np.arange(groups))) for s in range(400)]
    covered = sum(e.low <= truth <= e.high for e in estimates)
    assert binom.ppf(0.001, 400, 0.95) <= covered <= most * 400


def test_without_a_turn_the_interval_reaches_zero_though_the_figure_never_does():
    estimates = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        scale = 0.7 ** np.arange(20)
        estimates.append(
            subspace_angle(view_of(*(unit_rows(rng.normal(size=(60, 20)) * scale) for _ in "xy")))
        )
    assert min(e.value for e in estimates) > 4
    assert sum(e.low < 0.01 for e in estimates) >= binom.ppf(0.001, 60, 0.95)


def test_where_it_cannot_be_taken_it_says_why():
    rows = sphere(np.random.default_rng(3), 8, 3)
    same = np.tile(rows[:1], (2_000, 1))
    with pytest.raises(CorpusError, match=r"^The angle of subspaces needs 4 items of each kind\."):
        subspace_angle(view_of(rows[:3], rows))
    with pytest.raises(CorpusError, match=r"^The angle of subspaces needs rows that differ\. Give"):
        subspace_angle(view_of(rows, same))
    assert spectrum(view_of(rows, same)).rank == 0
