import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from dohyo.errors import CorpusError
from dohyo.measures import pair_scores as module
from dohyo.measures.pair_scores import pair_scores, score_distributions
from dohyo.measures.score_overlap_matches import score_overlap_matches
from dohyo.measures.score_overlap_random import score_overlap_random
from dohyo.measures.view import View
from worlds import paired, sphere, turn, view_of

any_sides = given(seed=st.integers(0, 2**32 - 1), n=st.integers(24, 50), d=st.integers(3, 9))


def world(seed, groups=60, dim=8, texts_each=2, **more):
    rng = np.random.default_rng(seed)
    corpus = paired(rng, groups, dim, texts_each=texts_each, **more)
    return View(
        image=corpus.unit("image"),
        text=corpus.unit("text"),
        text_to_image=corpus.groups("text"),
        label=rng.integers(0, 4, groups),
        seed=seed,
    )


def naive(view, relation):
    """Scores of pairs by a double loop: of images, of texts, across."""
    label, found = view.label[view.group], {(0, 0): [], (1, 1): [], (0, 1): []}
    for i in range(len(view.union)):
        for j in range(i + 1, len(view.union)):
            one_group = view.group[i] == view.group[j]
            chosen = {
                "random": not one_group,
                "group": one_group,
                "label": label[i] == label[j] and not one_group,
            }[relation]
            if chosen:
                kinds = (int(view.modality[i]), int(view.modality[j]))
                found[kinds].append(float(view.union[i] @ view.union[j]))
    return [np.array(found[kinds]) for kinds in ((0, 0), (1, 1), (0, 1))]


def overlap_of(within, cross):
    steps = np.sort(np.concatenate([*within, cross]))
    share = [np.searchsorted(np.sort(x), steps, "right") / len(x) for x in (*within, cross)]
    return 1 - np.abs(np.mean(share[:-1], axis=0) - share[-1]).max()


@pytest.mark.parametrize("gap", [0.0, 0.2, 2.0])
def test_they_are_the_naive_figures_and_scipys_statistic(gap):
    several, single = world(0, gap=gap), world(0, gap=gap, texts_each=1)
    image, text, cross = naive(several, "random")
    wanted = overlap_of([image, text], cross)
    assert score_overlap_random(several).value == pytest.approx(wanted, abs=0.01)  # the grid
    _, text, cross = naive(several, "group")
    wanted = 1 - ks_2samp(text, cross).statistic
    assert score_overlap_matches(several).value == pytest.approx(wanted, abs=0.02)
    image, text, cross = naive(single, "label")
    wanted = overlap_of([image, text], cross)
    assert score_overlap_matches(single).value == pytest.approx(wanted, abs=0.01)


@settings(max_examples=10)
@any_sides
def test_a_rotation_and_a_swap_hardly_move_the_grid(seed, n, d):
    rng = np.random.default_rng(seed)
    image, text, turned = sphere(rng, n, d), sphere(rng, n, d), turn(rng, d).astype(np.float32)
    one, other = view_of(image, text), view_of(text @ turned, image @ turned)
    assert score_overlap_random(other).value == pytest.approx(
        score_overlap_random(one).value, abs=0.01
    )


def test_a_gap_lowers_the_overlap_step_by_step():
    figures = [score_overlap_random(world(1, gap=gap)).value for gap in (0, 0.2, 0.5, 2)]
    assert figures == sorted(figures, reverse=True)
    assert figures[0] > 0.95
    assert figures[-1] < 0.01


def test_every_pair_is_counted_once():
    view = world(2)
    scores = pair_scores(view)
    for place, pairing in enumerate(("image", "text", "cross")):
        for relation in ("random", "group", "label"):
            counted = scores.histogram(pairing, relation).sum()
            assert counted == len(naive(view, relation)[place])


def test_the_densities_integrate_to_one():
    shown = score_distributions(world(3))
    width = np.diff(shown.edges)
    for density in (shown.within_image, shown.within_text, shown.cross_random, shown.cross_match):
        assert density @ width == pytest.approx(1)
    rng = np.random.default_rng(3)
    assert score_distributions(view_of(sphere(rng, 30, 3), sphere(rng, 30, 3))).cross_match is None


@pytest.mark.parametrize("measure", [score_overlap_random, score_overlap_matches])
def test_the_interval_covers_the_population_95_percent_of_the_time(measure, monkeypatch):
    """At a middling gap: near an overlap of 1 the figure is bent, as the docstring says."""
    monkeypatch.setattr(module, "GRID", 255)  # coarser for the sake of time, in the truth as well
    more = {"texts_each": 1, "gap": 0.3, "noise": 0.8}
    truth = np.mean([measure(world(seed, 2_000, **more)).value for seed in (1_000, 1_001)])
    estimates = [measure(world(seed, 100, **more)) for seed in range(400)]
    covered = sum(e.low <= truth <= e.high for e in estimates)
    assert 0.925 * 400 <= covered <= 0.995 * 400


def test_equal_rows_overlap_wholly():
    rows = np.ones((40, 3), np.float32) / np.float32(np.sqrt(3))
    assert score_overlap_random(view_of(rows, rows, np.arange(40))).value == 1.0


def test_where_they_cannot_be_taken_they_say_why():
    rng = np.random.default_rng(4)
    rows = sphere(rng, 30, 4)
    with pytest.raises(CorpusError, match=r"^The overlap of matches needs pairs\. Give text_to"):
        score_overlap_matches(view_of(rows, rows))
    with pytest.raises(CorpusError, match=r"^The overlap of matches needs several texts of an im"):
        score_overlap_matches(view_of(rows, rows, np.arange(30)))
    with pytest.raises(CorpusError, match=r"Give more items\.$"):
        score_overlap_random(view_of(rows[:1], rows[:1], np.zeros(1, int)))
    with pytest.raises(CorpusError, match=r"^The overlap of scores needs pairs to score"):
        score_overlap_random(view_of(rows, rows[:1], np.zeros(1, int)))
