"""`/v1/maps`: which corrections there are, and which one is active."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from dohyo.rollout.refusal import Refusal, too_large
from dohyo.rollout.stages import Wanted
from dohyo.serve.answers import Json, caller_of, service_of
from dohyo.serve.returning import go_back

router = APIRouter(prefix="/v1", tags=["maps"])
Identity = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["map", "arrays"],
                    "properties": {
                        "map": {"type": "string", "format": "binary"},
                        "arrays": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    }
}


class Activation(BaseModel):
    """Why a map becomes the active one, and at which strength its copy was made."""

    model_config = ConfigDict(extra="forbid")

    why: str = Field("", max_length=2_000)
    strength: float = Field(1.0, gt=0, le=1)


class Return(BaseModel):
    """Where to go back to, and why."""

    model_config = ConfigDict(extra="forbid")

    why: str = Field(default="", max_length=2_000)
    to: Literal["raw", "previous"] = Field(
        default="raw", description="previous: the map before this one, at the stage it had."
    )


@router.get("/maps")
async def maps(request: Request) -> Json:
    """List the maps, and say which is active."""
    service = service_of(request)
    return Json({"active": service.rollout.map, "maps": service.library.listed()})


@router.post("/maps", status_code=201, openapi_extra=UPLOAD)
async def upload(request: Request) -> Json:
    """Upload a map: map.json in the field `map`, arrays.safetensors in `arrays`. Operator."""
    service, by = service_of(request), caller_of(request)
    by.require("operator")
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Refusal(
            415, "content_type", "A map comes as multipart/form-data.", hint="Use curl -F."
        )
    names = {"map": "map.json", "arrays": "arrays.safetensors"}
    files: dict[str, bytes] = {}
    async with request.form(max_files=2, max_fields=2) as form:
        for field, value in form.multi_items():
            if field not in names or isinstance(value, str):
                raise Refusal(
                    400, "bad_map", "There is a field too many.", hint="Send map and arrays."
                )
            files[names[field]] = await value.read()
    if sum(map(len, files.values())) > service.settings.limits.map_body:
        raise too_large("The map", f"{service.settings.limits.map_body >> 20} MiB")
    which = await service.in_thread(lambda: service.library.take(files))
    with service.ledger.change():
        service.ledger.audit(by, "uploaded", which, "", {})
    return Json({"map": which}, status=201)


@router.post("/maps/{identity}/activate")
async def activate(request: Request, identity: Identity, asked: Activation) -> Json:
    """Make a map the active one; its roll-out begins at off. Approver."""
    service = service_of(request)
    service.library.get(identity)
    wanted = Wanted(map=identity, strength=asked.strength)
    done = service.rollouts.change(
        service.collection, wanted, caller_of(request), asked.why, action="activated"
    )
    return Json(done.to_json())


@router.post("/maps/rollback")
async def roll_back(request: Request, asked: Return | None = None) -> Json:
    """Answer raw at once, whatever the stage was. Operator; to the previous map: approver."""
    service, by = service_of(request), caller_of(request)
    asked = asked or Return()
    if asked.to == "previous":
        return Json((await go_back(service, by, asked.why)).to_json())
    done = service.rollouts.change(
        service.collection, Wanted(stage="off"), by, asked.why, action="rolled_back"
    )
    return Json(done.to_json())
