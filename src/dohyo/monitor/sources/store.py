"""A vector database, looked through on schedule."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Modality
from dohyo.errors import StoreError, UsageError
from dohyo.migration.kinds import Kinds, kinds_of
from dohyo.migration.prepare import STATED
from dohyo.migration.route import found as collection_of
from dohyo.monitor.batch import Batch, Side
from dohyo.monitor.monitor import LEAST_ROWS
from dohyo.monitor.sources.protocol import Known
from dohyo.rows import F32
from dohyo.stores.protocol import Payload, Rows, Store

U64 = NDArray[np.uint64]
CAPTION = ("caption", "text", "title")
LABEL = ("label", "category", "class")
ORIGIN = ("source", "shop")
MOST_KEYS = 2_000_000
"""Keys that may be remembered to tell new rows: 16 MB."""


@dataclass(eq=False, slots=True)
class _Drawn:
    """A uniform sample of the rows of one modality: those with the smallest lots."""

    most: int
    lots: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    rows: F32 = field(default_factory=lambda: np.empty((0, 0), np.float32))
    payload: list[Payload] = field(default_factory=list)

    def add(self, rows: F32, payload: Sequence[Payload], lots: NDArray[np.float64]) -> None:
        """Offer rows, each with its lot in [0, 1)."""
        if len(self.lots) == self.most:
            promising = lots < self.lots.max()
            rows, lots = rows[promising], lots[promising]
            payload = [each for each, good in zip(payload, promising, strict=True) if good]
        if not len(rows):
            return
        all_lots = np.concatenate([self.lots, lots])
        all_rows = np.concatenate([self.rows.reshape(-1, rows.shape[1]), rows])
        everything = [*self.payload, *payload]
        kept = np.argsort(all_lots, kind="stable")[: self.most]
        self.lots, self.rows = all_lots[kept], all_rows[kept]
        self.payload = [everything[place] for place in kept]

    def side(self) -> Side | None:
        """Return the sample; None where it is empty."""
        if not len(self.rows):
            return None
        return Side(
            rows=self.rows,
            label=_told(self.payload, LABEL),
            source=_told(self.payload, ORIGIN),
            caption=_told(self.payload, CAPTION),
        )


@dataclass(eq=False, kw_only=True)
class StoreSource:
    """One collection, of which a batch is drawn in each stretch of time.

    Attributes
    ----------
    opening : opens the store for one look
    collection : its name, or an alias; give the raw vectors' one, not a corrected copy
    every : seconds of a stretch; there is one batch in each
    sample : rows of each modality that are drawn at most; all rows are read for it
    which : "sample" draws from all rows, "new" from those that were not there before
    texts : collection of texts, where the other one holds images alone
    only : modality of all rows, where they are of one
    modality_field : payload's field that says image or text; None for a guess
    seed : of the draw
    now : time of day, with a zone
    """

    opening: Callable[[], AbstractContextManager[Store]]
    collection: str
    every: float
    sample: int = 2_000
    which: Literal["sample", "new"] = "sample"
    texts: str | None = None
    only: Modality | None = None
    modality_field: str | None = None
    seed: int = 0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    waiting: bool = field(default=False, init=False)
    bookmark: bytes | None = field(default=None, init=False)
    _last: Batch | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        """The collection's."""
        return self.collection

    def look(self, known: Known) -> Iterator[Batch]:
        """Yield the batch of this stretch of time, where it was not taken yet.

        Raises
        ------
        StoreError
            If the store cannot be reached, or holds no such collection.
        UsageError
            If nothing says which rows are images, or there are too many keys to remember.
        """
        stretch = int(self.now().timestamp() // self.every)
        at = datetime.fromtimestamp(stretch * self.every, UTC)
        id = f"{self.collection} {at:%Y-%m-%dT%H:%M:%S}"
        if known(id, at):
            return
        batch, seen = self._drawn(id, at, stretch)
        if self.which == "new":
            if not batch.why and batch.image is None and batch.text is None:
                return  # too few for a batch: they wait for the next stretch
            self.bookmark = seen.tobytes()
        self._last = batch
        yield batch

    def read(self, id: str) -> Batch | None:
        """Return the last batch, if it is that one; of others a database keeps nothing."""
        return self._last if self._last is not None and self._last.id == id else None

    def _drawn(self, id: str, at: datetime, stretch: int) -> tuple[Batch, U64]:
        """Return the batch, and the keys that have been seen with it."""
        rng = np.random.default_rng((self.seed, stretch))
        seen = np.frombuffer(self.bookmark or b"", np.uint64)
        drawn: dict[Modality, _Drawn] = {side: _Drawn(self.sample) for side in MODALITIES}
        fresh: dict[Modality, list[U64]] = {side: [] for side in MODALITIES}
        encoder = None
        with self.opening() as store:
            for rows, kinds in self._scanned(store):
                lots = rng.random(len(rows))
                try:
                    sides = np.array(kinds.of(rows))
                except StoreError as error:
                    return Batch(id=id, at=at, why=str(error)), seen
                encoder = encoder or _encoder(rows)
                keys = self._keys(rows)
                for side in MODALITIES:
                    own = np.flatnonzero((sides == side) & ~np.isin(keys, seen))
                    payload = [rows.payload[place] for place in own]
                    drawn[side].add(rows.vectors[own], payload, lots[own])
                    fresh[side].append(keys[own])
        found = {side: each.side() for side, each in drawn.items()}
        if self.which == "new":
            few = [s for s, each in found.items() if each and len(each.rows) < LEAST_ROWS]
            for side in few:
                found[side], fresh[side] = None, []
        both = [each for parts in fresh.values() for each in parts]
        seen = np.unique(np.concatenate([seen, *both])) if self.which == "new" else seen
        self._check(len(seen))
        return Batch(id=id, at=at, encoder=encoder, **found), seen  # type: ignore[arg-type]

    def _scanned(self, store: Store) -> Iterator[tuple[Rows, Kinds]]:
        """Yield all rows of what is watched, and how to tell their modality."""
        first = "image" if self.texts is not None else self.only
        parts: list[tuple[str, Modality | None]] = [(self.collection, first)]
        if self.texts is not None:
            parts.append((self.texts, "text"))
        for named, only in parts:
            collection = collection_of(store, named)
            field = self.modality_field if only is None else None
            kinds = kinds_of(store, collection, field=field, only=only)
            for rows in store.scan(collection):
                yield rows, kinds

    def _keys(self, rows: Rows) -> U64:
        """Return the rows' keys in 8 bytes each; empty where nobody asks which are new."""
        if self.which == "sample":
            return np.zeros(len(rows), np.uint64)
        return np.array([_hashed(key) for key in rows.ids], np.uint64)

    def _check(self, keys: int) -> None:
        if keys > MOST_KEYS:
            raise UsageError(
                f"{self.collection} has more than {MOST_KEYS:,} rows: too many to tell new ones.",
                hint="Watch a sample of all rows.",
            )


def _hashed(key: Any) -> int:
    text = f"{type(key).__name__} {key}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())


def _encoder(rows: Rows) -> str | None:
    """Return the fingerprint that the first row states; None where none does."""
    for payload in rows.payload[:1]:
        for name in STATED:
            if isinstance(payload.get(name), str):
                return str(payload[name])
    return None


def _told(payload: Sequence[Payload], names: Sequence[str]) -> tuple[str, ...] | None:
    """Return what the first of some fields that is there says of every row."""
    for name in names:
        if any(each.get(name) is not None for each in payload):
            return tuple("" if each.get(name) is None else str(each[name]) for each in payload)
    return None
