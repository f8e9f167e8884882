"""Do class prompts find the class of an image, and can their scores be believed?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from dohyo.engine.topk import topk
from dohyo.rows import I64
from dohyo.stats.at_once import at_once
from dohyo.verification.changed import Changed, changed_mean, changed_statistic
from dohyo.verification.scenes import Look, Scene
from dohyo.verification.tasks.task import Task

F64 = NDArray[np.float64]

BINS = 15
NEAREST = 5
EDGES = np.linspace(0.0, 1.0, BINS + 1)
SCALES = (1e-2, 1e4)
ROWS_OF_FIT = 10_000
"""Images that the temperature is fitted on at most, a seeded sample."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Told:
    """What prompts say of labelled images, at one time.

    Attributes
    ----------
    choice : (n,) the class whose prompt is nearest
    hit, hit_in_five : (n,) 1 where the image's class is nearest, or among the nearest five
    confidence : (n,) probability of the chosen class
    """

    choice: I64
    hit: F64
    hit_in_five: F64
    confidence: F64


def zero_shot(scenes: Sequence[Scene], seed: int) -> Task | None:
    """Return how well the nearest class prompt tells an image's class (Radford et al. 2021).

    `accuracy`; `top_5_accuracy` where there are more than five prompts; `calibration_error`,
    expected over 15 bins of equal width (Guo et al. 2017); `prediction_skewness`, the third
    standardised moment of how often each class is predicted, 0 where all are alike, high where a
    few prompts catch everything; `favourite_excess`, the share of the class predicted most often
    less its true share.

    Returns
    -------
    Task; None without labels or class prompts. The curves hold the bins and the temperatures.

    Notes
    -----
    A probability is the softmax of the cosines over a temperature, which is fitted for each fold
    by the likelihood of the other folds' labels, before and after each by itself: a correction
    changes the spread of cosines, and a temperature that no longer fits is no fault of it. With
    one fold alone nothing is left to fit on, and there is no calibration error.
    """
    asked = [scene for scene in scenes if _has_classes(scene)]
    if not asked:
        return None
    labels = [_label(scene) for scene in asked]
    logits = {
        when: [_cosines(look) for look in looks]
        for when, looks in (
            ("before", [scene.before for scene in asked]),
            ("after", [scene.after for scene in asked]),
        )
    }
    # An image whose class has no prompt can be told by nobody.
    known = [label < logits["before"][fold].shape[1] for fold, label in enumerate(labels)]
    if not any(here.any() for here in known):
        return None
    labels = [label[here] for label, here in zip(labels, known, strict=True)]
    group = np.concatenate(
        [scene.group["image"][here] for scene, here in zip(asked, known, strict=True)]
    )
    scores = {
        when: [each[here] for each, here in zip(folds, known, strict=True)]
        for when, folds in logits.items()
    }
    scales = {when: _scales(folds, labels, seed) for when, folds in scores.items()}
    told = {when: _told(scores[when], labels, scales[when]) for when in scores}
    label, prompts = np.concatenate(labels), scores["before"][0].shape[1]
    figures = _figures(told["before"], told["after"], label, group, prompts, seed)
    curves: dict[str, Any] = {}
    if len(asked) > 1:
        curves["reliability"] = {when: reliability(e.confidence, e.hit) for when, e in told.items()}
        curves["temperature"] = {when: [1 / s for s in each] for when, each in scales.items()}
    else:
        del figures["calibration_error"]
    return Task(figures=figures, curves=curves)


def calibration_error(confidence: F64, hit: F64, weight: F64) -> F64:
    """Return the expected calibration error under each weighting of the rows, (r,) in [0, 1].

    Σ over 15 equal bins of |Σ w (hit − confidence)| / Σ w: Guo et al. 2017, eq. 5. A bin holds
    its lower edge; certainty, a confidence of exactly 1, is a bin of its own.

    Parameters
    ----------
    confidence, hit : (q,)
    weight : (r, q)
    """
    inside = _bin(confidence)[:, None] == np.arange(BINS + 1)
    astray = weight @ (inside * (hit - confidence)[:, None])
    error: F64 = np.abs(astray).sum(axis=1) / weight.sum(axis=1)
    return error


def reliability(confidence: F64, hit: F64) -> list[dict[str, float]]:
    """Return the mean confidence and the accuracy of each bin that holds an image."""
    place = np.minimum(_bin(confidence), BINS - 1)
    return [
        {
            "bin": int(each),
            "count": int((place == each).sum()),
            "confidence": float(confidence[place == each].mean()),
            "accuracy": float(hit[place == each].mean()),
        }
        for each in np.unique(place)
    ]


