"""Figures that have an end."""

from dataclasses import replace

import numpy as np

from dohyo.stats.bootstrap import Resampled
from dohyo.verification.changed import Changed


def bounded(figure: Changed, low: float, high: float) -> Changed:
    """Return a figure whose resamples do not leave its range, as widening or shifting may let them.

    The change is that of the resamples kept inside, and tested by them.
    """
    one, other = (_inside(each, low, high) for each in (figure.before, figure.after))
    change = other.less(one)
    return Changed(before=one, after=other, change=change, p=change.two_sided_p())


def _inside(each: Resampled, low: float, high: float) -> Resampled:
    return replace(each, replicates=np.clip(each.replicates, low, high))
