"""What MMD² and the energy distance have in common."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from dohyo.errors import CorpusError
from dohyo.measures import mmd as mmd_module
from dohyo.measures import two_sample
from dohyo.measures.energy_distance import energy_distance
from dohyo.measures.mmd import mmd
from worlds import paired, sphere, strangers, turn, view_of


@pytest.fixture(autouse=True, scope="module")
def fewer_draws():
    """The p-value is exact at any number of draws; 99 are enough to tell .05."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(two_sample, "DRAWS", 99)
        yield


either = pytest.mark.parametrize("distance", [mmd, energy_distance])
any_sides = given(
    seed=st.integers(0, 2**32 - 1), n=st.integers(3, 30), m=st.integers(3, 30), d=st.integers(2, 12)
)


@either
@any_sides
def test_a_rotation_and_a_shuffle_change_nothing(distance, seed, n, m, d):
    rng = np.random.default_rng(seed)
    image, text, turned = sphere(rng, n, d), sphere(rng, m, d), turn(rng, d).astype(np.float32)
    moved = distance(view_of(rng.permutation(image) @ turned, rng.permutation(text) @ turned))
    still = distance(view_of(image, text))
    assert (moved.value, moved.low, moved.high) == pytest.approx(
        (still.value, still.low, still.high), abs=1e-5
    )  # the rounding of float32 products


@either
@any_sides
def test_the_sides_may_be_swapped(distance, seed, n, m, d):
    rng = np.random.default_rng(seed)
    image, text = sphere(rng, n, d), sphere(rng, m, d)
    there, back = distance(view_of(image, text)), distance(view_of(text, image))
    assert there.value == pytest.approx(back.value, abs=1e-12)


def view(corpus, seed, pairs=True):
    groups = corpus.groups("text") if pairs else None
    return view_of(corpus.unit("image"), corpus.unit("text"), groups, seed=seed)


WORLDS = {
    "pairs": lambda rng, gap: paired(rng, 30, 5, gap=gap),
    "several texts each": lambda rng, gap: paired(rng, 20, 5, texts_each=3, gap=gap),
    "no pairs": lambda rng, gap: strangers(rng, 30, 5, gap=gap),
}


def rejections(distance, world, gap, corpora):
    made = (
        view(WORLDS[world](np.random.default_rng(s), gap), s, world != "no pairs")
        for s in range(corpora)
    )
    return sum(distance(each).p <= 0.05 for each in made)


@either
@pytest.mark.parametrize("world", WORLDS)
def test_without_a_gap_it_rejects_as_often_as_promised(distance, world):
    rejected = rejections(distance, world, 0.0, 400)
    assert binom.ppf(0.001, 400, 0.05) <= rejected <= binom.ppf(0.999, 400, 0.05)


def test_texts_that_are_alike_among_themselves_do_not_look_like_a_gap():
    """Captions of one image that are copies of each other; still no gap."""
    rejected = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        text = np.repeat(sphere(rng, 20, 5), 5, 0)
        owner = np.repeat(np.arange(20), 5)
        rejected += mmd(view_of(sphere(rng, 20, 5), text, owner, seed=seed)).p <= 0.05
    assert rejected <= binom.ppf(0.999, 400, 0.05)


@either
@pytest.mark.parametrize("world", WORLDS)
def test_the_power_grows_with_the_shift(distance, world):
    few, some, all_ = (rejections(distance, world, gap, 60) for gap in (0.02, 0.1, 0.6))
    assert few < some < all_ == 60


@either
def test_a_difference_of_shape_alone_is_seen(distance):
    rng = np.random.default_rng(0)
    flat = sphere(rng, 80, 6) * np.array([1, 1, 1, 0.1, 0.1, 0.1], np.float32)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    estimate = distance(view_of(sphere(rng, 80, 6), flat))
    assert estimate.low > 0
    assert estimate.p == 0.01


@either
def test_equal_rows_are_no_gap(distance):
    same = np.tile(sphere(np.random.default_rng(1), 1, 3), (12, 1))
    for pairs in (np.arange(12), None):
        estimate = distance(view_of(same, same, pairs))
        assert (estimate.value, estimate.low, estimate.high, estimate.p) == (0.0, 0.0, 0.0, 1.0)


@either
@pytest.mark.parametrize("d", [1, 40])
def test_thousands_of_copies_get_a_figure(distance, d):
    rows = np.repeat(sphere(np.random.default_rng(2), 3, d), 500, 0)
    estimate = distance(view_of(rows, rows, np.arange(1500)))
    assert estimate.low <= 0.01 <= estimate.high + 0.01
    assert estimate.p > 0.05


@either
def test_a_large_corpus_is_measured_on_a_part_of_it(distance, monkeypatch):
    rng = np.random.default_rng(3)
    big = view_of(sphere(rng, 90, 4), sphere(rng, 90, 4), np.arange(90))
    monkeypatch.setattr("dohyo.measures.mmd.ROWS", 40)
    monkeypatch.setattr("dohyo.measures.energy_distance.ROWS", 40)
    assert distance(big).n == 40
    assert mmd_module.ROWS == 40


@either
@pytest.mark.parametrize(
    ("images", "texts", "side", "held"), [(1, 9, "image", 1), (9, 2, "text", 2)]
)
def test_where_it_cannot_be_taken_it_says_why(distance, images, texts, side, held):
    rng = np.random.default_rng(4)
    why = rf"needs {side}s in three groups, there are {held}\. Give more items\.$"
    with pytest.raises(CorpusError, match=why):
        distance(view_of(sphere(rng, images, 3), sphere(rng, texts, 3)))
