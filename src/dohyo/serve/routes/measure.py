"""`/v1/measure`: how large is the gap between some pictures and some sentences?"""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from dohyo.corpus import Corpus
from dohyo.rollout.refusal import Refusal, busy
from dohyo.serve.answers import Json, service_of
from dohyo.serve.bodies import ARROW, JSON, arrow, kind_of, read_json, vectors_of

router = APIRouter(prefix="/v1", tags=["vectors"])
MOST_ROWS = 5_000


class Sides(BaseModel):
    """Vectors of both sides."""

    model_config = ConfigDict(extra="forbid")

    images: list[list[float]] = Field(min_length=1)
    texts: list[list[float]] = Field(min_length=1)
    paired: bool | None = Field(None, description="Row by row; left out: if the counts are equal.")


BODY = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": Sides.model_json_schema()},
            ARROW: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.post("/measure", openapi_extra=BODY)
async def measure(request: Request) -> Json:
    """Measure the gap of up to 5,000 rows a side; an Arrow stream has columns image and text."""
    service = service_of(request)
    kind = kind_of(request.headers.get("content-type", ""))
    body = await request.body()
    limits = service.settings.limits
    paired: Any = None
    if kind == JSON:
        said = read_json(body)
        images, texts = (vectors_of(said.get(side), limits) for side in ("images", "texts"))
        paired = said.get("paired")
        if paired not in (None, True, False):
            raise Refusal(422, "invalid", "paired is true or false.", hint="Or leave it out.")
    elif kind == ARROW:
        images, texts = (arrow(body, limits, column=side) for side in ("image", "text"))
    else:
        raise Refusal(
            415, "content_type", "One .npy holds one side only.", hint=f"Send {JSON} or {ARROW}."
        )
    if max(len(images), len(texts)) > MOST_ROWS:
        raise Refusal(
            413, "too_large", f"More than {MOST_ROWS:,} rows a side.", hint="Send a sample."
        )
    if service.working.locked():
        raise busy("Measuring", seconds=10)
    # The measures take as long to import as half of the service; it must be back within seconds.
    from dohyo.measures.profile import measure as profile_of

    async with service.working:
        found = await service.in_thread(
            lambda: profile_of(Corpus.from_arrays(images, texts, paired=paired))
        )
    return Json({"measure": found.to_json(), "absent": dict(found.absent)})
