"""Which modality each row of a collection is of."""

from dataclasses import dataclass

from dohyo.corpus import MODALITY_WORDS, Modality
from dohyo.errors import StoreError, UsageError
from dohyo.migration.sample import first_rows
from dohyo.stores.protocol import Rows, Store

FIELDS = ("modality", "kind", "type")
"""Payload fields that may say it, in this order, where the user names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """Where the modality of a row is read.

    Attributes
    ----------
    collection : for sentences
    field : the payload's field that says it; None if all rows are of one kind
    only : that kind
    """

    collection: str
    field: str | None = None
    only: Modality | None = None

    def of(self, rows: Rows) -> tuple[Modality, ...]:
        """Return the modality of each row.

        Raises
        ------
        StoreError
            Naming the row and what it says, if that is no modality.
        """
        if self.only is not None:
            return (self.only,) * len(rows)
        return tuple(
            self._named(key, held.get(self.field or ""))
            for key, held in zip(rows.ids, rows.payload, strict=True)
        )

    def _named(self, key: object, said: object) -> Modality:
        modality = MODALITY_WORDS.get(said.casefold()) if isinstance(said, str) else None
        if modality is None:
            raise StoreError(
                f"{self.collection}, row {key!r}: {self.field} is {said!r}, no modality.",
                hint="It must say image or text.",
            )
        return modality


def kinds_of(
    store: Store, collection: str, *, field: str | None = None, only: Modality | None = None
) -> Kinds:
    """Return where the modality of a collection's rows is read.

    Parameters
    ----------
    field : the payload's field, None for a guess from the first rows
    only : what all rows are of

    Raises
    ------
    UsageError
        If both are given, or neither and no field of the usual names is there.
    StoreError
        If the named field is not there.
    """
    if only is not None:
        if field is not None:
            raise UsageError(
                "--modality and --modality-field exclude each other.", hint="Give one of them."
            )
        return Kinds(collection=collection, only=only)
    there = set(store.describe(collection).fields)
    for held in first_rows(store, collection, 100).payload:
        there |= held.keys()
    if field is not None and field not in there:
        raise StoreError(
            f"{collection} has no field {field}.",
            hint=f"There are: {', '.join(sorted(there)) or 'none'}.",
        )
    named = [name for name in (FIELDS if field is None else (field,)) if name in there]
    if not named:
        raise UsageError(
            f"Nothing says which rows of {collection} are images and which texts.",
            hint="Name the field with --modality-field, say --modality image (or text) if all are "
            "of one kind, or name the collection of texts with --texts.",
        )
    return Kinds(collection=collection, field=named[0])
