"""What a search over both modalities returns, and what changed from one answer to another."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dohyo.corpus import Modality
from dohyo.migration.naming import raw_name
from dohyo.stores.protocol import Id, Payload


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """One row of an answer.

    Attributes
    ----------
    rank : from 1
    id : key of the row
    modality : of the row; None where nothing says it
    score : the larger, the nearer; comparable within one answer
    collection : that was searched
    payload : what else the row holds
    """

    rank: int
    id: Id
    modality: Modality | None
    score: float
    collection: str
    payload: Payload = field(default_factory=dict)

    @property
    def item(self) -> tuple[str, Id]:
        """What tells the item from any other, the same in a raw collection and in its copy."""
        return raw_name(self.collection) or self.collection, self.id


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """One ranking over both modalities.

    Attributes
    ----------
    hits : best first
    corrected : whether query and items were corrected
    collections : that were searched, by their own names
    """

    hits: tuple[Found, ...]
    corrected: bool
    collections: tuple[str, ...]

    def count(self, modality: Modality) -> int:
        """Return how many of the hits are of a modality."""
        return sum(hit.modality == modality for hit in self.hits)


def former_ranks(before: Answer, after: Answer) -> Mapping[int, int | None]:
    """Return for each rank of an answer the item's rank in the one before, None if it is new."""
    was = {hit.item: hit.rank for hit in before.hits}
    return {hit.rank: was.get(hit.item) for hit in after.hits}
