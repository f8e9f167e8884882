"""Do the two sides place the same pairs in the same arrangement?"""

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.paired_rows import paired_rows
from dohyo.measures.subsample import subsample
from dohyo.measures.view import View
from dohyo.rows import F32
from dohyo.stats.leave_one_out import leave_one_out

LEAST = 5
ROWS = 2_000
FLAT = 1e-14

F64 = NDArray[np.float64]


def cka(view: View) -> Estimate:
    """Linear centred kernel alignment of paired sides, debiased.

    Returns
    -------
    Estimate in [−1, 1]. 1: the same arrangement up to rotation, shift and scale; 0: what pairs
    dealt at random give on average, at any number of rows. Blind to the gap.

    Raises
    ------
    CorpusError
        Without pairs, with fewer than five, or where the rows of a side do not differ.

    Notes
    -----
    HSIC(K, L) / √(HSIC(K, K) HSIC(L, L)) of Kornblith et al. 2019 (arXiv 1905.00414) with the
    unbiased HSIC of Song et al. 2007; the plain form tends to 1 as d outgrows n. Several texts of
    an image are averaged first. Delete-one jackknife in closed form from the two Gram matrices,
    about the figure, whose ratio bias is of order 1/n. At most 2,000 rows of a side.
    """
    image, text = paired_rows(subsample(view, ROWS), "CKA", LEAST)
    across, own, other = (
        _hsic(_gram(a), _gram(b)) for a, b in ((image, text), (image, image), (text, text))
    )
    if min(own[0], other[0]) < FLAT:
        raise CorpusError("CKA needs rows that differ.", hint="Give items of more than one kind.")
    without = np.sqrt(np.maximum(own[1] * other[1], 0.0))
    flat = np.minimum(own[1], other[1]) < FLAT
    ratio = np.where(flat, 0.0, across[1] / np.where(flat, 1.0, without))
    value = across[0] / float(np.sqrt(own[0] * other[0]))
    return leave_one_out(value, ratio, seed=view.seed, inside=(-1.0, 1.0))


def _gram(x: F32) -> F64:
    """Return inner products of the centred rows, 0 on the diagonal, (n, n)."""
    rows = x - x.mean(0, dtype=np.float64)
    product: F64 = rows @ rows.T
    np.fill_diagonal(product, 0.0)
    return product


def _hsic(k: F64, l: F64) -> tuple[float, F64]:  # noqa: E741
    """Return the unbiased HSIC of two Gram matrices without diagonal, and it without each row."""
    n = len(k)
    k_row, l_row, both = k.sum(1), l.sum(1), (k * l).sum(1)
    dot = k_row @ l_row - k_row * l_row - k @ l_row - l @ k_row + both
    without = _combine(
        both.sum() - 2 * both, (k_row.sum() - 2 * k_row) * (l_row.sum() - 2 * l_row), dot, n - 1
    )
    whole = _combine(both.sum(), k_row.sum() * l_row.sum(), k_row @ l_row, n)
    return float(whole), np.asarray(without)


def _combine(trace: F64, sums: F64, dot: F64, n: int) -> F64:
    figure: F64 = (trace + sums / ((n - 1) * (n - 2)) - 2 * dot / (n - 2)) / (n * (n - 3))
    return figure
