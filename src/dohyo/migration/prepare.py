"""Check everything that can be checked before the first row is written."""

import time
from dataclasses import dataclass

from dohyo.corpus import Modality
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.encoder import require_encoder
from dohyo.errors import MapError, StoreError, UsageError
from dohyo.migration.correction import Correction
from dohyo.migration.kinds import kinds_of
from dohyo.migration.naming import identity
from dohyo.migration.plausible import check_means
from dohyo.migration.route import Route, route
from dohyo.migration.sample import first_rows
from dohyo.migration.tally import written
from dohyo.stores.protocol import Rows, Store

BATCH = 5_000
"""Rows that travel at once: the fastest of those tried (docs/migrate.md)."""
SAMPLE = 1_000
"""Rows that are read and corrected before anything is written."""
FLOAT = 4
"""Bytes of a number of the copy."""
STATED = ("encoder_fingerprint", "encoder")
"""Payload fields that may hold the fingerprint of a row's encoder."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """One collection to copy.

    Attributes
    ----------
    route : from where to where
    correction : from raw rows to corrected ones
    rows : of the raw collection
    there : rows that the copy has already, None if it is not there
    payload_bytes : of one row, measured on a sample, written as text
    seconds : to read and correct one row, measured on a sample
    """

    route: Route
    correction: Correction
    rows: int
    there: int | None
    payload_bytes: float
    seconds: float

    @property
    def bytes(self) -> int:
        """What the copy will hold, without the store's own overhead."""
        return round(self.rows * (self.correction.fitted.width * FLOAT + self.payload_bytes))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """A migration that may begin.

    Attributes
    ----------
    parts : one collection, or one for each modality
    batch : rows that travel at once
    """

    store: Store
    parts: tuple[Part, ...]
    batch: int


def prepare(
    store: Store,
    collection: str,
    fitted: AlignmentMap,
    *,
    texts: str | None = None,
    modality: Modality | None = None,
    modality_field: str | None = None,
    alias: str | None = None,
    strength: float = 1.0,
    encoder: str | None = None,
    force: bool = False,
    skip_bad: bool = False,
    batch: int = BATCH,
) -> Prepared:
    """Check a migration; nothing is written.

    Parameters
    ----------
    collection : a raw collection, or an alias of one or of its corrected copy
    texts : the collection of texts, if `collection` holds images alone
    modality : what all rows are of
    modality_field : payload field that says it; None for a guess
    alias : to make or switch in the end, where `collection` is none
    strength : above 0, up to 1
    encoder : fingerprint of the encoder that made the vectors, None if the rows may say it
    force : go on although the encoder is unknown or another, or the means lie elsewhere
    skip_bad : leave out rows without a direction instead of refusing them

    Raises
    ------
    UsageError
        If the parameters contradict each other, or nothing says what is an image.
    StoreError
        If the store does not answer, lacks the collection, or something else has the copy's name.
    MapError
        If the collection has another dimension than the map, or does not look like the vectors
        it was fitted on.
    """
    if not 0 < strength <= 1:
        raise UsageError(
            f"Strength {strength} is not above 0 and up to 1.", hint="Choose one between."
        )
    if texts is not None and (modality or modality_field or alias):
        raise UsageError(
            "--texts goes with neither --modality, --modality-field nor --alias.",
            hint="Leave them out, or migrate each collection by itself with --modality.",
        )
    sides: list[tuple[str, Modality | None]] = [(collection, modality)]
    if texts is not None:
        sides = [(collection, "image"), (texts, "text")]
    name = identity(fitted, strength)
    routes = [route(store, named, name, alias=alias) for named, _ in sides]
    if len({way.raw for way in routes}) < len(routes):
        raise UsageError(
            f"{collection} and {texts} are the same collection.",
            hint="Leave --texts out; the payload says which row is what.",
        )
    prepared = []
    for way, (_, only) in zip(routes, sides, strict=True):
        _check_dimensions(store, way, fitted)
        kinds = kinds_of(store, way.raw, field=modality_field, only=only)
        correction = Correction(fitted=fitted, kinds=kinds, strength=strength, skip_bad=skip_bad)
        prepared.append(_part(store, way, correction, encoder=encoder, force=force))
    return Prepared(store=store, parts=tuple(prepared), batch=batch)


def _check_dimensions(store: Store, way: Route, fitted: AlignmentMap) -> None:
    raw = store.describe(way.raw)
    if raw.dimension != fitted.dimension:
        raise MapError(
            f"{way.raw} has vectors of {raw.dimension} dimensions, the map takes "
            f"{fitted.dimension}.",
            hint="Use the map that was fitted on vectors of this collection's encoder.",
        )
    if store.resolve(way.target) is None:
        return
    there = store.describe(way.target).dimension
    if there != fitted.width:
        raise StoreError(
            f"There is a {way.target} already, with {there} dimensions instead of {fitted.width}: "
            "dohyo did not make it.",
            hint="Rename or remove it.",
        )


def _part(
    store: Store, way: Route, correction: Correction, *, encoder: str | None, force: bool
) -> Part:
    begin = time.perf_counter()
    rows = first_rows(store, way.raw, SAMPLE)
    if not len(rows):
        raise StoreError(f"{way.raw} has no rows.", hint="Name another collection.")
    corrected = correction(rows)
    seconds = (time.perf_counter() - begin) / len(rows)
    if not force:
        require_encoder(
            correction.fitted.encoder, encoder or _stated(rows), say="--encoder-fingerprint"
        )
        check_means(correction.fitted, rows, correction.kinds)
    there = store.resolve(way.target)
    return Part(
        route=way,
        correction=correction,
        rows=store.describe(way.raw).rows,
        there=None if there is None else store.describe(way.target).rows,
        payload_bytes=sum(len(written(held)) for held in corrected.rows.payload) / len(rows),
        seconds=seconds,
    )


def _stated(rows: Rows) -> str | None:
    """Return the fingerprint that all of these rows state; None if there is no one such."""
    for name in STATED:
        said = {held.get(name) for held in rows.payload if not isinstance(held.get(name), list)}
        if len(said) == 1 and isinstance(one := said.pop(), str):
            return one
    return None
