"""The k best-scoring columns of a matrix of scores."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]


def topk(scores: NDArray[Any], k: int) -> I64:
    """Return the columns of the k highest scores of each row, best first, (rows, min(k, columns)).

    Equal scores are ordered by column, so the result does not depend on the machine.
    """
    columns = scores.shape[1]
    k = min(k, columns)
    if k < columns:
        some = np.sort(np.argpartition(-scores, k - 1, axis=1)[:, :k], axis=1)
        # Where equal scores straddle the cut, the partition keeps any of them.
        worst = np.take_along_axis(scores, some, 1).min(axis=1, keepdims=True)
        tied = (scores >= worst).sum(axis=1) > k
        first = np.argsort(-scores[tied], axis=1, kind="stable")[:, :k]
        some[tied] = np.sort(first, axis=1)
    else:
        some = np.broadcast_to(np.arange(columns), scores.shape)
    order = np.argsort(-np.take_along_axis(scores, some, 1), axis=1, kind="stable")
    return np.take_along_axis(some, order, 1).astype(np.int64)
