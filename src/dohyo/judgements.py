"""What people said answers a query: graded judgements, and queries that are in no index."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dohyo import validation
from dohyo.corpus import MODALITIES, Corpus, Modality
from dohyo.errors import CorpusError
from dohyo.rows import F32, I64, unit_rows

HIGHEST = 1_000_000
"""A grade above this is a mistake, such as an id in the wrong column."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class QuerySet:
    """Query vectors that are not in the index; build it with `from_arrays`.

    Attributes
    ----------
    image, text : (q, d) vectors of either kind, raw as given; None where no such query is
    image_id, text_id : their names, all different; None if they have none, see `ids`
    encoder : fingerprint of the encoder, or None if unknown
    """

    image: NDArray[Any] | None = None
    text: NDArray[Any] | None = None
    image_id: tuple[str, ...] | None = None
    text_id: tuple[str, ...] | None = None
    encoder: str | None = None

    @classmethod
    def from_arrays(
        cls,
        images: ArrayLike | None = None,
        texts: ArrayLike | None = None,
        *,
        image_ids: Sequence[str] | None = None,
        text_ids: Sequence[str] | None = None,
        encoder: str | None = None,
    ) -> Self:
        """Check the arrays and make a set of queries of them.

        Raises
        ------
        CorpusError
            Naming the array, the row and the remedy, as for a corpus; or if there is no query.
        """
        given = {"image": images, "text": texts}
        checked = {
            name: None if rows is None else validation.vectors(rows, f"query {name}")
            for name, rows in given.items()
        }
        if images is None and texts is None:
            raise CorpusError("There is no query.", hint="Give `image`, `text`, or both.")
        counts = [0 if rows is None else len(rows) for rows in checked.values()]
        image_id, text_id = validation.ids(image_ids, counts[0], text_ids, counts[1])
        return cls(
            image=checked["image"],
            text=checked["text"],
            image_id=image_id,
            text_id=text_id,
            encoder=encoder,
        )

    def rows(self, modality: Modality) -> NDArray[Any] | None:
        """Return the raw vectors of one kind, None if no query is of it."""
        return self.image if modality == "image" else self.text

    def unit(self, modality: Modality, rows: I64) -> F32:
        """Return some rows of one kind as unit vectors, (len(rows), d)."""
        raw = self.rows(modality)
        assert raw is not None or not len(rows)
        return np.empty((0, 0), np.float32) if raw is None else unit_rows(raw[rows])

    def ids(self, modality: Modality) -> tuple[str, ...]:
        """Return the name of each row: as given, or `image/0`, `text/0` and so on."""
        given = self.image_id if modality == "image" else self.text_id
        rows = self.rows(modality)
        if given is not None or rows is None:
            return given or ()
        return tuple(f"{modality}/{row}" for row in range(len(rows)))


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Judgements:
    """Who asked, what was judged, and how well it answers; build it with `from_lists`.

    Attributes
    ----------
    query, item : names of the judged pairs, no pair twice
    grade : (n,) int64, 0 for an item that does not answer its query, more for a better answer
    queries : the vectors of queries that are not in the index; None where every query is an item
    origin : what the judgements are called in a message, a file or "judgements"
    line : (n,) where each stands in it, from 1
    """

    query: tuple[str, ...]
    item: tuple[str, ...]
    grade: I64
    queries: QuerySet | None = None
    origin: str = "judgements"
    line: I64

    @classmethod
    def from_lists(
        cls,
        query: Sequence[str],
        item: Sequence[str],
        grade: Sequence[Any] | NDArray[Any],
        *,
        queries: QuerySet | None = None,
        origin: str = "judgements",
        line: Sequence[int] | None = None,
    ) -> Self:
        """Check judgements and put them together; the same one said twice counts once.

        Raises
        ------
        CorpusError
            Naming the line: lists of different lengths, none at all, a grade that is not a whole
            number from 0 on, a pair with two different grades, or no grade above 0.
        """
        at = list(range(1, len(query) + 1)) if line is None else list(line)
        for name, each in (("item", item), ("grade", grade)):
            validation.same_count(len(each), len(query), name, "query")
        if not len(query):
            raise CorpusError(f"{origin} holds no judgement.", hint="Give at least one line.")
        seen: dict[tuple[str, str], tuple[int, int]] = {}
        for asked, found, given, place in zip(query, item, grade, at, strict=True):
            value = _grade(given, f"{origin} line {place}")
            first, before = seen.setdefault((str(asked), str(found)), (place, value))
            if before != value:
                raise CorpusError(
                    f"{origin} line {place} gives {asked} and {found} grade {value}, line {first} "
                    f"gave {before}.",
                    hint="Keep one of them.",
                )
        if not any(value for _, value in seen.values()):
            raise CorpusError(
                f"{origin} has no grade above 0, so no search could be right.",
                hint="Give items that answer their query a grade of 1 or more.",
            )
        return cls(
            query=tuple(asked for asked, _ in seen),
            item=tuple(found for _, found in seen),
            grade=np.asarray([value for _, value in seen.values()], np.int64),
            queries=queries,
            origin=origin,
            line=np.asarray([place for place, _ in seen.values()], np.int64),
        )


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Located:
    """Judgements whose names have been found.

    Attributes
    ----------
    modality, row : (q,) of each query asked, 0 for an image; rows of the query set or the corpus
    asked : (n,) which of these queries each judgement is of
    item : (n,) item judged, images numbered before texts
    grade : (n,)
    """

    modality: I64
    row: I64
    asked: I64
    item: I64
    grade: I64


