"""What the rows of a corrected collection must be, from those of the raw one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dohyo.corpus import MODALITIES, Modality
from dohyo.corrections.map import AlignmentMap
from dohyo.errors import StoreError
from dohyo.migration.kinds import Kinds
from dohyo.rows import has_direction, unit_rows
from dohyo.stores.protocol import Id, Rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corrected:
    """Some rows, corrected.

    Attributes
    ----------
    rows : those that could be, same keys and payload
    kinds : the modality of each
    skipped : keys of those that could not
    """

    rows: Rows
    kinds: tuple[Modality, ...]
    skipped: tuple[Id, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Correction:
    """From raw rows to corrected ones; pure.

    Attributes
    ----------
    fitted : the map
    strength : at which it is applied, above 0
    kinds : which modality a row is of
    skip_bad : leave out rows that cannot be corrected, instead of refusing them
    """

    fitted: AlignmentMap
    kinds: Kinds
    strength: float = 1.0
    skip_bad: bool = False

    def __call__(self, rows: Rows) -> Corrected:
        """Return the rows as items of the corrected collection.

        Raises
        ------
        StoreError
            Naming the row: no modality, a key that comes twice, or a vector of zeros, with NaN
            or infinity in it (unless those are skipped).
        MapError
            If the vectors have another number of columns than the map takes.
        """
        _refuse_twins(self.kinds.collection, rows.ids)
        good = has_direction(unit_rows(rows.vectors)) if len(rows) else np.ones(0, bool)
        bad = tuple(rows.ids[place] for place in np.flatnonzero(~good))
        if bad and not self.skip_bad:
            raise StoreError(
                f"{self.kinds.collection}, row {bad[0]!r}: the vector holds NaN, infinity or only "
                "zeros.",
                hint="Embed it again, or leave such rows out with --skip-bad.",
            )
        rows = chosen(rows, np.flatnonzero(good)) if bad else rows
        kinds = self.kinds.of(rows)
        out = np.empty((len(rows), self.fitted.width), np.float32)
        for modality in MODALITIES:
            of = np.array([kind == modality for kind in kinds], bool)
            if of.any():
                out[of] = self.fitted.apply(rows.vectors[of], modality, "item", self.strength)
        return Corrected(rows=Rows(rows.ids, out, rows.payload), kinds=kinds, skipped=bad)


def chosen(rows: Rows, places: Sequence[int] | np.ndarray) -> Rows:
    """Return some of the rows, by their places."""
    which = [int(place) for place in places]
    return Rows(
        tuple(rows.ids[place] for place in which),
        rows.vectors[which],
        tuple(rows.payload[place] for place in which),
    )


def _refuse_twins(collection: str, ids: Sequence[Id]) -> None:
    if len(set(ids)) == len(ids):
        return
    seen: set[Id] = set()
    twin = next(key for key in ids if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    raise StoreError(
        f"{collection}: the key {twin!r} belongs to more than one row.",
        hint="Every row needs a key of its own; name another field with --id-field.",
    )
