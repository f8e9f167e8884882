"""Clusters of held-out items against classes and kinds."""

import numpy as np
import pytest
from sklearn.metrics import v_measure_score

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.verification.classes import ClassPool
from dohyo.verification.evaluate import Pool
from dohyo.verification.labels import kmeans
from dohyo.verification.scenes import scenes
from dohyo.verification.tasks.clustering import STARTS, clustering
from worlds import classed, paired


def labelled_pairs(rng: np.random.Generator, groups: int = 120, gap: float = 1.0) -> Corpus:
    centre = rng.normal(size=(3, 16))
    label = rng.integers(0, 3, groups)
    away = gap * 4 * np.eye(16)[0]
    image, text = centre[label] + 0.5 * rng.normal(size=(2, groups, 16))
    return Corpus.from_arrays(
        (image + away).astype(np.float32), (text - away).astype(np.float32), labels=label
    )


def test_images_texts_and_the_union_are_clustered():
    corpus = labelled_pairs(np.random.default_rng(0))
    task = clustering(scenes(Pool(corpus), [Recipe(method="center")] * 4), 0)
    names = ("homogeneity", "completeness", "v_measure", "nmi", "ari")
    wanted = [f"{side}_{name}" for side in ("image", "text", "union") for name in names]
    assert list(task.figures) == [*wanted, "union_modality_nmi", "union_kind_entropy"]
    assert task.curves["k"] == 3
    assert [point["k"] for point in task.curves["over_k"]["text"]] == [2, 3, 6]


def test_clusters_follow_the_kind_before_and_the_class_after():
    """A gap wider than the classes are apart is what k-means finds; centering takes it out."""
    corpus = labelled_pairs(np.random.default_rng(1), gap=3.0)
    figures = clustering(scenes(Pool(corpus), [Recipe(method="center")] * 4), 0).figures
    kinds, mixing = figures["union_modality_nmi"], figures["union_kind_entropy"]
    assert kinds.before.value > 0.6 > 0.1 > kinds.after.value
    assert mixing.before.value < 0.05 < 0.9 < mixing.after.value
    meaning = figures["union_v_measure"].change.estimate()
    assert meaning.low > 0.2
    assert figures["union_v_measure"].p < 0.01


def test_the_figures_are_means_over_folds_of_those_of_scikit_learn():
    corpus = classed(np.random.default_rng(2), noise=1.5)
    found = scenes(ClassPool(corpus), [NOTHING] * 4)
    wanted = [
        v_measure_score(
            scene.label["image"],
            kmeans(scene.before.vectors["image"], 4, seed=5, starts=STARTS),
        )
        for scene in found
    ]
    figures = clustering(found, 5).figures
    assert figures["image_v_measure"].before.value == pytest.approx(np.mean(wanted), abs=1e-9)
    assert figures["image_nmi"].before.value == figures["image_v_measure"].before.value
    assert figures["image_nmi"].p is None  # the same figure is not tested twice


def test_nothing_applied_changes_nothing():
    corpus = labelled_pairs(np.random.default_rng(3))
    task = clustering(scenes(Pool(corpus), [NOTHING] * 4), 0)
    assert all(each.change.value == 0 for each in task.figures.values())
    assert task.curves["composition"]["before"] == task.curves["composition"]["after"]


def test_without_labels_only_the_kinds_are_asked_after():
    corpus = paired(np.random.default_rng(4), 200)
    task = clustering(scenes(Pool(corpus), [NOTHING] * 4), 0)
    assert list(task.figures) == ["union_modality_nmi", "union_kind_entropy"]
    assert [point["k"] for point in task.curves["over_k"]["union"]] == [2, 5, 10, 20]
    assert "classes" not in task.curves["composition"]["before"][0]


def test_without_labels_and_with_one_kind_there_is_nothing_to_say():
    corpus = classed(np.random.default_rng(5))
    found = scenes(ClassPool(corpus), [NOTHING] * 4)
    blind = [
        type(scene)(
            fold=scene.fold,
            group=scene.group,
            label={"image": None, "text": None},
            before=scene.before,
            after=scene.after,
        )
        for scene in found
    ]
    assert clustering(blind, 0) is None


def test_clusters_hold_what_was_counted():
    corpus = labelled_pairs(np.random.default_rng(6))
    task = clustering(scenes(Pool(corpus), [Recipe(method="center")] * 4), 0)
    for held in task.curves["composition"].values():
        assert sum(cluster["size"] for cluster in held) == 60  # 30 pairs of the first fold
        for cluster in held:
            assert cluster["image"] + cluster["text"] == pytest.approx(1)
            assert sum(cluster["classes"].values()) == pytest.approx(1)
        assert [cluster["size"] for cluster in held] == sorted(
            (cluster["size"] for cluster in held), reverse=True
        )
