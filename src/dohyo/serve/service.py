"""Everything a running service holds, put together once."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from dohyo.corpus import Modality
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.library import Library
from dohyo.encoders.protocol import Encoder
from dohyo.errors import UsageError
from dohyo.migration.naming import identity, raw_name
from dohyo.migration.route import found
from dohyo.monitor.exposition import exposition
from dohyo.rollout.ledger import Ledger
from dohyo.rollout.proposals import Proposals
from dohyo.rollout.refusal import Refusal
from dohyo.rollout.stages import STAGES, Rollout, Rollouts, Wanted
from dohyo.rows import F32
from dohyo.search import MixedSearch, open_search
from dohyo.search.target import corrected_copy
from dohyo.serve.batching import Batcher
from dohyo.serve.feedback import Feedback
from dohyo.serve.metrics import Metrics
from dohyo.serve.rate import Rate
from dohyo.serve.searcher import Searcher
from dohyo.serve.settings import Settings
from dohyo.serve.shadow import Shadow
from dohyo.serve.tokens import ADMIN, Tokens
from dohyo.serve.traffic import Traffic
from dohyo.stores.protocol import Store

if TYPE_CHECKING:
    from PIL import Image

Result = TypeVar("Result")
FLUSH_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """What is searched.

    Attributes
    ----------
    collection : of both modalities, or of the images; or an alias of it
    texts : of the texts, where they have one of their own
    modality_field : payload field that says the modality; None for a guess
    shown : where the database is, without secrets
    """

    collection: str
    texts: str | None = None
    modality_field: str | None = None
    shown: str = ""


@dataclass(eq=False, kw_only=True)
class Service:
    """The parts of a service.

    Attributes
    ----------
    settings : limits and addresses
    indexed : what is searched; None for a service that only corrects vectors
    opening : opens the database
    encoder : turns sentences and pictures into vectors; None where callers send vectors
    """

    settings: Settings
    indexed: Indexed | None = None
    opening: AbstractContextManager[Store] | None = None
    encoder: Encoder | None = None
    started: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        state, limits = self.settings.state, self.settings.limits
        self.ledger = Ledger(state / "service.sqlite")
        self.tokens = Tokens(self.ledger)
        self.rate = Rate(limits.per_second, limits.burst)
        self.library = Library(state / "maps")
        self.rollouts = Rollouts(self.ledger)
        self.proposals = Proposals(self.ledger, self.rollouts)
        self.feedback = Feedback(self.ledger)
        self.shadow = Shadow(self.ledger)
        self.metrics = Metrics()
        self.batcher = Batcher()
        self.searcher = None if self.opening is None else Searcher(self.opening, limits)
        self.working = asyncio.Semaphore(1)
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="work")
        self._searches: dict[tuple[str, bool, float], MixedSearch] = {}
        self.background: set[asyncio.Task[None]] = set()
        self.closing = False
        self.tap: Traffic | None = None  # what takes note of requests, where they are watched
        self.watch_ended = False  # a watch has ended by a fault

    @property
    def collection(self) -> str:
        """The name under which this service's roll-out is kept."""
        return "vectors" if self.indexed is None else self.indexed.collection

    def name_collection(self, collection: str) -> None:
        """Say which collection is searched, where the user named none."""
        assert self.indexed is not None
        self.indexed = replace(self.indexed, collection=collection)

    @property
    def rollout(self) -> Rollout:
        """How far the correction is rolled out now."""
        return self.rollouts.of(self.collection)

    def known(self, collection: str | None) -> str:
        """Return the collection that a request means.

        Raises
        ------
        Refusal
            404 if this service has no such collection.
        """
        if collection not in (None, self.collection):
            raise Refusal(
                404,
                "no_collection",
                "This service has no such collection.",
                hint=f"Its collection is {self.collection}; leave the field out.",
            )
        return self.collection

    def start_with(self, fitted: AlignmentMap, strength: float = 1.0) -> bool:
        """Keep a map, and make it the active one where there is none yet.

        Returns
        -------
        Whether it is the active one.
        """
        which = self.library.add(fitted)
        if self.rollout.map is None:
            wanted = Wanted(map=which, strength=strength)
            self.rollouts.change(
                self.collection, wanted, ADMIN, "the service began with it", action="activated"
            )
        return self.rollout.map == which

    def active(self, identity_: str | None = None) -> tuple[str, AlignmentMap]:
        """Return a map and its identity: the named one, or the active one.

        Raises
        ------
        Refusal
            404 if there is none of that name, 409 if none is active.
        """
        which = identity_ or self.rollout.map
        if which is None:
            raise Refusal(409, "no_map", "No map is active.", hint="POST /v1/maps/{map}/activate.")
        return which, self.library.get(which)

    def search_of(self, store: Store, *, raw: bool, rollout: Rollout) -> MixedSearch:
        """Return the search over the raw collection, or over its corrected copy.

        Raises
        ------
        Refusal
            409 if there is no copy that the active map has made.
        """
        assert self.indexed is not None
        here = self.indexed
        if raw:
            return self._search(store, here.collection, here.texts, None, 1.0)
        _, fitted = self.active(rollout.map)
        made_by = self._identity(rollout, fitted)
        names = [
            corrected_copy(store, name, made_by)
            for name in (here.collection, *([] if here.texts is None else [here.texts]))
        ]
        texts = None if here.texts is None else names[1]
        return self._search(store, names[0], texts, fitted, rollout.strength)

    def _search(
        self,
        store: Store,
        name: str,
        texts: str | None,
        fitted: AlignmentMap | None,
        strength: float,
    ) -> MixedSearch:
        key = (name, fitted is None, strength)  # a copy's name says which map made it
        if key not in self._searches:
            self._searches[key] = open_search(
                store,
                name,
                fitted,
                texts=texts,
                strength=strength,
                modality_field=None if self.indexed is None else self.indexed.modality_field,
            )
        return self._searches[key]

    def _identity(self, rollout: Rollout, fitted: AlignmentMap) -> str:
        key = rollout.map or "", rollout.strength
        if key not in self._identities:
            self._identities[key] = identity(fitted, rollout.strength)
        return self._identities[key]

    @cached_property
    def _identities(self) -> dict[tuple[str, float], str]:
        return {}

    async def encoded(self, modality: Modality, query: "str | Image.Image") -> F32:
        """Return the vector of a sentence or of a picture, (d,).

        Raises
        ------
        Refusal
            501 without an encoder, 400 where it has no vector for this.
        """
        encoder = self.encoder
        if encoder is None:
            raise Refusal(
                501,
                "no_encoder",
                "This service has no encoder.",
                hint="Send the vector, or start it with --encoder.",
            )

        def work() -> F32:
            rows: F32 = (
                encoder.encode_texts([query])
                if isinstance(query, str)
                else encoder.encode_images([query])
            )
            first: F32 = rows[0]
            return first

        row = await self.in_thread(work)
        if not np.isfinite(row).all() or not row.any():
            raise Refusal(
                400,
                "no_vector",
                f"The encoder has no vector for this {modality}.",
                hint="Ask in other words, or with another picture.",
            )
        return row

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        """Return what some work returns, done beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def in_background(self, work: "asyncio.Task[None]") -> None:
        """Keep a task alive until it is done; on shutdown it is waited for."""
        self.background.add(work)
        work.add_done_callback(self.background.discard)

    async def keep(self) -> None:
        """Write aggregates now and then, as long as the service runs."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.in_thread(self.shadow.flush)

    def tell_metrics(self) -> bytes:
        """Return all metrics, those of the moment brought up to date."""
        rollout = self.rollout
        share = {"off": 0.0, "shadow": 0.0, "canary": rollout.percent, "on": 100.0}
        self.metrics.stage.labels(self.collection).set(STAGES.index(rollout.stage))
        self.metrics.percent.labels(self.collection).set(share[rollout.stage])
        self.metrics.waiting.set(0 if self.searcher is None else self.searcher.waiting)
        return self.metrics.text() + exposition(self.ledger).encode()

    async def close(self) -> None:
        """Finish what was begun, write what is in memory, let go of everything."""
        self.closing = True
        if self.background:
            await asyncio.wait(self.background, timeout=self.settings.limits.seconds)
        self.shadow.flush()
        self.abandon()

    def abandon(self) -> None:
        """Let go of everything at once."""
        if self.searcher is not None:
            with suppress(Exception):  # a store that fails to close must not hold the others up
                self.searcher.close()
        self._threads.shutdown()
        self.ledger.close()


def only_collection(store: Store) -> str:
    """Return the one raw collection of a store, for a user who named none.

    Raises
    ------
    UsageError
        If there is none, or more than one.
    """
    raw = [name for name in store.collections() if raw_name(name) is None]
    if len(raw) != 1:
        raise UsageError(
            f"The store has {len(raw)} collections: {', '.join(raw) or 'none'}.",
            hint="Name one with --collection.",
        )
    return raw[0]


def has_copy(store: Store, indexed: Indexed, of_map: str) -> bool:
    """Whether a map has made a corrected copy of what is searched."""
    names = [indexed.collection, *([] if indexed.texts is None else [indexed.texts])]
    there = set(store.collections())
    return all(
        f"{raw_name(found(store, name)) or found(store, name)}__dohyo_{of_map}" in there
        for name in names
    )
