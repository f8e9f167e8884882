"""Who is shown, against what can be found."""

from dataclasses import replace

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.verification.evaluate import Pool
from dohyo.verification.scenes import Look, Scene, scenes
from dohyo.verification.tasks.fairness import fairness
from dohyo.verification.tasks.first_ten import first_tens
from worlds import paired, sphere

CENTER = [Recipe(method="center")] * 4


@pytest.fixture(scope="module")
def gapped():
    corpus = paired(np.random.default_rng(0), 120, gap=2.0, texts_each=2)
    return scenes(Pool(corpus), CENTER)


def test_figures_are_those_of_loops_over_queries(gapped):
    figures = fairness(gapped, 0).figures
    weight = 1 / np.log2(np.arange(2, 12))
    for when in ("before", "after"):
        for number, modality in enumerate(("image", "text")):
            share, exposure, base = [], [], []
            for ten in first_tens(gapped):
                for query in np.flatnonzero(ten.kind == number):
                    other = ten.kind[getattr(ten, when).mixed[query]] != number
                    base.append((ten.kind != number).sum() / (len(ten.kind) - 1))
                    share.append(other.mean())
                    exposure.append((other * weight).sum() / weight.sum() / base[-1])
            told = {name: getattr(figures[f"{name}_{modality}"], when).value for name in NAMES}
            away = abs(np.mean(share) - np.mean(base))
            wanted = {"cross_share": np.mean(share), "share_distance": away}
            assert told == pytest.approx(wanted | {"exposure": np.mean(exposure)}, abs=1e-12)


NAMES = ("cross_share", "share_distance", "exposure")


def test_a_gap_hides_the_other_kind_and_centering_shows_it(gapped):
    figures = fairness(gapped, 0).figures
    for modality in ("image", "text"):
        assert figures[f"exposure_{modality}"].before.value < 0.05
        assert 0.7 < figures[f"exposure_{modality}"].after.value < 1.3
        assert figures[f"share_distance_{modality}"].change.estimate().high < 0
        assert figures[f"share_distance_{modality}"].p < 0.01


def test_the_curve_by_rank_averages_to_the_share(gapped):
    task = fairness(gapped, 0)
    for modality, curve in task.curves["cross_by_rank"].items():
        for when in ("before", "after"):
            assert len(curve[when]) == 10
            value = getattr(task.figures[f"cross_share_{modality}"], when).value
            assert np.mean(curve[when]) == pytest.approx(value)


def labelled(seed, shown):
    """Two labels; items of the second lie apart from where everybody looks."""
    rng = np.random.default_rng(seed)
    queries = sphere(rng, 120, 8)
    items = queries.copy()
    label = np.arange(120) % 2
    items[label == 1] *= shown
    half = {"image": slice(0, 60), "text": slice(60, 120)}
    rows = {name: items[part] for name, part in half.items()}
    asking = {name: queries[part] for name, part in half.items()}
    look = Look(vectors=asking, items=rows, queries=asking, prompts=None)
    kinds = {name: label[part] for name, part in half.items()}
    groups = {"image": np.arange(60), "text": np.arange(60)}
    return Scene(fold=0, group=groups, label=kinds, before=look, after=look)


def test_the_label_that_is_shown_least_is_told():
    fair, unfair = labelled(0, 1.0), labelled(0, 0.5)
    one = replace(fair, after=unfair.before)
    task = fairness([one], 0)
    worst, away = (task.figures[f"label_exposure_{name}"] for name in ("worst", "away"))
    assert worst.before.value > 0.85
    assert worst.after.value < 0.3
    assert worst.change.estimate().high < 0
    assert away.change.estimate().low > 0
    shown = task.curves["exposure_by_label"]
    assert shown["1"]["after"] == pytest.approx(worst.after.value)
    # Two labels of equal size share what there is.
    assert shown["0"]["after"] + shown["1"]["after"] == pytest.approx(2.0)
    wanted = np.mean([abs(each["after"] - 1) for each in shown.values()])
    assert away.after.value == pytest.approx(wanted)


def test_labels_of_fewer_than_ten_items_are_left_out():
    corpus = paired(np.random.default_rng(1), 80)
    label = np.zeros(80, np.int64)
    label[40:] = 1
    label[:4] = 7
    rare = replace(corpus, label=label)
    shown = fairness(scenes(Pool(rare), [NOTHING] * 4), 0).curves["exposure_by_label"]
    assert list(shown) == ["0", "1"]


def test_an_untouched_corpus_shows_no_change(gapped):
    corpus = paired(np.random.default_rng(2), 60)
    for each in fairness(scenes(Pool(corpus), [NOTHING] * 4), 0).figures.values():
        assert each.change.value == 0
        assert each.p == 1


def test_a_corpus_of_one_kind_at_a_time_has_no_lists():
    rng = np.random.default_rng(0)
    lone = Corpus.from_arrays(sphere(rng, 80, 8), sphere(rng, 5, 8), paired=False)
    assert fairness(scenes(Pool(lone), [NOTHING] * 4), 0) is None
