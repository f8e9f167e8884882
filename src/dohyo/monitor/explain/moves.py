"""How far means, spreads and single directions have moved, measured by what chance would do."""

import numpy as np

from dohyo.corpus import Modality
from dohyo.monitor.explain.explanation import Component, Moved
from dohyo.monitor.explain.past import F64, Past, Stretch


def moved(
    modality: Modality, past: Past, before: Stretch | None, after: Stretch, share: float | None
) -> Moved:
    """Return how far a modality has moved.

    With n and m rows drawn one by one from one distribution of covariance Σ, the squared distance
    of the two means is c·tr Σ on average, c = 1/n + 1/m, with variance 2c²·tr Σ² where the means
    are normal. The spread of unit rows is 1 − ‖mean‖², whose variance is 4μᵀΣμ/n to first order.

    Parameters
    ----------
    past : whose Σ is taken
    before : what to compare with; None for the reference itself
    after : since the change
    """
    n, mean = (past.n, past.mean) if before is None else (before.n, before.mean)
    apart = after.mean - mean
    squared, c = float(apart @ apart), 1 / n + 1 / after.n
    spreads = [1 - float(each @ each) for each in (mean, after.mean)]
    error = max(2 * float(np.sqrt(past.along * c)), 1e-12)
    return Moved(
        modality=modality,
        share=share,
        n_before=n,
        n_after=after.n,
        distance=float(np.sqrt(squared)),
        distance_z=(squared - c * past.trace) / max(c * float(np.sqrt(2 * past.square)), 1e-18),
        spread_before=spreads[0],
        spread_after=spreads[1],
        spread_z=(spreads[1] - spreads[0]) / error,
    )


def components(
    modality: Modality, past: Past, before: Stretch | None, after: Stretch, directions: F64
) -> list[Component]:
    """Return how a modality has moved along each direction; one of length 0 is left out."""
    n = past.n if before is None else before.n
    old_mean = np.zeros(len(directions)) if before is None else _along(before, past, directions)
    old_width = past.deviation if before is None else _width(before, past, directions)
    new_mean, new_width = _along(after, past, directions), _width(after, past, directions)
    found = []
    for k, direction in enumerate(directions):
        if not direction.any():
            continue
        by = float(new_mean[k] - old_mean[k]) / float(past.deviation[k])
        width = float(new_width[k]) / max(float(old_width[k]), 1e-9)
        error = float(np.sqrt(1 / n + 1 / after.n))
        found.append(
            Component(
                modality=modality,
                name="gap" if k == 0 else f"wide_{k}",
                by=by,
                by_z=by / error,
                width=width,
                # The logarithm of a standard deviation has variance 1/(2n) in a normal one.
                width_z=float(np.log(max(width, 1e-9))) / (error / float(np.sqrt(2))),
            )
        )
    return found


def _along(stretch: Stretch, past: Past, directions: F64) -> F64:
    found: F64 = directions @ (stretch.mean - past.mean)
    return found


def _width(stretch: Stretch, past: Past, directions: F64) -> F64:
    about = stretch.squares / stretch.n - _along(stretch, past, directions) ** 2
    found: F64 = np.sqrt(np.maximum(about, 1e-18))
    return found
