"""α-nDCG: a list earns less for every further result that says the same."""

import numpy as np
from numpy.typing import NDArray

from dohyo.rows import I64
from dohyo.verification.lists import DEPTH
from dohyo.verification.retrieval import DISCOUNT

F64 = NDArray[np.float64]
ALPHA = 0.5


def alpha_ndcg(relevant: NDArray[np.bool_], aspect: I64, wanted: I64) -> F64:
    """Return α-nDCG@10 with α = ½ of lists whose relevant items have one aspect each.

    Parameters
    ----------
    relevant : (q, 10) whether the item at each rank answers the query
    aspect : (q, 10) which of a aspects it has, from 0
    wanted : (q, a) how many relevant items of each aspect there are to find

    Returns
    -------
    (q,) in [0, 1], NaN where there is nothing to find

    Notes
    -----
    The k-th relevant item of an aspect gains (1−α)^(k−1), discounted by log2(1 + rank), over the
    ideal list (Clarke et al. 2008, SIGIR). Finding that list is hard in general and done greedily;
    with one aspect to an item the greedy list takes the gains in falling order, and is ideal.
    """
    depth = relevant.shape[1]
    gained = np.zeros(len(relevant))
    for number in range(wanted.shape[1]):
        here = relevant & (aspect == number)
        so_far = np.cumsum(here, axis=1) - here
        gained += (here * (1 - ALPHA) ** so_far) @ DISCOUNT[:depth]
    ideal = _ideal(wanted) @ DISCOUNT
    share: F64 = np.divide(gained, ideal, out=np.full(len(gained), np.nan), where=ideal > 0)
    return share


def _ideal(wanted: I64) -> F64:
    """Return the ten largest gains there are to have, falling, (q, 10)."""
    place = np.arange(DEPTH)
    gains = np.where(place < wanted[:, :, None], (1 - ALPHA) ** place, 0.0)
    flat = gains.reshape(len(wanted), -1)
    largest: F64 = -np.sort(-flat, axis=1)[:, :DEPTH]
    return largest
