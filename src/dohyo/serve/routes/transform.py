"""`/v1/transform`: vectors in, corrected vectors out."""

from collections.abc import Callable, Coroutine
from typing import Any, get_args

import numpy as np
from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from dohyo.corpus import Modality, Role
from dohyo.rollout.refusal import Refusal
from dohyo.rows import F32, has_direction, unit_rows
from dohyo.serve.answers import Json, service_of
from dohyo.serve.bodies import (
    ARROW,
    JSON,
    NPY,
    arrow,
    kind_of,
    npy,
    read_json,
    to_arrow,
    to_npy,
    vectors_of,
)
from dohyo.serve.service import Service
from dohyo.serve.traffic import Population


class Direct(APIRoute):
    """A route whose function reads the request itself; FastAPI would look through it before."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the function as it is."""
        handler: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return handler


router = APIRouter(prefix="/v1", tags=["vectors"], route_class=Direct)
NUMBERS = {"type": "array", "minItems": 1, "items": {"type": "number"}}
FIELDS: dict[str, Any] = {
    "modality": {"type": "string", "enum": list(get_args(Modality))},
    "role": {"type": "string", "enum": list(get_args(Role)), "default": "item"},
    "strength": {"type": "number", "minimum": 0, "maximum": 1},
    "map": {"type": ["string", "null"], "description": "Left out: the active one."},
    "follow": {
        "type": "boolean",
        "default": False,
        "description": "Correct only where the roll-out would, for `key`.",
    },
    "key": {"type": "string", "default": ""},
}
BINARY = {"schema": {"type": "string", "format": "binary"}}
BODY = {
    "parameters": [
        {"name": name, "in": "query", "description": "For binary bodies.", "schema": schema}
        for name, schema in FIELDS.items()
    ],
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["vectors", "modality"],
                    "properties": {
                        "vectors": {"type": "array", "minItems": 1, "items": NUMBERS},
                        **FIELDS,
                    },
                }
            },
            NPY: BINARY,
            ARROW: BINARY,
        },
    },
}


@router.post("/transform", openapi_extra=BODY, response_class=Response)
async def transform(request: Request) -> Response:
    """Correct vectors: JSON, .npy or an Arrow stream; the answer is of the same kind.

    A role of `item` is for the index, `query` for who asks. With `follow` the vectors of a `key`
    are corrected only where the roll-out answers that key from the corrected collection.
    """
    service = service_of(request)
    kind = kind_of(request.headers.get("content-type", ""))
    body = await request.body()
    limits = service.settings.limits
    asked = _in_query(request) if request.scope["query_string"] else {}
    if kind == JSON:
        asked |= read_json(body)
        rows = vectors_of(asked.pop("vectors", None), limits)
    else:
        rows = (npy if kind == NPY else arrow)(body, limits)
    which, corrected, done = await corrected_rows(service, rows, asked)
    service.metrics.corrected(asked["modality"], len(done))
    if service.tap is not None:
        population: Population = "queries" if asked.get("role") == "query" else "items"
        service.tap.vectors(population, asked["modality"], rows)
    head = {"x-dohyo-map": which, "x-dohyo-corrected": str(corrected).lower()}
    if kind == JSON:
        return Json(
            {"vectors": done, "map": which, "corrected": corrected, "width": done.shape[1]},
            headers=head,
        )
    return Response((to_npy if kind == NPY else to_arrow)(done), 200, head, kind)


async def corrected_rows(
    service: Service, rows: F32, asked: dict[str, Any]
) -> tuple[str, bool, F32]:
    """Return the map's identity, whether the rows were corrected, and the rows.

    Raises
    ------
    Refusal
        If the request makes no sense or no map is active.
    MapError
        If the rows do not fit the map.
    """
    modality = _among(asked, "modality", get_args(Modality), None)
    role = _among(asked, "role", get_args(Role), "item")
    named, key = asked.get("map"), asked.get("key", "")
    if not isinstance(key, str) or not isinstance(named, (str, type(None))):
        raise _invalid("key and map are words")
    rollout, strength = service.rollout, asked.get("strength")
    if strength is None:
        strength = rollout.strength
    if isinstance(strength, bool) or not isinstance(strength, (int, float)):
        raise _invalid("strength is a number from 0 to 1")
    follow = asked.get("follow", False)
    if not isinstance(follow, bool):
        raise _invalid("follow is true or false")
    which, fitted = service.active(named or rollout.map)
    if follow and not rollout.corrects(key):
        if not has_direction(rows).all():
            raise Refusal(400, "bad_request", "A vector has no direction.", hint="Drop it.")
        return which, False, unit_rows(rows)
    if rows.shape[1] != fitted.dimension or strength == 0 or not 0 <= strength <= 1:
        done = fitted.apply(rows, modality, role, strength)  # says what is wrong
    else:
        done = await service.batcher(
            (which, modality, role, strength),
            rows,
            lambda block: fitted.apply(block, modality, role, strength),
        )
    return which, True, np.asarray(done)


def _in_query(request: Request) -> dict[str, Any]:
    """Return what the address says, as JSON would have said it.

    FastAPI would read it too, in a third of the time that the whole answer takes.
    """
    asked: dict[str, Any] = {}
    for name, value in request.query_params.items():
        if name == "strength":
            try:
                asked[name] = float(value)
            except ValueError as error:
                raise _invalid("strength is a number from 0 to 1") from error
        elif name == "follow":
            asked[name] = {"true": True, "false": False}.get(value.lower(), value)
        elif name in FIELDS:
            asked[name] = value
    return asked


def _among(asked: dict[str, Any], name: str, choices: tuple[str, ...], default: Any) -> Any:
    value = asked.get(name, default)
    if value not in choices:
        raise _invalid(f"{name} is {' or '.join(choices)}")
    return value


def _invalid(what: str) -> Refusal:
    return Refusal(422, "invalid", f"The request: {what}.", hint="See /v1/openapi.json.")
