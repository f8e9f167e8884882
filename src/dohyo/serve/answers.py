"""Answers as bytes."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from dohyo.rollout.roles import Caller
from dohyo.search.answer import Answer
from dohyo.serve.service import Service

OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


class Json(Response):
    """A JSON answer; values that JSON does not know become their words."""

    media_type = "application/json"

    def __init__(
        self, content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(orjson.dumps(content, default=str, option=OPTIONS), status, headers)


def hits_of(answer: Answer) -> list[dict[str, Any]]:
    """Return the hits of an answer; bytes in a payload stay where they are."""
    return [
        {
            "rank": hit.rank,
            "id": hit.id,
            "modality": hit.modality,
            "score": hit.score,
            "payload": {
                name: value
                for name, value in hit.payload.items()
                if not isinstance(value, (bytes, bytearray, memoryview))
            },
        }
        for hit in answer.hits
    ]


def service_of(request: Any) -> Service:
    """Return the service that a request came to."""
    found: Service = request.app.state.service
    return found


def caller_of(request: Any) -> Caller:
    """Return who sent a request."""
    found: Caller = request.scope["state"]["caller"]
    return found
