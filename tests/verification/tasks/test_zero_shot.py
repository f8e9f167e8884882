"""Zero-shot figures are those of torchmetrics, and are held out."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import multiclass_accuracy
from torchmetrics.functional.classification.calibration_error import _ce_compute

from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.verification.classes import ClassPool
from dohyo.verification.scenes import Look, Scene, scenes
from dohyo.verification.tasks.zero_shot import (
    BINS,
    calibration_error,
    fitted_scale,
    reliability,
    zero_shot,
)
from worlds import classed


def probabilities(seed: int, rows: int = 400, classes: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Rows that occur again and again, with labels that sometimes agree."""
    rng = np.random.default_rng(seed)
    few = rng.dirichlet(np.full(classes, 0.4), 40)
    chosen = few[rng.integers(0, len(few), rows)]
    guess = chosen.argmax(axis=1)
    return chosen, np.where(rng.random(rows) < 0.6, guess, rng.integers(0, classes, rows))


@pytest.mark.parametrize("seed", range(10))
def test_the_calibration_error_is_that_of_torchmetrics(seed):
    chosen, label = probabilities(seed)
    chosen[::50] = np.eye(chosen.shape[1])[0]  # some are certain
    confidence, hit = chosen.max(axis=1), (chosen.argmax(axis=1) == label).astype(float)
    found = calibration_error(confidence, hit, np.ones((1, len(hit))))
    # Its public function rounds to float32 first, which alone is more than 1e-9.
    wanted = _ce_compute(torch.from_numpy(confidence), torch.from_numpy(hit), BINS)
    assert found[0] == pytest.approx(wanted.item(), abs=1e-9)


def test_a_weight_of_two_is_an_image_twice():
    chosen, label = probabilities(3)
    confidence = chosen.max(axis=1)
    hit = (chosen.argmax(axis=1) == label).astype(float)
    weight = np.random.default_rng(0).integers(0, 3, len(hit))
    twice = np.repeat(confidence, weight), np.repeat(hit, weight)
    found = calibration_error(confidence, hit, weight[None, :].astype(float))
    assert found[0] == pytest.approx(calibration_error(*twice, np.ones((1, weight.sum())))[0])


def scene_of(vectors: np.ndarray, prompts: np.ndarray, label: np.ndarray, fold: int) -> Scene:
    nobody = np.empty((0, vectors.shape[1]))
    sides = {"image": vectors, "text": nobody}
    look = Look(vectors=sides, items=sides, queries=sides, prompts=prompts)
    start = fold * len(label)
    return Scene(
        fold=fold,
        group={"image": np.arange(start, start + len(label)), "text": np.empty(0, np.int64)},
        label={"image": label, "text": None},
        before=look,
        after=look,
    )


@pytest.mark.parametrize("seed", range(5))
def test_accuracy_and_top_five_are_those_of_torchmetrics(seed):
    """Images repeat, so scores tie between images; whole-numbered ones tie between classes."""
    rng = np.random.default_rng(seed)
    vectors = rng.integers(-3, 4, (60, 5)).astype(float)[rng.integers(0, 60, 200)]
    prompts = rng.normal(size=(9, 5))
    label = rng.integers(0, 9, 200)
    folds = [scene_of(vectors[i::4], prompts, label[i::4], i) for i in range(4)]
    figures = zero_shot(folds, 0).figures
    scores = torch.from_numpy(vectors @ prompts.T)
    for name, k in (("accuracy", 1), ("top_5_accuracy", 5)):
        wanted = multiclass_accuracy(
            scores, torch.from_numpy(label), 9, top_k=k, average="micro"
        ).item()
        hits = round(200 * wanted)  # a float32
        assert figures[name].before.value == pytest.approx(hits / 200, abs=1e-9), name


def test_the_temperature_is_the_likeliest():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(20_000, 6)) * 0.05
    logits = 30 * scores
    odds = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    label = (odds.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    assert fitted_scale(scores, label) == pytest.approx(30, rel=0.1)


def test_the_temperature_of_a_fold_is_not_fitted_on_it():
    corpus = classed(np.random.default_rng(0))
    found = scenes(ClassPool(corpus), [NOTHING] * 4)
    kept = zero_shot(found, 0).curves["temperature"]["before"]
    first = replace(found[0], label={"image": found[0].label["image"][::-1], "text": None})
    changed = zero_shot((first, *found[1:]), 0).curves["temperature"]["before"]
    assert changed[0] == kept[0]
    assert changed[1:] != kept[1:]


def test_a_correction_is_judged_before_and_after():
    corpus = classed(np.random.default_rng(1), gap=3.0)
    task = zero_shot(scenes(ClassPool(corpus), [Recipe(method="center")] * 4), 0)
    assert set(task.curves["reliability"]) == {"before", "after"}
    assert task.figures["accuracy"].change.groups == len(corpus.image)
    assert "top_5_accuracy" not in task.figures  # four classes
    assert sum(each["count"] for each in task.curves["reliability"]["after"]) == 160


def test_one_prompt_that_catches_everything_is_seen():
    rng = np.random.default_rng(2)
    prompts = np.eye(6)
    vectors = np.eye(6)[rng.integers(0, 6, 120)] + 5 * np.eye(6)[0]
    label = rng.integers(0, 6, 120)
    folds = [scene_of(vectors[i::4], prompts, label[i::4], i) for i in range(4)]
    figures = zero_shot(folds, 0).figures
    assert figures["favourite_excess"].before.value == pytest.approx(1 - (label == 0).mean())
    assert figures["prediction_skewness"].before.value == pytest.approx(4 / 5**0.5)


def test_without_labels_prompts_or_a_second_fold():
    corpus = classed(np.random.default_rng(3))
    found = scenes(ClassPool(corpus), [NOTHING] * 4)
    blind = [replace(each, label={"image": None, "text": None}) for each in found]
    assert zero_shot(blind, 0) is None
    alone = zero_shot(found[:1], 0)
    assert "calibration_error" not in alone.figures
    assert alone.curves == {}


def test_bins_hold_every_image_once():
    confidence = np.array([0.0, 1 / 15, 0.5, 1.0, 1.0])
    found = reliability(confidence, np.array([0.0, 1, 1, 1, 0]))
    assert [each["bin"] for each in found] == [0, 1, 7, 14]
    assert found[-1] == {"bin": 14, "count": 2, "confidence": 1.0, "accuracy": 0.5}
