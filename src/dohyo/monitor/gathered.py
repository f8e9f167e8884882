"""Any number of rows in flat memory: sums over all of them, and a sample."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dohyo.corpus import MODALITIES, Modality
from dohyo.rows import F32, ROWS_PER_BLOCK, has_direction, read_blocks, unit_rows

F64 = NDArray[np.float64]
KEPT = 1_000


@dataclass(eq=False)
class Gist:
    """What is kept of one modality: O(d) sums and at most `len(sample)` of the unit rows.

    Attributes
    ----------
    sample : (kept, d) float32, only the first `rows` of which are filled
    total : (d,) sum of all unit rows
    rows : how many there were
    length : sum of the lengths of the raw rows
    """

    sample: F32
    total: F64
    rows: int = 0
    length: float = 0.0

    def add(self, unit: F32, length: F64, rng: np.random.Generator) -> None:
        """Add a block; each row so far is equally likely to be in the sample.

        Algorithm R of Vitter 1985; of rows that fall on the same place the last one stays.
        """
        kept = len(self.sample)
        self.total += unit.sum(0, dtype=np.float64)
        self.length += float(length.sum())
        free = min(len(unit), max(0, kept - self.rows))
        self.sample[self.rows : self.rows + free] = unit[:free]
        later = unit[free:]
        if len(later):
            number = self.rows + free + np.arange(len(later))
            place = (rng.random(len(later)) * (number + 1)).astype(np.int64)
            for row in np.flatnonzero(place < kept):
                self.sample[place[row]] = later[row]
        self.rows += len(unit)


@dataclass(eq=False)
class Gathered:
    """The items of one time, gathered bit by bit or at once, in memory that does not grow.

    Parameters
    ----------
    seed : of the sample
    kept : rows of the sample, of each modality
    """

    seed: int = 0
    kept: int = KEPT
    _gists: dict[Modality, Gist] = field(default_factory=dict)
    _rng: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)

    def add(self, modality: Modality, rows: ArrayLike) -> str:
        """Add rows; where one of them cannot be used, none is, and it is said why.

        Parameters
        ----------
        rows : (n, d) floats as the encoder made them, not corrected, or a memory map; n may be 0

        Returns
        -------
        "", or why these rows were not added
        """
        given = np.asanyarray(rows)
        why = self._mismatch(modality, given)
        if why or not len(given):
            return why
        parts = list(_checked(given)) if len(given) <= ROWS_PER_BLOCK else None
        if not all(fine for _, _, fine in (parts or _checked(given))):
            return f"a row of the {modality}s holds NaN, infinity or only zeros"
        d = given.shape[1]
        gist = self._gists.setdefault(
            modality, Gist(sample=np.empty((self.kept, d), np.float32), total=np.zeros(d))
        )
        for unit, length, _ in parts or _checked(given):
            gist.add(unit, length, self._rng)
        return ""

    def rows(self, modality: Modality) -> int:
        """Return how many rows there are."""
        gist = self._gists.get(modality)
        return 0 if gist is None else gist.rows

    @property
    def dimension(self) -> int | None:
        """Of the vectors; None while there are none."""
        return next((len(gist.total) for gist in self._gists.values()), None)

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """The ones that have rows."""
        return tuple(side for side in MODALITIES if self.rows(side))

    def mean(self, modality: Modality) -> F64:
        """Return the mean of all unit rows, (d,)."""
        gist = self._gists[modality]
        return gist.total / gist.rows

    def length(self, modality: Modality) -> float:
        """Return the mean length of the raw rows."""
        gist = self._gists[modality]
        return gist.length / gist.rows

    def sample(self, modality: Modality) -> F32:
        """Return unit rows drawn evenly from all, or all of them where they are few."""
        gist = self._gists[modality]
        return gist.sample[: gist.rows]

    def _mismatch(self, modality: Modality, given: NDArray[Any]) -> str:
        if given.ndim != 2 or given.dtype.kind != "f":
            return f"the {modality}s are no matrix of floats"
        known = self.dimension
        if known is not None and given.shape[1] != known:
            if modality in self._gists:
                return f"the {modality}s have {given.shape[1]} dimensions, not {known}"
            return "the two sides have different dimensions"
        return "" if given.shape[1] else f"the {modality}s have no columns"


def _checked(given: NDArray[Any]) -> Iterator[tuple[F32, F64, bool]]:
    """Yield unit rows, the lengths of the raw ones, and whether all have a direction."""
    for _, block in read_blocks(given):
        unit = unit_rows(block)
        with np.errstate(over="ignore", invalid="ignore"):
            length = np.sqrt(np.einsum("ij,ij->i", block, block, dtype=np.float64))
        yield unit, length, bool(has_direction(unit).all())
