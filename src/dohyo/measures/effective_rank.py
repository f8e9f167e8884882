"""How many directions each side makes use of."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.side_groups import side_groups
from dohyo.measures.spectrum import NOTHING, effective_rank_of, eigenvalues
from dohyo.measures.view import View
from dohyo.stats.jackknife import jackknife

BLOCKS = 10
GROUPS_PER_DIRECTION = 4


def effective_rank_image(view: View) -> Estimate:
    """Effective rank of the images: over how many directions their variance is spread.

    Returns
    -------
    Estimate in [1, d], in directions. No better or worse by itself; sides that differ do not
    have the same shape, and no shift can lay one onto the other.

    Raises
    ------
    CorpusError
        With fewer than three groups, or rows that do not differ.

    Notes
    -----
    exp(−Σ p log p) of the shares p of the covariance's eigenvalues (Roy & Vetterli 2007). n rows
    show at most n − 1 directions and sample noise makes their variances look unlike, so the
    plain value is too low, by much when rows are few. The interval spans the limits read off
    halves and quarters of the groups, widened by the jackknife's error (ten blocks). With fewer
    than four groups for each direction so found no limit can be trusted, and the interval ends
    at d, which the truth cannot exceed.
    """
    return _effective_rank(view, 0)


def effective_rank_text(view: View) -> Estimate:
    """Effective rank of the texts: see `effective_rank_image`."""
    return _effective_rank(view, 1)


def image_rank(view: View) -> float:
    """Return the plain effective rank of the images: what the texts' would be with no gap."""
    return effective_rank_of(view.image)


def text_rank(view: View) -> float:
    """Return the plain effective rank of the texts: what the images' would be with no gap."""
    return effective_rank_of(view.text)


def _effective_rank(view: View, number: int) -> Estimate:
    rows, group, groups = side_groups(view, number)
    if groups < 3:
        raise CorpusError("An effective rank needs three groups.", hint="Give more items.")
    if eigenvalues(rows).sum() < NOTHING:
        raise CorpusError(
            "An effective rank needs rows that differ.", hint="Give items of more than one kind."
        )

    def rank(keep: NDArray[np.bool_]) -> float:
        return effective_rank_of(rows[keep[group]])

    whole = jackknife(rank, groups, seed=view.seed, blocks=BLOCKS, floor=1.0, bent=True)
    most = float(rows.shape[1])
    low, high = min(whole.low, most), min(whole.high, most)
    if groups < GROUPS_PER_DIRECTION * high:
        high = most
    return replace(whole, low=low, high=high)
