"""Judged queries that can be asked, and what is held out when they ask."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dohyo.corpus import MODALITIES, Corpus, Modality
from dohyo.judgements import Judgements, Located, QuerySet, located
from dohyo.rows import F32, I64
from dohyo.verification.judged.relevance import Relevance


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Asked:
    """The judged queries that something answers.

    Attributes
    ----------
    corpus : what can be found, images before texts
    outside : the queries' vectors where they are not items; None where they are
    modality, row : (q,) of each query, 0 for an image
    group : (q,) what is resampled together: queries of one group of the corpus, else each alone
    relevance : of the queries against the items
    unanswered : number of judged queries left out because nothing answers them
    """

    corpus: Corpus
    outside: QuerySet | None
    modality: I64
    row: I64
    group: I64
    relevance: Relevance
    unanswered: int

    @property
    def item_modality(self) -> I64:
        """(g,) 0 for an image, 1 for a text."""
        return np.repeat(np.arange(2), [len(self.corpus.image), len(self.corpus.text)])

    @property
    def itself(self) -> I64 | None:
        """(q,) each query's own place among the items; None where it has none."""
        return None if self.outside else self.row + len(self.corpus.image) * self.modality

    @property
    def kinds(self) -> tuple[tuple[int, Modality], ...]:
        """The kinds that ask, with their numbers."""
        return tuple(each for each in enumerate(MODALITIES) if (self.modality == each[0]).any())

    def fold(self, k: int, seed: int) -> I64:
        """Return the fold of each query, (q,).

        Where queries are items, the folds are those of the corpus: of its groups, or of either
        kind without pairs. What a fold chose is then never shown on items that it chose by.
        """
        if self.outside is not None:
            return _dealt(len(self.row), k, seed)
        images = _dealt(len(self.corpus.image), k, seed)
        if self.corpus.paired:
            return images[self.group]
        texts = _dealt(len(self.corpus.text), k, seed)
        found: I64 = np.concatenate([images, texts])[self.row + len(images) * self.modality]
        return found

    def splits(self, k: int, seed: int) -> Iterator[tuple[I64, I64, I64]]:
        """Yield (queries, rows of image, rows of text that a fit for them may see)."""
        everything = np.arange(len(self.corpus.image)), np.arange(len(self.corpus.text))
        if self.outside is not None:
            yield np.arange(len(self.row)), *everything
            return
        fold = self.fold(k, seed)
        for each in np.unique(fold):
            here = np.flatnonzero(fold == each)
            images, texts = (
                np.setdiff1d(rows, self.row[here][self.modality[here] == number])
                for number, rows in enumerate(everything)
            )
            yield here, images, texts

    def rows(self, here: I64, modality: Modality) -> F32:
        """Return the unit rows of those of these queries that are of one kind, in order."""
        number = MODALITIES.index(modality)
        rows = self.row[here][self.modality[here] == number]
        return (self.outside or self.corpus).unit(modality, rows)


def asked_of(corpus: Corpus, judgements: Judgements) -> Asked:
    """Find the queries and items that judgements speak of; those that nothing answers are left.

    What is said of an item as an answer to itself is of no account: no list holds the query.

    Raises
    ------
    CorpusError
        Naming the line of an unknown id.
    """
    found = located(judgements, corpus)
    first = len(corpus.image)
    itself = found.row + first * found.modality
    counts = np.ones(len(found.item), np.bool_)
    if judgements.queries is None:
        counts = found.item != itself[found.asked]
    answered = np.unique(found.asked[counts & (found.grade > 0)])
    place = np.full(len(found.row), -1, np.int64)
    place[answered] = np.arange(len(answered))
    kept = counts & (place[found.asked] >= 0)
    return Asked(
        corpus=corpus,
        outside=judgements.queries,
        modality=found.modality[answered],
        row=found.row[answered],
        group=_groups(corpus, judgements, found, answered),
        relevance=Relevance.of(
            place[found.asked[kept]],
            found.item[kept],
            found.grade[kept],
            queries=len(answered),
            items=first + len(corpus.text),
        ),
        unanswered=len(found.row) - len(answered),
    )


def _groups(corpus: Corpus, judgements: Judgements, found: Located, answered: I64) -> I64:
    modality, row = found.modality[answered], found.row[answered]
    if judgements.queries is not None or not corpus.paired:
        return np.arange(len(answered), dtype=np.int64)
    both = np.concatenate([corpus.groups("image"), corpus.groups("text")])
    found_groups: I64 = both[row + len(corpus.image) * modality]
    return found_groups


def _dealt(rows: int, k: int, seed: int) -> I64:
    """Return the fold of each row, as `Corpus.folds` deals them."""
    fold = np.empty(rows, np.int64)
    fold[np.random.default_rng(seed).permutation(rows)] = np.arange(rows) % k
    return fold
