"""`/v1/rollout`: how far the correction is rolled out, who wants more, and who agreed."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from dohyo.rollout.stages import Stage, Wanted
from dohyo.serve.answers import Json, caller_of, service_of
from dohyo.serve.ready import check_copy

router = APIRouter(prefix="/v1", tags=["roll-out"])
Number = Annotated[int, Path(ge=1, le=2**53)]


class Change(BaseModel):
    """What the roll-out should become; what is left out stays."""

    model_config = ConfigDict(extra="forbid", strict=True)

    stage: Stage | None = None
    percent: float | None = Field(None, ge=0, le=100)
    interleave: float | None = Field(None, ge=0, le=1)
    why: str = Field("", max_length=2_000)

    def wanted(self) -> Wanted:
        """Return the change without its reason."""
        return Wanted(stage=self.stage, percent=self.percent, interleave=self.interleave)


class Reason(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid", strict=True)

    why: str = Field("", max_length=2_000)


@router.get("/rollout")
async def rollout(request: Request) -> Json:
    """Say stage, map, what shadow compared, what feedback says, and what waits for approval."""
    service = service_of(request)
    now = service.rollout

    def work() -> dict[str, Any]:
        return {
            "rollout": now.to_json(),
            "shadow": service.shadow.figures(service.collection, now.map),
            "trend": service.shadow.trend(service.collection, now.map),
            "benefit": service.feedback.benefit(service.collection),
            "proposals": service.proposals.listed(only_open=True),
        }

    return Json(await service.in_thread(work))


@router.put("/rollout")
async def change(request: Request, asked: Change) -> Json:
    """Change the roll-out at once. Approver; returning to off: operator."""
    service = service_of(request)
    await check_copy(service, asked.wanted())
    done = service.rollouts.change(
        service.collection, asked.wanted(), caller_of(request), asked.why
    )
    return Json(done.to_json())


@router.post("/rollout/proposals", status_code=201)
async def propose(request: Request, asked: Change) -> Json:
    """Ask an approver for a change. Operator."""
    service = service_of(request)
    await check_copy(service, asked.wanted())
    number = service.proposals.propose(
        service.collection, asked.wanted(), caller_of(request), asked.why
    )
    return Json({"proposal": number}, status=201)


@router.get("/rollout/proposals")
async def proposals(request: Request) -> Json:
    """List the proposals, the latest first."""
    return Json({"proposals": service_of(request).proposals.listed()})


@router.post("/rollout/proposals/{number}/approve")
async def approve(request: Request, number: Number, asked: Reason) -> Json:
    """Approve a proposal, which carries it out. Approver."""
    service = service_of(request)
    await check_copy(service, Wanted(**service.proposals.one(number)["wanted"]))
    by = caller_of(request)
    return Json(service.proposals.decide(number, by, asked.why, approve=True))


@router.post("/rollout/proposals/{number}/reject")
async def reject(request: Request, number: Number, asked: Reason) -> Json:
    """Reject a proposal, with a reason. Approver."""
    service = service_of(request)
    by = caller_of(request)
    return Json(service.proposals.decide(number, by, asked.why, approve=False))


@router.get("/audit")
async def audit(
    request: Request,
    most: Annotated[int, Query(ge=1, le=1_000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> Json:
    """Return who changed what, when and why, the latest first."""
    return Json({"audit": service_of(request).ledger.history(most, before=before)})
