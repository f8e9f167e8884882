"""`/v1/monitor`: what is watched, what has changed, and what came of it."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from dohyo.monitor import book
from dohyo.monitor.adjust.adjusted import Adjusted
from dohyo.monitor.explain.explanation import Explanation
from dohyo.monitor.explain.say import say
from dohyo.monitor.watch import Watch
from dohyo.rollout.alarms import close_alarm
from dohyo.rollout.refusal import Refusal
from dohyo.serve.answers import Json, caller_of, service_of
from dohyo.serve.service import Service
from dohyo.words import Language, Words

router = APIRouter(prefix="/v1", tags=["monitor"])
Number = Annotated[int, Path(ge=1, le=2**53)]


class Later(BaseModel):
    """For how long a proposal is put off, and why."""

    model_config = ConfigDict(extra="forbid", strict=True)

    days: float = Field(7.0, gt=0, le=366)
    why: str = Field("", max_length=2_000)


class Closing(BaseModel):
    """Why an alarm is closed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    why: str = Field("", max_length=2_000)


@router.get("/monitor")
async def standing(request: Request) -> Json:
    """Say how every watch stands, and whether one of this service has ended by a fault."""
    service = service_of(request)

    def work() -> dict[str, Any]:
        names = service.ledger.rows("SELECT name FROM watches ORDER BY name")
        found = [Watch(service.ledger, row["name"]).standing().to_json() for row in names]
        return {"watches": found, "ended": service.watch_ended}

    return Json(await service.in_thread(work))


@router.get("/monitor/alarms")
async def alarms(
    request: Request,
    watch: Annotated[str | None, Query(max_length=256)] = None,
    most: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> Json:
    """List the alarms, the latest first; each by its number tells what has changed."""
    service = service_of(request)

    def work() -> list[dict[str, Any]]:
        rows = book.alarms(service.ledger, watch, most=most)
        return [{key: value for key, value in row.items() if key != "explained"} for row in rows]

    return Json({"alarms": await service.in_thread(work)})


@router.get("/monitor/alarms/{number}")
async def alarm(request: Request, number: Number, lang: Language = "en") -> Json:
    """Return an alarm with its explanation, also in sentences, and the proposal that answers it."""
    service = service_of(request)
    return Json(await service.in_thread(lambda: _alarm(service, number, Words(lang))))


@router.post("/monitor/alarms/{number}/close")
async def close(request: Request, number: Number, asked: Closing) -> Json:
    """Say that an alarm has been dealt with. Operator."""
    service = service_of(request)
    close_alarm(service.ledger, number, caller_of(request), asked.why)
    return Json({"alarm": number, "state": "closed"})


@router.post("/rollout/proposals/{number}/snooze")
async def snooze(request: Request, number: Number, asked: Later) -> Json:
    """Put a proposal off; it comes back by itself. Operator."""
    until = datetime.now(UTC) + timedelta(days=asked.days)
    by = caller_of(request)
    return Json(service_of(request).proposals.snooze(number, until, by, asked.why))


def _alarm(service: Service, number: int, words: Words) -> dict[str, Any]:
    rows = service.ledger.rows("SELECT watch FROM alarms WHERE number = ?", number)
    found = book.alarms(service.ledger, rows[0]["watch"], most=2**31) if rows else []
    row = next((each for each in found if each["number"] == number), None)
    if row is None:
        raise _none()
    told, adjusted = row["explained"], row["adjusted"]
    said = list(say(Explanation.from_json(told), words)) if told else []
    if adjusted and adjusted.get("outcome"):
        said.append(Adjusted.from_json(adjusted).say(words))
    return row | {"said": said, "proposal": service.proposals.of_alarm(number)}


def _none() -> Refusal:
    return Refusal(404, "no_alarm", "There is no such alarm.", hint="GET /v1/monitor/alarms.")
