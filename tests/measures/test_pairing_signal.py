import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from dohyo.errors import CorpusError
from dohyo.measures import pairing_signal as module
from dohyo.measures.pairing_signal import chance, pairing_signal
from dohyo.rows import unit_rows
from worlds import paired, sphere, turn, view_of

any_pairs = given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 30), d=st.integers(3, 10))


@pytest.fixture(autouse=True, scope="module")
def fewer_draws():
    """The p-value is exact at any number of draws; 99 are enough to tell .05."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "DRAWS", 99)
        yield


def by_loops(image, text, owner):
    def nearest(row, others):
        return max(range(len(others)), key=lambda j: float(np.dot(row, others[j])))

    captioned = [i for i in range(len(image)) if i in owner]
    there = np.mean([owner[nearest(image[i], text)] == i for i in captioned])
    back = np.mean([nearest(text[t], image) == o for t, o in enumerate(owner)])
    return (there + back) / 2


def some_pairs(seed, n, d):
    """Texts of some of the images, some with several."""
    rng = np.random.default_rng(seed)
    owner = rng.integers(0, n, size=n + 3)
    image = sphere(rng, n, d)
    return rng, image, unit_rows(sphere(rng, n + 3, d) + image[owner]), owner


@any_pairs
def test_it_is_the_loop_over_queries_of_both_kinds(seed, n, d):
    _, *given_ = some_pairs(seed, n, d)
    assert pairing_signal(view_of(*given_)).value == pytest.approx(by_loops(*given_))


@any_pairs
def test_a_rotation_and_a_shuffle_of_whole_groups_change_nothing(seed, n, d):
    rng, image, text, owner = some_pairs(seed, n, d)
    turned, order = turn(rng, d).astype(np.float32), rng.permutation(n)
    moved = view_of(image[order] @ turned, text @ turned, np.argsort(order)[owner])
    assert pairing_signal(moved).value == pytest.approx(
        pairing_signal(view_of(image, text, owner)).value
    )


def dealt(seed, owner, images):
    rng = np.random.default_rng(seed)
    return view_of(sphere(rng, images, 5), sphere(rng, len(owner), 5), owner, seed=seed)


@pytest.mark.parametrize(
    ("owner", "images"),
    [
        pytest.param(np.arange(20), 20, id="pairs"),
        pytest.param(np.repeat(np.arange(8), 4), 8, id="several texts each"),
        pytest.param(np.arange(6), 60, id="most images without a text"),
    ],
)
def test_pairs_dealt_at_random_are_called_a_signal_no_more_often_than_promised(owner, images):
    views = [dealt(seed, owner, images) for seed in range(400)]
    estimates = [pairing_signal(view) for view in views]
    alarms = sum(e.p <= 0.05 for e in estimates)
    assert alarms <= binom.ppf(0.999, 400, 0.05)
    values = np.array([e.value for e in estimates])
    assert values.mean() == pytest.approx(
        chance(views[0]), abs=4 * values.std() / np.sqrt(len(values))
    )


def test_true_pairs_are_seen_through_any_gap():
    corpus = paired(np.random.default_rng(0), 60, 16, gap=3.0)
    estimate = pairing_signal(
        view_of(corpus.unit("image"), corpus.unit("text"), corpus.text_to_image)
    )
    assert estimate.value > 20 / 60
    assert estimate.p == 1 / 100  # as small as 99 draws can tell


def test_equal_rows_carry_no_signal():
    same = np.tile(sphere(np.random.default_rng(1), 1, 3), (12, 1))
    estimate = pairing_signal(view_of(same, same, np.arange(12)))
    assert estimate.p == 1.0


def test_without_pairs_it_says_why():
    rows = sphere(np.random.default_rng(2), 5, 3)
    with pytest.raises(CorpusError, match=r"^The pairing signal needs pairs\. Give text_to_image"):
        pairing_signal(view_of(rows, rows))
