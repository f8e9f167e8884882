"""Grades of judged pairs, looked up for many places of many lists at once."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dohyo.rows import I64
from dohyo.verification.lists import DEPTH

UNJUDGED = -1


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Relevance:
    """What was judged, of q queries against g items.

    Attributes
    ----------
    key : (n,) ascending, query · g + item of each judgement
    grade : (n,) its grade, 0 for an item that does not answer
    queries, items : q and g
    """

    key: I64
    grade: I64
    queries: int
    items: int

    @classmethod
    def of(cls, asked: I64, item: I64, grade: I64, *, queries: int, items: int) -> "Relevance":
        """Put judgements in order."""
        key = asked * items + item
        order = np.argsort(key)
        return cls(key=key[order], grade=grade[order], queries=queries, items=items)

    @property
    def asked(self) -> I64:
        """(n,) the query of each judgement."""
        owner: I64 = self.key // self.items
        return owner

    @property
    def item(self) -> I64:
        """(n,) the item of each judgement."""
        found: I64 = self.key % self.items
        return found

    def grades(self, asked: I64, item: I64) -> I64:
        """Return the grade of items for queries, shaped like both together; `UNJUDGED` if none."""
        wanted = np.where(item < 0, -1, asked * self.items + item)
        place = np.minimum(np.searchsorted(self.key, wanted), len(self.key) - 1)
        found: I64 = np.where(self.key[place] == wanted, self.grade[place], UNJUDGED)
        return found

    def ideal(self) -> I64:
        """Return the ten best grades of each query, best first, (q, 10), 0 where it has fewer."""
        owner = self.asked
        order = np.lexsort((-self.grade, owner))
        owner, grade = owner[order], self.grade[order]
        rank = np.arange(len(owner)) - np.searchsorted(owner, owner)
        best = np.zeros((self.queries, DEPTH), np.int64)
        here = rank < DEPTH
        best[owner[here], rank[here]] = grade[here]
        return best

    def wanted(self) -> I64:
        """Return how many items answer each query, (q,)."""
        return np.bincount(self.asked[self.grade > 0], minlength=self.queries)

    def only(self, here: NDArray[np.bool_]) -> "Relevance":
        """Return some of the judgements; `here` is an (n,) mask."""
        return replace(self, key=self.key[here], grade=self.grade[here])
