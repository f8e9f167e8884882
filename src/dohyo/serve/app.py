"""The application: every route behind the gate."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dohyo.errors import DohyoError
from dohyo.rollout.refusal import Refusal, failed, refusal_of
from dohyo.serve.answers import Json
from dohyo.serve.gate import Gate
from dohyo.serve.routes import (
    feedback,
    health,
    maps,
    measure,
    monitor,
    rollout,
    search,
    transform,
)
from dohyo.serve.service import Service
from dohyo.serve.watching import Watching
from dohyo.version import __version__

ROUTES = (transform, search, measure, maps, rollout, monitor, feedback, health)
"""To add a group of addresses: write its file, add it here."""
CODES = {404: "not_found", 405: "method"}


def application(
    service: Service,
    pages: Callable[[FastAPI, Service], None] | None = None,
    watching: Watching | None = None,
) -> Any:
    """Return the ASGI application of a service.

    Parameters
    ----------
    pages : adds the dashboard
    watching : begins and ends with the service
    """

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        keeping = asyncio.ensure_future(service.keep())
        if watching is not None:
            watching.start()
        yield
        if watching is not None:
            await asyncio.to_thread(watching.close)
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        await service.close()

    app = FastAPI(
        title="dohyo",
        version=__version__,
        lifespan=life,
        docs_url=None,  # its pages would fetch scripts from elsewhere
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.service = service
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(DohyoError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)
    for module in ROUTES:
        app.include_router(module.router)
    if pages is not None:
        pages(app, service)
    return Gate(app, service)


def _answer(request: Request, refusal: Refusal) -> Response:
    told = refusal.to_json(request.scope["state"]["request_id"])
    return Json(told, status=refusal.status, headers=refusal.headers)


async def _refused(request: Request, error: Exception) -> Response:
    refusal = error if isinstance(error, Refusal) else None
    if isinstance(error, DohyoError):
        refusal = refusal_of(error)
    assert refusal is not None  # registered for these two alone
    return _answer(request, refusal)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part != "body")[:200]
    what = f"{where or 'The body'}: {first['msg']}."
    return _answer(request, Refusal(422, "invalid", what, hint="See /v1/openapi.json."))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = CODES.get(error.status_code, "bad_request")
    refusal = Refusal(error.status_code, code, f"{error.detail}.", hint="See /v1/openapi.json.")
    answer = _answer(request, refusal)
    answer.headers.update(error.headers or {})
    return answer


async def _failed(request: Request, error: Exception) -> Response:
    """Say that it failed; the gate writes down why."""
    return _answer(request, failed())
