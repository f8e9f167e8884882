"""How well a straight cut ranks sentences above pictures, wherever the cut is set."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, stdtrit  # scipy.stats takes half a second to import

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.modality_classifier import OutOfFold, out_of_fold
from dohyo.measures.view import View

F64 = NDArray[np.float64]
SHARED_NOISE = math.sqrt(2.0)


def linear_separability_auc(view: View) -> Estimate:
    """Cross-validated area under the ROC curve of a logistic classifier of the modality.

    Returns
    -------
    Estimate in [0, 1], no unit: the probability that a held-out text scores above a held-out
    image. 0.5 is chance; 1 says that one hyperplane separates the modalities. Against the
    accuracy of `linear_separability`, it does not depend on where the cut is set.

    Raises
    ------
    CorpusError
        With fewer groups than folds, or no fold with rows of both kinds.

    Notes
    -----
    The classifier of `modality_classifier`. The mean of the folds' areas, each fold weighed alike,
    because scores of different classifiers cannot be ranked together; ties count a half (Mann &
    Whitney 1947). The interval is closed form, from each row's influence on its fold's area
    (DeLong et al. 1988; cross-validated: LeDell, Petersen & van der Laan 2015), summed over the
    groups, on the logit scale, which keeps it inside [0, 1]. It is for classifiers fitted on this
    many rows. Near chance the classifiers are fitted to noise, and each two folds to one another's:
    their areas then vary together, by up to twice the variance. An interval that would reach 0.5
    with that is given with it. Where no text scores below an image nothing varies, and the
    interval is a point.
    """
    held_out = out_of_fold(view)
    value, influence = areas(held_out)
    n = len(influence)
    if n < 2 or not 0.0 < value < 1.0:
        return Estimate(value=value, low=value, high=value, n=n, seed=view.seed)
    error = float(np.sqrt(n / (n - 1) * (influence**2).sum()))
    reach = float(stdtrit(n - 1, 0.975)) * error / (value * (1 - value))
    middle = float(logit(value))
    if abs(middle) < reach * SHARED_NOISE:
        reach *= SHARED_NOISE
    low, high = expit([middle - reach, middle + reach])
    return Estimate(value=value, low=float(low), high=float(high), n=n, seed=view.seed)


def areas(held_out: OutOfFold) -> tuple[float, F64]:
    """Return the mean area over the folds and each group's influence on it, summing to 0.

    Raises
    ------
    CorpusError
        If no fold has rows of both kinds.
    """
    found: list[float] = []
    parts: list[tuple[NDArray[np.int64], F64]] = []
    for each in np.unique(held_out.fold):
        here = (held_out.fold == each) & ~np.isnan(held_out.score)
        kind, score, group = (a[here] for a in (held_out.kind, held_out.score, held_out.group))
        if len(np.unique(kind)) < 2:
            continue
        image, text = score[kind == 0], score[kind == 1]
        above, below = _share_below(text, image), 1.0 - _share_below(image, text)
        area = float(above.mean())
        influence = np.empty(len(score))
        influence[kind == 1] = (above - area) / len(text)
        influence[kind == 0] = (below - area) / len(image)
        found.append(area)
        parts.append((group, influence))
    if not found:
        raise CorpusError(
            "The area under the curve needs items of both kinds in a fold.",
            hint="Give more items.",
        )
    group = np.concatenate([group for group, _ in parts])
    total = np.concatenate([influence for _, influence in parts]) / len(found)
    by_group = np.bincount(np.unique(group, return_inverse=True)[1], total)
    return float(np.mean(found)), by_group.astype(np.float64, copy=False)


def _share_below(these: F64, those: F64) -> F64:
    """Return for each of these the share of those below it, ties counted a half."""
    ranked = np.sort(those)
    below = np.searchsorted(ranked, these, "left") + np.searchsorted(ranked, these, "right")
    return below / (2.0 * len(those))
