"""How two divisions of the same rows agree, under many weightings of the rows at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from dohyo.rows import I64, blocks

F64 = NDArray[np.float64]
CELLS_PER_BLOCK = 2_000_000


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Agreement:
    """Entropies and squares of a table of clusters by kinds, one entry for each weighting.

    Attributes
    ----------
    of_cluster, of_kind, joint : (r,) entropies in nats of the margins and of the cells
    squares_cluster, squares_kind, squares : (r,) sums of squared sums of weights
    total : (r,) sum of the weights
    """

    of_cluster: F64
    of_kind: F64
    joint: F64
    squares_cluster: F64
    squares_kind: F64
    squares: F64
    total: F64

    @property
    def homogeneity(self) -> F64:
        """1 where every cluster holds one kind alone, (r,) in [0, 1]."""
        return _share(self._information, self.of_kind)

    @property
    def completeness(self) -> F64:
        """1 where every kind is in one cluster alone, (r,) in [0, 1]."""
        return _share(self._information, self.of_cluster)

    @property
    def v_measure(self) -> F64:
        """Harmonic mean of the two above (Rosenberg & Hirschberg 2007), (r,) in [0, 1]."""
        first, second = self.homogeneity, self.completeness
        both = first + second
        return np.where(both > 0, 2 * first * second / np.where(both > 0, both, 1.0), 0.0)

    @property
    def nmi(self) -> F64:
        """Mutual information over the mean of both entropies, (r,) in [0, 1].

        The V-measure under another name (Becker 2011, p. 165).
        """
        return _share(2 * self._information, self.of_cluster + self.of_kind)

    @property
    def ari(self) -> F64:
        """Rand index of pairs of rows, corrected for chance (Hubert & Arabie 1985), (r,) ≤ 1."""
        together = self.squares - self.total
        split, mixed = self.squares_kind - self.squares, self.squares_cluster - self.squares
        apart = self.total**2 - split - mixed - self.squares
        below = (together + split) * (split + apart) + (together + mixed) * (mixed + apart)
        above = 2 * (together * apart - split * mixed)
        return np.where(below > 0, above / np.where(below > 0, below, 1.0), 1.0)

    @property
    def _information(self) -> F64:
        return np.maximum(self.of_cluster + self.of_kind - self.joint, 0.0)


def agreement(weight: F64, cluster: I64, kind: I64) -> Agreement:
    """Return how clusters and kinds of the same rows agree under each weighting.

    Parameters
    ----------
    weight : (r, q), a row of weight 2 counts as two
    cluster, kind : (q,) whole numbers

    Notes
    -----
    Only cells that hold a row are looked at: O(r·q) time.
    """
    cells, cell = np.unique(np.stack([cluster, kind]), axis=1, return_inverse=True)
    spread = [_indicator(each) for each in (cluster, kind, cell.ravel())]
    parts = []
    for block in blocks(len(weight), max(1, CELLS_PER_BLOCK // max(1, cells.shape[1]))):
        sums = [np.asarray(each @ weight[block].T).T for each in spread]
        total = weight[block].sum(axis=1)
        parts.append(
            [*(_entropy(each, total) for each in sums), *((each**2).sum(1) for each in sums), total]
        )
    figures = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Agreement(
        of_cluster=figures[0],
        of_kind=figures[1],
        joint=figures[2],
        squares_cluster=figures[3],
        squares_kind=figures[4],
        squares=figures[5],
        total=figures[6],
    )


def _indicator(member: I64) -> csr_array:
    """Return which rows belong to each part, (parts, q)."""
    _, place = np.unique(member, return_inverse=True)
    rows = np.arange(len(place))
    return csr_array((np.ones(len(place)), (place, rows)))


def _entropy(sums: F64, total: F64) -> F64:
    share = sums / np.where(total > 0, total, 1.0)[:, None]
    logs = np.log(np.where(share > 0, share, 1.0))
    entropy: F64 = -(share * logs).sum(axis=1)
    return entropy


def _share(part: F64, whole: F64) -> F64:
    """Return part over whole; 1 where there is nothing to tell."""
    some = whole > 1e-12
    return np.where(some, np.minimum(part / np.where(some, whole, 1.0), 1.0), 1.0)
