"""Rows of any table to a listing: rows of one picture become one, classes get their numbers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dohyo.embedding.listing import Listing, Note, Reader
from dohyo.embedding.sources.roles import Roles
from dohyo.errors import CorpusError


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row: a picture, its captions, what else is known; `where` names it in messages."""

    where: str
    picture: str
    captions: Sequence[str]
    label: str | int | None = None
    source: str | None = None
    image_id: str | None = None
    text_id: str | None = None
    id: str | None = None


class Gathered:
    """Records by picture, in the order in which the pictures first come."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number: dict[str, int] = {}
        self.first: list[Record] = []
        self.captions: list[str] = []
        self.caption_of: list[int] = []
        self.text_ids: list[str | None] = []
        self.row_ids: list[str | None] = []
        self.ids: list[set[str | None]] = []
        self.empty = 0

    def add(self, record: Record) -> None:
        """Take a row.

        Raises
        ------
        CorpusError
            If it gives its picture another class, source or id than a row before.
        """
        number = self.number.setdefault(record.picture, len(self.number))
        if number == len(self.first):
            self.first.append(record)
            self.ids.append(set())
        self._check_same(self.first[number], record)
        self.ids[number].add(record.id)
        for caption in record.captions:
            told = " ".join(caption.split())
            if not told:
                self.empty += 1
                continue
            self.captions.append(told)
            self.caption_of.append(number)
            self.text_ids.append(record.text_id)
            self.row_ids.append(record.id)

    def _check_same(self, first: Record, record: Record) -> None:
        for name in ("label", "source", "image_id"):
            if getattr(first, name) != getattr(record, name):
                raise CorpusError(
                    f"{self.path}, {record.where}: {record.picture} has another {name} than in "
                    f"{first.where}.",
                    hint=f"A picture has one {name}.",
                )


def listing_of(
    gathered: Gathered,
    *,
    stamps: Sequence[str],
    read: Callable[[Sequence[int]], Iterator[Reader]],
    class_names: Sequence[str] | None = None,
    notes: Iterable[Note] = (),
) -> Listing:
    """Return the listing of gathered records."""
    notes = list(notes)
    if gathered.empty:
        notes.append(Note("empty_captions", {"count": gathered.empty}))
    bare = len(gathered.first) - len(set(gathered.caption_of))
    if gathered.captions and bare:
        notes.append(Note("no_caption", {"count": bare}))
    labels = [record.label for record in gathered.first]
    unlabelled = sum(label is None for label in labels)
    if unlabelled and unlabelled < len(labels):
        notes.append(Note("labels_with_gaps", {"count": unlabelled}))
    sources = [record.source for record in gathered.first]
    image_ids = [record.image_id for record in gathered.first]
    text_ids = gathered.text_ids
    # An id that differs from row to row of one picture is of the caption, not of the picture.
    if all(len(ids) == 1 for ids in gathered.ids):
        image_ids = image_ids if _has_all(image_ids) else [record.id for record in gathered.first]
    elif not _has_all(text_ids):
        text_ids = gathered.row_ids
    names = tuple(gathered.number)
    chosen = tuple(map(str, image_ids)) if _has_all(image_ids) else names
    if len({*chosen}) < len(chosen):
        chosen = names
    distinct = _has_all(text_ids) and len({*text_ids, *chosen}) == len(text_ids) + len(chosen)
    return Listing(
        path=gathered.path,
        pictures=names,
        image_ids=chosen,
        stamps=tuple(stamps),
        read=read,
        captions=tuple(gathered.captions),
        caption_of=np.array(gathered.caption_of, np.int64),
        labels=None if unlabelled else _labels(labels),
        class_names=None if class_names is None else tuple(class_names),
        sources=None if None in sources else tuple(map(str, sources)),
        text_ids=tuple(map(str, text_ids)) if distinct else None,
        notes=tuple(notes),
    )


def described(roles: Roles) -> Note:
    """Return the note that says which column was taken for what."""
    return Note("columns", {"columns": str(roles)})


def _has_all(values: Sequence[str | None]) -> bool:
    return bool(values) and None not in values


def _labels(labels: Sequence[str | int | None]) -> tuple[str, ...] | tuple[int, ...]:
    """Return class numbers where every class is a whole number, also one written as a string."""
    told = [str(label) for label in labels]
    if all(label.isascii() and label.isdigit() for label in told):
        return tuple(map(int, told))
    return tuple(told)
