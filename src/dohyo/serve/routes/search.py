"""`/v1/search`: a sentence, a picture or a vector in, one fair list of both kinds out."""

import time
from typing import Annotated, Any, Literal, Self

import numpy as np
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from dohyo.corpus import Modality
from dohyo.rollout.refusal import Refusal
from dohyo.rows import F32
from dohyo.serve.answers import Json, hits_of, service_of
from dohyo.serve.asking import Question, Response, respond
from dohyo.serve.pictures import picture_of
from dohyo.serve.service import Service

router = APIRouter(prefix="/v1", tags=["search"])
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "image/tiff")
Scalar = str | int | float | bool


class How(BaseModel):
    """How a search is answered."""

    model_config = ConfigDict(extra="forbid", strict=True)

    collection: str | None = Field(None, max_length=256)
    k: int = Field(10, ge=1, le=10_000, description="Number of hits.")
    least: float = Field(0.0, ge=0, le=0.5, description="Share that each kind gets at least.")
    where: dict[str, Scalar] = Field(default_factory=dict, max_length=16)
    diversity: float = Field(0.0, ge=0, le=1, description="0 for the plain order (MMR's 1 − λ).")
    strength: float | None = Field(None, ge=0, le=1, description="Another than the copy's own.")
    key: str = Field("", max_length=512, description="The same key stays in the same arm.")
    list: Literal["raw", "corrected"] | None = Field(None, description="Insist on a list.")


class Asked(How):
    """A sentence or a vector, and how it is answered."""

    text: str | None = Field(None, min_length=1, max_length=10_000)
    vector: list[float] | None = Field(None, min_length=1, max_length=65_536)
    modality: Modality = Field("text", description="Of `vector`.")

    @model_validator(mode="after")
    def _one_query(self) -> Self:
        if (self.text is None) == (self.vector is None):
            raise ValueError("give either text or vector")
        return self


@router.post("/search")
async def search(request: Request, asked: Asked) -> Json:
    """Search images and texts in one list, as the roll-out says for this `key`."""
    service = service_of(request)
    begun = time.perf_counter()
    if asked.text is not None:
        vector = await service.encoded("text", asked.text)
        modality: Modality = "text"
    else:
        with np.errstate(over="ignore"):
            vector, modality = np.asarray(asked.vector, np.float32), asked.modality
        _check_vector(service, vector)
    return await _told(service, _question(service, asked, vector, modality), begun)


@router.post(
    "/search/picture",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}} for kind in PICTURES
            },
        }
    },
)
async def search_picture(
    request: Request,
    k: Annotated[int, Query(ge=1, le=10_000)] = 10,
    least: Annotated[float, Query(ge=0, le=0.5)] = 0.0,
    diversity: Annotated[float, Query(ge=0, le=1)] = 0.0,
    strength: Annotated[float | None, Query(ge=0, le=1)] = None,
    key: Annotated[str, Query(max_length=512)] = "",
    list: Annotated[Literal["raw", "corrected"] | None, Query()] = None,
) -> Json:
    """Search by a picture: its bytes are the body."""
    service = service_of(request)
    begun = time.perf_counter()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in PICTURES:
        raise Refusal(
            415, "content_type", "The body is said to be no picture.", hint=f"Send {PICTURES[0]}."
        )
    body = await request.body()
    picture = await service.in_thread(lambda: picture_of(body, service.settings.limits))
    vector = await service.encoded("image", picture)
    how = How.model_construct(
        k=k, least=least, diversity=diversity, strength=strength, key=key, list=list
    )
    return await _told(service, _question(service, how, vector, "image"), begun)


def _check_vector(service: Service, vector: F32) -> None:
    """Refuse a vector that no database should be asked with: each says something else to it."""
    if not np.isfinite(vector).all() or not vector.any():
        raise Refusal(
            400, "bad_vector", "The vector holds NaN, infinity or only zeros.", hint="Drop it."
        )
    if service.rollout.map is None:
        return
    wanted = service.active()[1].dimension
    if len(vector) != wanted:
        raise Refusal(
            400,
            "bad_vector",
            f"The vector has {len(vector)} numbers, the map takes {wanted}.",
            hint="Use the encoder that the map was fitted on.",
        )


def _question(service: Service, how: How, vector: Any, modality: Modality) -> Question:
    service.known(how.collection)
    most = service.settings.limits.hits
    if how.k > most:
        raise Refusal(422, "invalid", f"k is at most {most} here.", hint="Ask for fewer hits.")
    return Question(
        vector=vector,
        modality=modality,
        k=how.k,
        least=how.least,
        where=how.where,
        diversity=how.diversity,
        strength=how.strength,
        key=how.key,
        arm=how.list,
    )


async def _told(service: Service, question: Question, begun: float) -> Json:
    found: Response = await respond(service, question)
    if service.tap is not None:
        service.tap.answered(question.modality, question.vector, found.answer.hits)
    rollout = service.rollout
    return Json(
        {
            "search": found.search,
            "collection": service.collection,
            "list": found.arm,
            "corrected": found.answer.corrected,
            "map": rollout.map if found.arm != "raw" else None,
            "hits": hits_of(found.answer),
            "took_ms": round((time.perf_counter() - begun) * 1e3, 2),
        }
    )
