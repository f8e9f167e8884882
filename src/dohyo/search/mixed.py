"""One ranking over images and texts, from raw collections or from corrected ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dohyo.corpus import MODALITIES, MODALITY_WORDS, Modality
from dohyo.corrections.map import AlignmentMap
from dohyo.errors import StoreError, UsageError
from dohyo.migration.kinds import FIELDS, kinds_of
from dohyo.migration.naming import identity
from dohyo.rows import F32
from dohyo.search.answer import Answer, Found
from dohyo.search.target import Side, Target, targets
from dohyo.stores.protocol import Hit, Payload, Store

LIKENED = (str, str.capitalize, str.upper)
"""Ways to write a modality in a payload."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MixedSearch:
    """A search over both modalities; made by `open_search`.

    Every question looks up what the names stand for. So when an alias is switched from a raw
    collection to its corrected copy, or back, index and queries change in the same moment.

    Attributes
    ----------
    store : an open one
    sides : one collection of both modalities, or one of each
    map : corrects the queries to a corrected collection; None if there is none yet
    strength : α that the collection was migrated with
    modality_field : payload field that says the modality; None for a guess
    """

    store: Store
    sides: tuple[Side, ...]
    map: AlignmentMap | None = field(default=None, repr=False)
    strength: float = 1.0
    modality_field: str | None = None
    _identity: str | None = field(init=False, default=None, repr=False)
    _dimensions: dict[str, int] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.map is not None:
            object.__setattr__(self, "_identity", identity(self.map, self.strength))

    @property
    def identity(self) -> str:
        """What the names of the collections end in that this map has corrected; "" without one."""
        return self._identity or ""

    def ask(
        self,
        vector: ArrayLike,
        modality: Modality,
        k: int = 10,
        *,
        least: float = 0.0,
        raw: bool = False,
        where: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Return the k nearest items of both modalities, in one ranking.

        Parameters
        ----------
        vector : (d,) floats, the query as the encoder made it, not corrected
        modality : of the query
        k : number of hits; fewer where the collection is smaller
        least : share of the hits that each modality gets at least, 0 to 0.5; scores of corrected
            vectors are comparable, so that 0 is fair already
        raw : search the raw collections even if the names stand for corrected ones
        where : payload fields and the values they must have, all of them

        Raises
        ------
        StoreError
            If a name stands for nothing, the collection has another dimension, or the store fails.
        UsageError
            If a parameter is out of range, the collection is corrected and there is no map, or
            `least` is asked for and nothing says which row is of which modality.
        MapError
            If the collection was corrected by another map, or the vector has no direction.
        """
        query = np.asarray(vector, np.float32)
        if query.ndim != 1:
            raise UsageError(f"The query has shape {query.shape}.", hint="Give one vector.")
        if k < 1 or not 0 <= least <= 0.5:
            raise UsageError(
                f"Cannot return {k} hits, at least {least} of them of each modality.",
                hint="Take 1 hit or more, and a share from 0 to 0.5.",
            )
        now = targets(self.store, self.sides, self._identity, raw=raw)
        try:
            return self._answer(now, query, modality, k, least, where or {})
        except StoreError:
            # The alias may have been switched, and the collection dropped, since it was looked up.
            again = targets(self.store, self.sides, self._identity, raw=raw)
            if again == now:
                raise
            return self._answer(again, query, modality, k, least, where or {})

    def _answer(
        self,
        now: tuple[Target, ...],
        query: F32,
        modality: Modality,
        k: int,
        least: float,
        where: Mapping[str, Any],
    ) -> Answer:
        corrected = now[0].corrected
        for target in now:
            self._check_dimension(target, len(query))
        if corrected and self.map is not None:
            query = self.map.apply(query[None], modality, "query", self.strength)[0]
        pool = [hit for target in now for hit in self._hits(target, query, k, None, where)]
        need = min(int(np.ceil(least * k - 1e-9)), k // 2)
        for wanted in MODALITIES:
            if need and sum(hit.modality == wanted for hit in best(pool, k)) < need:
                for target in now:
                    pool += self._hits(target, query, need, wanted, where)
        hits = best(pool, k, need)
        ranked = (replace(hit, rank=rank) for rank, hit in enumerate(hits, start=1))
        return Answer(
            hits=tuple(ranked),
            corrected=corrected,
            collections=tuple(target.collection for target in now),
        )

    def _hits(
        self,
        target: Target,
        query: F32,
        k: int,
        wanted: Modality | None,
        where: Mapping[str, Any],
    ) -> tuple[Found, ...]:
        """Return the best of one collection, all of the wanted modality if one is."""
        if wanted is not None and target.only not in (None, wanted):
            return ()
        if wanted is None or target.only is not None:
            hits = self.store.search(target.collection, query, k, where=where or None)
        else:
            hits = self._of_kind(target.collection, query, k, wanted, where)
        return tuple(self._found(target, hit) for hit in hits)

    def _of_kind(
        self, collection: str, query: F32, k: int, wanted: Modality, where: Mapping[str, Any]
    ) -> tuple[Hit, ...]:
        said_in = kinds_of(self.store, collection, field=self.modality_field).field
        for word in (word for word, kind in MODALITY_WORDS.items() if kind == wanted):
            for write in LIKENED:
                kind_is = {said_in or "": write(word)}
                hits = self.store.search(collection, query, k, where={**where, **kind_is})
                if hits:
                    return hits
        return ()

    def _found(self, target: Target, hit: Hit) -> Found:
        return Found(
            rank=0,
            id=hit.id,
            modality=target.only or modality_in(hit.payload, self.modality_field),
            score=float(hit.score),
            collection=target.collection,
            payload=hit.payload,
        )

    def _check_dimension(self, target: Target, dimension: int) -> None:
        """Refuse a query of another encoder; a store is asked once for each collection."""
        if target.collection not in self._dimensions:
            self._dimensions[target.collection] = self.store.describe(target.collection).dimension
        wanted = self._dimensions[target.collection]
        if target.corrected and self.map is not None:
            wanted = self.map.dimension
        if wanted != dimension:
            raise StoreError(
                f"{target.collection} is of vectors with {wanted} dimensions, the query has "
                f"{dimension}.",
                hint="Use the encoder that made its vectors.",
            )


def open_search(
    store: Store,
    collection: str,
    map: AlignmentMap | None = None,
    *,
    texts: str | None = None,
    strength: float = 1.0,
    modality_field: str | None = None,
) -> MixedSearch:
    """Return a search over both modalities, for a program that runs on while aliases switch.

    Parameters
    ----------
    store : an open one, see `dohyo.stores.registry.open_store`
    collection : of both modalities, or an alias of it; with `texts`, that of the images
    map : that the collection is or will be migrated with; without, corrected ones are refused
    texts : collection of the texts, or an alias of it, where they have one of their own
    strength : α of the migration
    modality_field : payload field that says the modality; None for a guess

    Raises
    ------
    UsageError
        If the strength is out of range.
    """
    if not 0 < strength <= 1:
        raise UsageError(
            f"Strength {strength} is not above 0 and up to 1.", hint="Choose one between."
        )
    sides = (
        (Side(collection),) if texts is None else (Side(collection, "image"), Side(texts, "text"))
    )
    return MixedSearch(
        store=store, sides=sides, map=map, strength=strength, modality_field=modality_field
    )


def best(pool: list[Found], k: int, need: int = 0) -> list[Found]:
    """Return the k best of some hits, `need` of each modality among them if there are so many.

    Hits that come twice count once. Equal scores stay in the order given.
    """
    ordered = sorted({hit.item: hit for hit in pool}.values(), key=lambda hit: -hit.score)
    sure = [
        hit
        for wanted in MODALITIES
        for hit in [each for each in ordered if each.modality == wanted][:need]
    ]
    chosen = {hit.item for hit in sure}
    rest = [hit for hit in ordered if hit.item not in chosen][: max(0, k - len(sure))]
    return sorted([*sure, *rest], key=lambda hit: -hit.score)[:k]


def modality_in(payload: Payload, named: str | None) -> Modality | None:
    """Return what a row's payload says of its modality; None if it says none."""
    for name in FIELDS if named is None else (named,):
        said = payload.get(name)
        if isinstance(said, str) and said.casefold() in MODALITY_WORDS:
            return MODALITY_WORDS[said.casefold()]
    return None
