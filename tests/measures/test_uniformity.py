import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from scipy.stats import binom

from dohyo.errors import CorpusError
from dohyo.measures import uniformity as module
from dohyo.measures.uniformity import (
    own,
    uniform,
    uniformity_cross,
    uniformity_image,
    uniformity_text,
)
from worlds import Population, paired, sphere, turn, view_of

any_pairs = given(seed=st.integers(0, 2**32 - 1), n=st.integers(4, 25), d=st.integers(2, 10))


def some_pairs(seed, n, d):
    rng = np.random.default_rng(seed)
    owner = np.concatenate([np.arange(n), rng.integers(0, n, 5)])
    return rng, sphere(rng, n, d), sphere(rng, n + 5, d), owner


def by_loops(x, y, group_x, group_y):
    near = [
        np.exp(-2 * float(((a.astype(float) - b) ** 2).sum()))
        for a, i in zip(x, group_x, strict=True)
        for b, j in zip(y, group_y, strict=True)
        if i != j
    ]
    return np.log(np.mean(near))


@any_pairs
def test_it_is_the_loop_over_rows_of_different_groups(seed, n, d):
    _, image, text, owner = some_pairs(seed, n, d)
    view, own_group = view_of(image, text, owner), np.arange(n)
    for measure, sides in (
        (uniformity_image, (image, image, own_group, own_group)),
        (uniformity_text, (text, text, owner, owner)),
        (uniformity_cross, (image, text, own_group, owner)),
    ):
        assert measure(view).value == pytest.approx(by_loops(*sides), abs=1e-5)


@any_pairs
def test_with_one_text_each_it_is_the_papers_formula_by_scipy(seed, n, d):
    _, image, text, _ = some_pairs(seed, n, d)
    view = view_of(image, text)
    for measure, rows in ((uniformity_image, image), (uniformity_text, text)):
        wanted = np.log(np.exp(-2 * pdist(rows.astype(float), "sqeuclidean")).mean())
        assert measure(view).value == pytest.approx(wanted, abs=1e-5)


@any_pairs
def test_a_rotation_and_a_shuffle_of_whole_groups_change_nothing(seed, n, d):
    rng, image, text, owner = some_pairs(seed, n, d)
    turned, order = turn(rng, d).astype(np.float32), rng.permutation(n)
    moved = view_of(image[order] @ turned, text @ turned, np.argsort(order)[owner])
    for measure in (uniformity_image, uniformity_text, uniformity_cross):
        assert measure(moved).value == pytest.approx(
            measure(view_of(image, text, owner)).value, abs=1e-4
        )


def test_the_sides_may_be_swapped():
    _, image, text, _ = some_pairs(0, 20, 5)
    pairs = np.arange(20)
    there, back = view_of(image, text[:20], pairs), view_of(text[:20], image, pairs)
    assert uniformity_image(there) == uniformity_text(back)
    assert uniformity_cross(there).value == pytest.approx(uniformity_cross(back).value, abs=1e-6)


@pytest.mark.parametrize("d", [1, 2, 3, 16, 512])
def test_the_even_sphere_is_where_formula_and_draws_agree(d):
    rng = np.random.default_rng(1)
    one, other = sphere(rng, 20_000, d), sphere(rng, 20_000, d)
    drawn = np.exp(4 * np.einsum("ij,ij->i", one, other, dtype=float) - 4).mean()
    assert uniform(view_of(one[:2], other[:2])) == pytest.approx(np.log(drawn), abs=0.1 / d**0.5)


def test_the_cross_figure_meets_its_reference_without_a_gap_and_falls_with_it():
    values = []
    for gap in (0.0, 0.3, 1.0):
        corpus = paired(np.random.default_rng(2), 300, 16, gap=gap)
        view = view_of(corpus.unit("image"), corpus.unit("text"), corpus.text_to_image)
        values.append(uniformity_cross(view).value - own(view))
    assert values[0] == pytest.approx(0.0, abs=0.02)
    assert values[0] > values[1] > values[2]


@pytest.mark.parametrize("unpaired", [False, True])
def test_the_intervals_cover_the_truth_95_percent_of_the_time(unpaired):
    everybody = Population(8, gap=0.3)
    x, y = everybody.image.astype(float), everybody.text.astype(float)
    covered = np.zeros(2, int)
    for seed in range(400):
        view = everybody.sample(seed, 100)
        if unpaired:
            other = everybody.sample(seed + 10_000, 70)
            view = view_of(view.image, other.text, seed=seed)
        for i, (measure, other) in enumerate(((uniformity_image, x), (uniformity_cross, y))):
            truth = np.log(np.exp(4 * x @ other.T - 4).mean())
            estimate = measure(view)
            covered[i] += estimate.low <= truth <= estimate.high
    assert (covered >= binom.ppf(0.001, 400, 0.95)).all()
    assert (covered <= binom.ppf(0.999, 400, 0.97)).all()  # never too narrow, hardly too wide


def test_many_rows_are_thinned_by_whole_groups(monkeypatch):
    corpus = paired(np.random.default_rng(3), 400, 8, texts_each=3)
    view = view_of(corpus.unit("image"), corpus.unit("text"), corpus.text_to_image)
    all_rows = uniformity_cross(view)
    monkeypatch.setattr(module, "ROWS", 300)
    some = uniformity_cross(view)
    assert some.n == 100
    assert some.low <= all_rows.value <= some.high


def test_equal_rows_are_at_zero():
    same = np.tile(sphere(np.random.default_rng(4), 1, 3), (2_000, 1))
    for measure in (uniformity_image, uniformity_text, uniformity_cross):
        estimate = measure(view_of(same, same, np.arange(2_000)))
        assert (estimate.value, estimate.low) == pytest.approx((0.0, 0.0), abs=1e-5)


def test_where_it_cannot_be_taken_it_says_why():
    rows = sphere(np.random.default_rng(5), 5, 3)
    with pytest.raises(CorpusError, match=r"^Uniformity needs three groups\. Give more items\.$"):
        uniformity_image(view_of(rows[:2], rows))
    with pytest.raises(CorpusError, match=r"^An interval over pairs needs more groups\. Give more"):
        uniformity_cross(view_of(rows[:1], rows))
