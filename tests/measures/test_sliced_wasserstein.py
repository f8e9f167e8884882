import numpy as np
import ot
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, wasserstein_distance

from dohyo.errors import CorpusError
from dohyo.measures import sliced_wasserstein as module
from dohyo.measures.sliced_wasserstein import directions, sliced_wasserstein, wasserstein_squared
from worlds import Population, paired, sphere, strangers, turn, view_of


@pytest.fixture(autouse=True)
def fewer_draws(monkeypatch):
    """The p-value is exact at any number of draws."""
    monkeypatch.setattr(module, "DRAWS", 19)
    monkeypatch.setattr(module, "TESTED", 32)


any_sides = given(
    seed=st.integers(0, 2**32 - 1), n=st.integers(2, 30), m=st.integers(2, 30), d=st.integers(2, 12)
)


@any_sides
def test_it_is_pots_figure_on_the_same_directions(seed, n, m, d):
    rng = np.random.default_rng(seed)
    image, text = sphere(rng, n, d), sphere(rng, m, d)
    theirs = ot.sliced_wasserstein_distance(
        image.astype(float), text.astype(float), projections=directions(d).T.astype(float), p=2
    )
    # The projections are taken in float32.
    assert sliced_wasserstein(view_of(image, text)).value == pytest.approx(theirs, abs=1e-6)


@any_sides
def test_on_a_line_the_kernel_is_pots_and_bounds_scipys(seed, n, m, d):
    rng = np.random.default_rng(seed)
    x, y = np.sort(rng.normal(size=n)), np.sort(rng.normal(d, 2, size=m))
    ours = wasserstein_squared(x[None], y[None])[0]
    assert ours == pytest.approx(ot.wasserstein_1d(x, y, p=2), abs=1e-10)
    assert ours >= wasserstein_distance(x, y) ** 2 - 1e-12  # W₁ is never above W₂
    assert wasserstein_squared(x[None], x[None] + d)[0] == pytest.approx(
        wasserstein_distance(x, x + d) ** 2
    )  # and equal to it for a shift


@any_sides
def test_the_sides_may_be_swapped_rows_shuffled_and_all_rows_doubled(seed, n, m, d):
    rng = np.random.default_rng(seed)
    image, text = sphere(rng, n, d), sphere(rng, m, d)
    still = sliced_wasserstein(view_of(image, text)).value
    for moved in (
        view_of(text, image),
        view_of(rng.permutation(image), rng.permutation(text)),
        view_of(image.repeat(2, 0), text),
    ):
        assert sliced_wasserstein(moved).value == pytest.approx(still, abs=1e-6)


def test_a_rotation_matters_no_more_than_other_directions_do():
    rng = np.random.default_rng(0)
    view = Population(8, gap=0.3).sample(0, 200)
    still = sliced_wasserstein(view)
    for _ in range(20):
        turned = turn(rng, 8).astype(np.float32)
        moved = sliced_wasserstein(
            view_of(view.image @ turned, view.text @ turned, view.text_to_image)
        )
        assert moved.value == pytest.approx(still.value, rel=0.03)


@pytest.mark.parametrize("d", [3, 48, 200])
def test_a_pure_shift_reads_its_length_over_the_root_of_the_dimension(d):
    rng = np.random.default_rng(1)
    rows = sphere(rng, 40, d)
    shift = sphere(rng, 1, d) * 0.7
    estimate = sliced_wasserstein(view_of(rows, rows + shift))
    assert estimate.value == pytest.approx(0.7 / np.sqrt(d), rel=1e-5)


def test_the_directions_are_whole_bases():
    for d, count in ((1, 1), (2, 64), (5, 65), (64, 64), (100, 100), (600, 512)):
        along = directions(d)
        assert along.shape == (count, d)
        part = along[: min(d, count)]
        assert part @ part.T == pytest.approx(np.eye(len(part)), abs=1e-5)


def true_figure(everybody):
    d = everybody.image.shape[1]
    squares = []
    for seed in range(1_000, 1_010):
        along = directions(d, seed)
        x, y = (
            np.sort(along @ side.T, 1).astype(float) for side in (everybody.image, everybody.text)
        )
        squares.append(wasserstein_squared(x, y).mean())
    return np.sqrt(np.mean(squares))


@pytest.mark.parametrize("pairs", [True, False])
@pytest.mark.parametrize(("d", "n", "gap"), [(8, 60, 0.3), (96, 60, 0.3), (8, 60, 0.0)])
def test_the_interval_covers_the_truth_95_percent_of_the_time(d, n, gap, pairs, monkeypatch):
    monkeypatch.setattr(module, "DRAWS", 1)
    everybody = Population(d, gap=gap)
    truth, covered = true_figure(everybody), 0
    for seed in range(400):
        view = everybody.sample(seed, n)
        if not pairs:
            view = view_of(view.image, everybody.sample(seed + 10**6, n).text, seed=seed)
        estimate = sliced_wasserstein(view)
        covered += estimate.low <= truth <= estimate.high
    assert covered >= binom.ppf(0.001, 400, 0.95)
    if gap:  # without one the interval ends at 0 and cannot be missed from below
        assert covered <= binom.ppf(0.999, 400, 0.95)


WORLDS = {
    "pairs": lambda rng, gap: paired(rng, 24, 4, gap=gap),
    "several texts each": lambda rng, gap: paired(rng, 16, 4, texts_each=3, gap=gap),
    "no pairs": lambda rng, gap: strangers(rng, 24, 4, gap=gap),
}


def rejections(world, gap, corpora):
    rejected = 0
    for seed in range(corpora):
        corpus = WORLDS[world](np.random.default_rng(seed), gap)
        groups = None if world == "no pairs" else corpus.groups("text")
        view = view_of(corpus.unit("image"), corpus.unit("text"), groups, seed=seed)
        rejected += sliced_wasserstein(view).p <= 0.05
    return rejected


@pytest.mark.parametrize("world", WORLDS)
def test_without_a_gap_it_rejects_as_often_as_promised(world):
    rejected = rejections(world, 0.0, 400)
    assert binom.ppf(0.001, 400, 0.05) <= rejected <= binom.ppf(0.999, 400, 0.05)


@pytest.mark.parametrize("world", WORLDS)
def test_the_power_grows_with_the_shift(world):
    few, some, every = (rejections(world, gap, 50) for gap in (0.02, 0.15, 0.8))
    assert few < some < every == 50


def test_equal_sides_are_no_gap():
    rows = sphere(np.random.default_rng(3), 30, 5)
    same = np.tile(rows[:1], (30, 1))
    for side in (rows, same):
        estimate = sliced_wasserstein(view_of(side, side, np.arange(30)))
        assert estimate.value == pytest.approx(0.0, abs=1e-12)
        assert estimate.low == 0.0
        assert estimate.p > 0.05
    assert sliced_wasserstein(view_of(same[:, :1], same[:, :1])).value == 0.0


def test_thousands_of_copies_get_a_figure():
    rows = np.repeat(sphere(np.random.default_rng(4), 3, 8), 800, 0)
    estimate = sliced_wasserstein(view_of(rows, rows[::-1]))
    assert 0 <= estimate.low <= estimate.high < 0.1


@pytest.mark.parametrize(("images", "texts", "side"), [(1, 9, "images"), (9, 1, "texts")])
def test_where_it_cannot_be_taken_it_says_why(images, texts, side):
    rng = np.random.default_rng(5)
    with pytest.raises(CorpusError, match=rf"needs {side} in two groups\. Give more items\.$"):
        sliced_wasserstein(view_of(sphere(rng, images, 3), sphere(rng, texts, 3)))
