"""One query, two lists: raw and corrected, side by side, with what changed."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dohyo.corpus import MODALITIES
from dohyo.dashboard.context import Context
from dohyo.errors import DohyoError
from dohyo.rollout.refusal import Refusal, refusal_of
from dohyo.rows import F32
from dohyo.search.answer import Answer, former_ranks
from dohyo.serve.asking import Question, respond
from dohyo.serve.pictures import picture_of
from dohyo.words import Words

K = 10
LEAST = (0, 3, 5)
"""How many of each kind a reader may insist on; both lists are asked for the same."""
SHOWN = ("caption", "title", "text", "name", "path")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One row of a list as it is shown."""

    rank: int
    kind: str
    name: str
    caption: str
    score: str
    picture: str
    was: str
    is_new: bool


async def compare(context: Context, query: str, strength: float, each: int = 0) -> dict[str, Any]:
    """Return both lists for a sentence, with so many of each kind at least; none unasked."""
    values: dict[str, Any] = {
        "asked": query,
        "strength": f"{strength:g}",
        "each": each,
        "choices": LEAST,
        "searches": context.service.searcher is not None,
        "encodes": context.service.encoder is not None,
    }
    if not query.strip():
        return values | {"lists": None, "trouble": ""}

    async def vector() -> F32:
        return await context.service.encoded("text", query[:10_000])

    return values | await lists_of(context, vector, "text", strength, each)


async def compare_picture(
    context: Context, body: bytes, strength: float, each: int = 0
) -> dict[str, Any]:
    """Return both lists for a picture."""
    service = context.service

    async def vector() -> F32:
        picture = await service.in_thread(lambda: picture_of(body, service.settings.limits))
        return await service.encoded("image", picture)

    return await lists_of(context, vector, "image", strength, each)


async def lists_of(
    context: Context, vector: Any, modality: Any, strength: float, each: int
) -> dict[str, Any]:
    """Return the raw list and the corrected one, or what went wrong in one sentence."""
    words = context.words
    try:
        row = await vector()
        asked = {"vector": row, "modality": modality, "k": K, "least": each / K}
        raw = await respond(context.service, Question(**asked, arm="raw"))
        own = context.service.rollout.strength
        moved = Question(**asked, arm="corrected", strength=None if strength == own else strength)
        after = await respond(context.service, moved) if strength else raw
    except (Refusal, DohyoError) as error:
        refusal = error if isinstance(error, Refusal) else refusal_of(error)
        return {"lists": None, "trouble": f"{refusal.what} {refusal.hint}"}
    return {
        "lists": (
            (words("search.before"), _items(raw.answer, None, words)),
            (words("search.after"), _items(after.answer, raw.answer, words)),
        ),
        "counts": tuple(
            words("search.count_one", images=a.count("image"), texts=a.count("text"))
            for a in (raw.answer, after.answer)
        ),
        "advice": _advice(after.answer, each, strength < own, words),
        "offer": 0 if each else LEAST[1],
        "trouble": "",
    }


def _advice(answer: Answer, each: int, weak: bool, words: Words) -> str:
    """Return what to make of a corrected list that lacks a kind; "" where it lacks none."""
    lacking = [kind for kind in MODALITIES if answer.count(kind) < max(each, 1)]
    if not lacking or not answer.hits:
        return ""
    kind, there = lacking[0], "text" if lacking[0] == "image" else "image"
    if each:
        return words(f"dashboard.compare.fewer_{kind}", each=each)
    why = words(f"dashboard.compare.{'weak' if weak else f'near_{there}'}")
    return words(f"dashboard.compare.no_{kind}", n=len(answer.hits), why=why)


def _items(answer: Answer, before: Answer | None, words: Words) -> tuple[Item, ...]:
    was = {} if before is None else former_ranks(before, answer)
    return tuple(
        Item(
            rank=hit.rank,
            kind=hit.modality or "text",
            name=words(f"search.{hit.modality or 'text'}"),
            caption=next(
                (str(hit.payload[key]) for key in SHOWN if hit.payload.get(key)), str(hit.id)
            )[:400],
            score=f"{hit.score:.3f}",
            picture=f"/picture?{urlencode({'id': hit.id})}" if _has_picture(hit.payload) else "",
            was=words("dashboard.was", rank=was[hit.rank]) if was.get(hit.rank) else "",
            is_new=before is not None and was.get(hit.rank) is None,
        )
        for hit in answer.hits
    )


def _has_picture(payload: Any) -> bool:
    return bool(payload.get("path")) or isinstance(payload.get("picture"), bytes)