def located(judgements: Judgements, corpus: Corpus) -> Located:
    """Find the rows that judgements speak of.

    Raises
    ------
    CorpusError
        Naming the line of a query or an item that does not exist, or if the queries have another
        dimension or encoder than the corpus.
    """
    holder = judgements.queries or corpus
    if judgements.queries is not None:
        _check_belongs(judgements.queries, corpus)
    items = _numbers(corpus)
    askers = items if holder is corpus else _numbers(holder)
    what = "item of the corpus" if holder is corpus else "query of the query set"
    asked = _found(judgements, judgements.query, askers, what)
    item = _found(judgements, judgements.item, items, "item of the corpus")
    order, place = np.unique(asked, return_inverse=True)
    first = len(holder.ids("image"))
    is_text = order >= first
    return Located(
        modality=is_text.astype(np.int64),
        row=order - first * is_text,
        asked=place.astype(np.int64),
        item=item,
        grade=judgements.grade,
    )


def _grade(given: Any, where: str) -> int:
    try:
        number = float(given)
    except (TypeError, ValueError):
        number = float("nan")
    if not (number.is_integer() and abs(number) <= HIGHEST):
        raise CorpusError(
            f"{where} has grade {given}, which is no whole number up to {HIGHEST:,}.",
            hint="0 says that the item does not answer, 1 and more that it does.",
        )
    if number < 0:
        raise CorpusError(
            f"{where} has grade {given}, below 0.",
            hint="Say 0 for an item that does not answer its query, or leave the line out.",
        )
    return int(number)


def _numbers(holder: Corpus | QuerySet) -> dict[str, int]:
    """Return the number of each name, images before texts."""
    names = [name for modality in MODALITIES for name in holder.ids(modality)]
    numbers = {name: number for number, name in enumerate(names)}
    if len(numbers) < len(names):
        raise CorpusError(
            "An image and a text have the same id.", hint="Give image_id and text_id for both."
        )
    return numbers


def _found(judgements: Judgements, names: Sequence[str], known: dict[str, int], what: str) -> I64:
    for name, line in zip(names, judgements.line, strict=True):
        if name not in known:
            some = next(iter(known))
            raise CorpusError(
                f"{judgements.origin} line {line} speaks of {name}, but there is no such {what}.",
                hint=f"Ids are those of image_id and text_id, such as {some}.",
            )
    return np.asarray([known[name] for name in names], np.int64)


def _check_belongs(queries: QuerySet, corpus: Corpus) -> None:
    for modality in MODALITIES:
        rows = queries.rows(modality)
        if rows is not None and rows.shape[1] != corpus.dim:
            raise CorpusError(
                f"The corpus has {corpus.dim} columns, the {modality} queries have "
                f"{rows.shape[1]}.",
                hint="Both must come from the same encoder.",
            )
    if None not in (queries.encoder, corpus.encoder) and queries.encoder != corpus.encoder:
        raise CorpusError(
            "The corpus and the queries come from different encoders.",
            hint="Embed the queries with the encoder of the corpus.",
        )
