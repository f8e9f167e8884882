"""One search: which list it gets, and how that list is made."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from dohyo.corpus import MODALITIES, Modality
from dohyo.corrections.map import AlignmentMap
from dohyo.errors import DohyoError
from dohyo.rollout.refusal import Refusal
from dohyo.rollout.stages import Rollout
from dohyo.rows import F32, unit_rows
from dohyo.search.answer import Answer, Found
from dohyo.search.diversity import diverse
from dohyo.search.mixed import best
from dohyo.serve.interleaving import team_draft
from dohyo.serve.service import Service
from dohyo.serve.shadow import compared
from dohyo.stores.protocol import Store

Arm = Literal["raw", "corrected", "interleaved"]
POOL = 100
"""Hits of each modality that a search at another strength orders anew, at least."""
WIDER = 5
"""Times as many hits as asked for that diversity chooses among."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """A search as it was asked.

    Attributes
    ----------
    vector : (d,) as the encoder made it
    modality : of the query
    k : number of hits
    least : share of the hits that each modality gets at least
    where : payload fields and the values they must have
    diversity : 0 for the plain order, up to 1; see `dohyo.search.diversity`
    strength : α at which a pool of hits is ordered anew; None for the copy's own
    key : whom the answer is for: the same key gets the same arm
    arm : a list that the caller insists on; None to let the roll-out decide
    """

    vector: F32
    modality: Modality
    k: int = 10
    least: float = 0.0
    where: Mapping[str, Any] = field(default_factory=dict)
    diversity: float = 0.0
    strength: float | None = None
    key: str = ""
    arm: Arm | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Response:
    """What was answered.

    Attributes
    ----------
    answer : the hits
    arm : which list they are
    team : for each rank, "r" or "c": the list that put it there
    search : identifier for feedback
    """

    answer: Answer
    arm: Arm
    team: str
    search: str


async def respond(service: Service, question: Question) -> Response:
    """Answer a search as the roll-out says, and compare behind its back where it says so.

    Raises
    ------
    Refusal, DohyoError
        If the question or the store will not do.
    """
    searcher = service.searcher
    if searcher is None:
        raise Refusal(
            501, "no_store", "This service searches nothing.", hint="Start it with --store."
        )
    rollout = service.rollout
    arm = question.arm or arm_of(question, rollout)
    answer, team = await searcher(lambda store: _answered(service, store, question, arm, rollout))
    service.metrics.searches.labels(arm).inc()
    shadowing = rollout.stage in ("shadow", "canary") and question.arm is None
    if shadowing and question.strength is None and not service.closing:
        service.in_background(asyncio.ensure_future(_compare(service, question, rollout)))
    search = service.feedback.identifier(service.collection, arm, team)
    return Response(answer=answer, arm=arm, team=team, search=search)


def arm_of(question: Question, rollout: Rollout) -> Arm:
    """Return which list a question gets."""
    if question.strength is not None:
        return "corrected" if question.strength else "raw"
    if rollout.interleaves(question.key):
        return "interleaved"
    return "corrected" if rollout.corrects(question.key) else "raw"


def _answered(
    service: Service, store: Store, question: Question, arm: Arm, rollout: Rollout
) -> tuple[Answer, str]:
    if arm != "interleaved":
        made = _list(service, store, question, arm == "corrected", rollout)
        return made, ("c" if arm == "corrected" else "r") * len(made.hits)
    raw = _list(service, store, question, False, rollout)
    corrected = _list(service, store, question, True, rollout)
    held = {hit.item: hit for hit in (*raw.hits, *corrected.hits)}
    chosen, team = team_draft(
        [hit.item for hit in raw.hits],
        [hit.item for hit in corrected.hits],
        question.k,
        np.random.default_rng(),
    )
    hits = tuple(replace(held[item], rank=rank) for rank, item in enumerate(chosen, start=1))
    return replace(corrected, hits=hits), team


def _list(
    service: Service, store: Store, question: Question, corrected: bool, rollout: Rollout
) -> Answer:
    """Return the raw list or the corrected one."""
    if corrected and question.strength is not None and question.strength != rollout.strength:
        _, fitted = service.active(rollout.map)
        return _anew(service, store, question, rollout, fitted, question.strength)
    search = service.search_of(store, raw=not corrected, rollout=rollout)
    wide = question.k * WIDER if question.diversity else question.k
    answer = search.ask(
        question.vector,
        question.modality,
        wide,
        least=question.least,
        raw=not corrected,
        where=question.where,
    )
    return _spread(store, answer, question) if question.diversity else answer


def _anew(
    service: Service,
    store: Store,
    question: Question,
    rollout: Rollout,
    fitted: AlignmentMap,
    strength: float,
) -> Answer:
    """Order the nearest raw hits of both modalities as a strength would that no copy was made at.

    The pool holds the nearest of each modality to the raw query; what lies beyond it could only
    enter by a correction that moves it past all of them.
    """
    size = max(POOL, question.k * WIDER)
    raw = service.search_of(store, raw=True, rollout=rollout)
    pool = raw.ask(
        question.vector, question.modality, 2 * size, least=0.5, raw=True, where=question.where
    )
    vectors = vectors_of(store, pool.hits)
    scores = np.full(len(pool.hits), -np.inf)
    query = fitted.apply(question.vector[None], question.modality, "query", strength)[0]
    for modality in MODALITIES:
        of = np.array([hit.modality == modality for hit in pool.hits], bool)
        if of.any():
            scores[of] = fitted.apply(vectors[of], modality, "item", strength) @ query
    scored = [
        replace(hit, score=float(score))
        for hit, score in zip(pool.hits, scores, strict=True)
        if np.isfinite(score)
    ]
    k = question.k * WIDER if question.diversity else question.k
    need = min(int(np.ceil(question.least * k - 1e-9)), k // 2)
    hits = (replace(h, rank=rank) for rank, h in enumerate(best(scored, k, need), start=1))
    answer = replace(pool, hits=tuple(hits), corrected=True)
    return _spread(store, answer, question) if question.diversity else answer


def _spread(store: Store, answer: Answer, question: Question) -> Answer:
    """Choose among many hits those that do not repeat one another."""
    if not answer.hits:
        return answer
    scores = np.array([hit.score for hit in answer.hits], np.float32)
    places = diverse(scores, vectors_of(store, answer.hits), question.k, question.diversity)
    hits = (replace(answer.hits[place], rank=rank) for rank, place in enumerate(places, start=1))
    return replace(answer, hits=tuple(hits))


def vectors_of(store: Store, hits: tuple[Found, ...]) -> F32:
    """Return the vectors of some hits, (n, d), zeros for one that is gone meanwhile."""
    held: dict[tuple[str, object], F32] = {}
    for collection in {hit.collection for hit in hits}:
        rows = store.get(collection, [hit.id for hit in hits if hit.collection == collection])
        for place, key in enumerate(rows.ids):
            held[collection, key] = rows.vectors[place]
    width = max((len(row) for row in held.values()), default=1)
    gone = np.zeros(width, np.float32)
    gone[0] = 1e-6
    return unit_rows(np.stack([held.get((hit.collection, hit.id), gone) for hit in hits]))


async def _compare(service: Service, question: Question, rollout: Rollout) -> None:
    """Compare both lists where there is time for it; a caller never waits for that."""
    searcher = service.searcher
    if searcher is None or searcher.waiting > service.settings.limits.waiting // 2:
        service.metrics.shadowed.labels("dropped").inc()
        return

    def both(store: Store) -> dict[str, float]:
        begun = time.perf_counter()
        raw = _list(service, store, question, False, rollout)
        between = time.perf_counter()
        corrected = _list(service, store, question, True, rollout)
        ended = time.perf_counter()
        milliseconds = (between - begun) * 1e3, (ended - between) * 1e3
        return compared(question.modality, raw, corrected, *milliseconds)

    try:
        figures = await searcher(both)
    except (DohyoError, Refusal):
        service.metrics.shadowed.labels("failed").inc()
        return
    service.shadow.add(service.collection, rollout.map or "", figures)
    service.metrics.shadowed.labels("done").inc()