def _bin(confidence: F64) -> I64:
    return (np.searchsorted(EDGES, confidence, side="right") - 1).astype(np.int64)


def _has_classes(scene: Scene) -> bool:
    return (
        scene.label["image"] is not None
        and scene.before.prompts is not None
        and len(scene.group["image"]) > 0
    )


def _label(scene: Scene) -> I64:
    label = scene.label["image"]
    return np.empty(0, np.int64) if label is None else label


def _cosines(look: Look) -> F64:
    prompts = look.prompts
    images = look.vectors["image"].astype(np.float64)
    return images @ (images[:0] if prompts is None else prompts).T.astype(np.float64)


def _scales(scores: Sequence[F64], labels: Sequence[I64], seed: int) -> list[float]:
    """Return for each fold the inverse temperature that the other folds call for."""
    if len(scores) < 2:
        return [1.0]
    return [
        fitted_scale(
            np.concatenate([each for fold, each in enumerate(scores) if fold != held]),
            np.concatenate([each for fold, each in enumerate(labels) if fold != held]),
            seed=seed,
        )
        for held in range(len(scores))
    ]


def fitted_scale(scores: F64, label: I64, *, seed: int = 0) -> float:
    """Return the inverse temperature, in 0.01 to 10,000, under which the labels are likeliest.

    The likelihood is concave in it, so the one maximum is found by Brent's method.
    """
    if len(scores) > ROWS_OF_FIT:
        chosen = np.random.default_rng(seed).choice(len(scores), ROWS_OF_FIT, replace=False)
        scores, label = scores[chosen], label[chosen]
    true = scores[np.arange(len(label)), label]

    def loss(log_scale: float) -> float:
        scale = np.exp(log_scale)
        return float((logsumexp(scale * scores, axis=1) - scale * true).mean())

    # Here, for `import dohyo` should stay light.
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(loss, bounds=tuple(np.log(SCALES)), method="bounded")
    return float(np.exp(found.x))


def _told(scores: Sequence[F64], labels: Sequence[I64], scales: Sequence[float]) -> Told:
    logits = np.concatenate([s * each for s, each in zip(scales, scores, strict=True)])
    label = np.concatenate(labels)
    choice = logits.argmax(axis=1)
    return Told(
        choice=choice.astype(np.int64),
        hit=(choice == label).astype(np.float64),
        hit_in_five=(topk(logits, NEAREST) == label[:, None]).any(axis=1).astype(np.float64),
        confidence=np.exp(logits.max(axis=1) - logsumexp(logits, axis=1)),
    )


def _figures(
    before: Told, after: Told, label: I64, group: I64, prompts: int, seed: int
) -> dict[str, Changed]:
    figures = {"accuracy": changed_mean(before.hit, after.hit, group, seed=seed)}
    if prompts > NEAREST:
        figures["top_5_accuracy"] = changed_mean(
            before.hit_in_five, after.hit_in_five, group, seed=seed
        )
    figures["calibration_error"] = changed_statistic(
        partial(calibration_error, before.confidence, before.hit),
        partial(calibration_error, after.confidence, after.hit),
        group,
        seed=seed,
    )
    if prompts > 1:
        one, other = (_favourites(each.choice, label, prompts) for each in (before, after))
        for name in ("prediction_skewness", "favourite_excess"):
            figures[name] = changed_statistic(one(name), other(name), group, seed=seed)
    return figures


def _favourites(choice: I64, label: I64, prompts: int) -> Callable[[str], Callable[[F64], F64]]:
    """Return how unevenly predictions fall on the classes, as statistics of weighted images."""
    chosen = (choice[:, None] == np.arange(prompts)).astype(np.float64)
    true = (label[:, None] == np.arange(prompts)).astype(np.float64)

    def every(weight: F64) -> dict[str, F64]:
        total = weight.sum(axis=1)
        counts, fair = weight @ chosen, weight @ true
        return {
            "prediction_skewness": _skewness(counts),
            "favourite_excess": _excess(counts, fair) / total,
        }

    return at_once(every)


def _skewness(counts: F64) -> F64:
    off = counts - counts.mean(axis=1, keepdims=True)
    spread = np.sqrt((off**2).mean(axis=1))
    even = spread < 1e-12
    skewness: F64 = np.where(even, 0.0, (off**3).mean(axis=1) / np.where(even, 1.0, spread) ** 3)
    return skewness


def _excess(counts: F64, fair: F64) -> F64:
    rows, most = np.arange(len(counts)), counts.argmax(axis=1)
    excess: F64 = counts[rows, most] - fair[rows, most]
    return excess
