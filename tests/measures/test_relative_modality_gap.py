import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from dohyo.errors import CorpusError
from dohyo.measures.relative_modality_gap import relative_modality_gap
from worlds import Population, sphere, turn, view_of

any_pairs = given(seed=st.integers(0, 2**32 - 1), n=st.integers(3, 25), d=st.integers(2, 12))


def pairs_of(seed, n, d):
    """Texts in any order, each image with at least one."""
    rng = np.random.default_rng(seed)
    owner = rng.permutation(np.r_[np.arange(n), rng.integers(0, n, size=n // 2)])
    return rng, sphere(rng, n, d), sphere(rng, len(owner), d), owner


def gap(image, text, owner):
    return relative_modality_gap(view_of(image, text, owner)).value


def by_loops(image, text, owner):
    def cosine_distance(x, y):
        return 1.0 - sum(float(a) * float(b) for a, b in zip(x, y, strict=True))

    def within(rows):
        every = range(len(rows))
        return np.mean([cosine_distance(rows[i], rows[j]) for i in every for j in every if i != j])

    between = np.mean([cosine_distance(image[o], text[t]) for t, o in enumerate(owner)])
    return between / (between + (within(image) + within(text)) / 2)


@any_pairs
def test_it_is_the_loop_over_all_pairs_of_rows(seed, n, d):
    _, *given_ = pairs_of(seed, n, d)
    assert gap(*given_) == pytest.approx(by_loops(*given_), abs=1e-6)


@any_pairs
def test_a_rotation_and_a_shuffle_of_whole_groups_change_nothing(seed, n, d):
    rng, image, text, owner = pairs_of(seed, n, d)
    turned, order = turn(rng, d).astype(np.float32), rng.permutation(n)
    moved = gap(image[order] @ turned, text @ turned, np.argsort(order)[owner])
    assert moved == pytest.approx(gap(image, text, owner), abs=1e-5)


@any_pairs
def test_the_sides_may_be_swapped(seed, n, d):
    rng = np.random.default_rng(seed)
    image, text = sphere(rng, n, d), sphere(rng, n, d)
    assert gap(text, image, np.arange(n)) == pytest.approx(gap(image, text, np.arange(n)))


def test_pairs_that_coincide_have_no_gap_and_strangers_half_of_the_range():
    rows = sphere(np.random.default_rng(0), 400, 6)
    assert gap(rows, rows, np.arange(400)) == pytest.approx(0.0, abs=1e-6)
    strangers = sphere(np.random.default_rng(1), 400, 6)
    assert gap(rows, strangers, np.arange(400)) == pytest.approx(0.5, abs=0.02)


def test_the_interval_covers_the_truth_95_percent_of_the_time():
    everybody = Population(8, gap=0.3)
    image, text = everybody.image.astype(float), everybody.text.astype(float)
    between = 1.0 - (image * text).sum(1).mean()
    within = 1.0 - ((image.mean(0) ** 2).sum() + (text.mean(0) ** 2).sum()) / 2
    truth = between / (between + within)
    estimates = [relative_modality_gap(everybody.sample(s, 100)) for s in range(400)]
    covered = sum(e.low <= truth <= e.high for e in estimates)
    assert binom.ppf(0.001, 400, 0.95) <= covered <= binom.ppf(0.999, 400, 0.95)


def test_equal_rows_have_no_gap():
    same = np.tile(sphere(np.random.default_rng(2), 1, 3), (5, 1))
    assert gap(same, same, np.arange(5)) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("groups", "pairs", "why"),
    [
        (5, None, r"^RMG needs pairs\. Give text_to_image\.$"),
        (1, [0], r"^RMG needs two rows on each side\. Give more items\.$"),
        (2, [0, 1], r"^The interval of RMG needs three groups\. Give more items\.$"),
    ],
)
def test_where_it_cannot_be_taken_it_says_why(groups, pairs, why):
    rows = sphere(np.random.default_rng(3), groups, 4)
    with pytest.raises(CorpusError, match=why):
        relative_modality_gap(view_of(rows, rows, None if pairs is None else np.array(pairs)))
