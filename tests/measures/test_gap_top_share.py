import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.decomposition import PCA

from dohyo.errors import CorpusError
from dohyo.measures.gap_top_share import gap_top_share, in_a_random_direction, share
from dohyo.rows import unit_rows
from worlds import sphere, turn, view_of

any_sides = given(seed=st.integers(0, 2**32 - 1), n=st.integers(15, 40), d=st.integers(3, 20))
SCALE = np.repeat([0.3, 0.05], [10, 20])


def sides(seed, n, d):
    rng = np.random.default_rng(seed)
    wide = 0.8 ** np.arange(d)
    image, text = rng.normal(size=(2, n, d)) * wide
    return rng, unit_rows(image + rng.normal(size=d)), unit_rows(text)


def planted(seed, n, inside):
    """Ten wide directions, twenty narrow ones; the gap in one of either, at right angles."""
    rng = np.random.default_rng(seed)
    step = np.zeros(30)
    step[0], step[29] = 0.5 * np.sqrt(inside), 0.5 * np.sqrt(1 - inside)
    base = np.zeros(30)
    base[20] = 3.0
    meaning, image, text = rng.normal(size=(3, n, 30)) * SCALE
    return unit_rows(base + step + meaning + image), unit_rows(base - step + meaning + text)


@any_sides
def test_it_is_the_projection_on_sklearns_components(seed, n, d):
    _, image, text = sides(seed, n, d)
    step = image.mean(0, float) - text.mean(0, float)
    pooled = np.concatenate([s - s.mean(0, float) for s in (image, text)])  # as many of each
    axes = PCA(n_components=min(10, d), svd_solver="full").fit(pooled).components_
    wanted = ((axes @ step) ** 2).sum() / (step @ step)
    estimate = gap_top_share(view_of(image, text))
    assert estimate.value == pytest.approx(wanted, abs=1e-4)


@any_sides
def test_a_rotation_a_shuffle_and_a_swap_change_nothing(seed, n, d):
    rng, image, text = sides(seed, n, d)
    turned = turn(rng, d).astype(np.float32)
    there = share(image, text)
    assert share(rng.permutation(image) @ turned, text @ turned) == pytest.approx(there, abs=2e-3)
    assert share(text, image) == pytest.approx(there, abs=1e-6)


@pytest.mark.parametrize(("inside", "groups"), [(0.1, 150), (0.6, 150), (0.6, 400)])
def test_the_interval_covers_the_truth_95_percent_of_the_time(inside, groups):
    truth = share(*planted(10**6, 200_000, inside))
    assert truth == pytest.approx(inside, abs=0.05)
    estimates = [
        gap_top_share(view_of(*planted(s, groups, inside), np.arange(groups))) for s in range(400)
    ]
    covered = sum(e.low <= truth <= e.high for e in estimates)
    assert covered >= binom.ppf(0.001, 400, 0.95)


def test_where_there_may_be_no_gap_it_claims_nothing():
    unknown = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        estimate = gap_top_share(view_of(sphere(rng, 60, 30), sphere(rng, 60, 30)))
        unknown += (estimate.low, estimate.high) == (0.0, 1.0)
    assert unknown >= binom.ppf(0.001, 100, 0.95)


def test_its_reference_is_the_share_of_a_random_step():
    rng = np.random.default_rng(1)
    shift = unit_rows(rng.normal(size=(300, 40)))
    spread = sphere(rng, 200, 40)
    axes = np.linalg.svd(spread - spread.mean(0), full_matrices=False)[2][:10]
    assert ((shift @ axes.T) ** 2).sum(1).mean() == pytest.approx(
        in_a_random_direction(view_of(spread, spread)), abs=0.03
    )


def test_where_it_cannot_be_taken_it_says_why():
    rows = sphere(np.random.default_rng(2), 2, 4)
    one, other = np.tile(rows[:1], (2_000, 1)), np.tile(rows[1:], (2_000, 1))
    with pytest.raises(CorpusError, match=r"centroids coincide\. Give a corpus whose kinds differ"):
        gap_top_share(view_of(one, one))
    with pytest.raises(CorpusError, match=r"^The share of the gap needs rows that differ\. Give"):
        gap_top_share(view_of(one, other))
