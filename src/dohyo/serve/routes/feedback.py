"""`/v1/feedback`: what people clicked and judged."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from dohyo.serve.answers import Json, service_of

router = APIRouter(prefix="/v1", tags=["feedback"])


class Judged(BaseModel):
    """A hit that somebody judged."""

    model_config = ConfigDict(extra="forbid", strict=True)

    rank: int = Field(ge=1, le=10_000)
    grade: float = Field(ge=0, le=10, description="0 for irrelevant.")


class Told(BaseModel):
    """Clicks and judgements on one answer."""

    model_config = ConfigDict(extra="forbid", strict=True)

    search: str = Field(max_length=1_024, description="The `search` of the answer.")
    clicked: list[int] = Field(default_factory=list, max_length=1_000)
    judged: list[Judged] = Field(default_factory=list, max_length=1_000)


@router.post("/feedback")
async def feedback(request: Request, told: Told) -> Json:
    """Credit clicks and judgements to the list that showed the hit; durable when answered."""
    service = service_of(request)
    judged = {each.rank: each.grade for each in told.judged}
    new = await service.in_thread(lambda: service.feedback.take(told.search, told.clicked, judged))
    return Json({"new": new})
