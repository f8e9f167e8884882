"""`/v1/health`, `/v1/ready`, `/v1/metrics`."""

import time

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from dohyo.serve.answers import Json, service_of
from dohyo.serve.ready import readiness
from dohyo.version import __version__

router = APIRouter(tags=["health"])


@router.get("/v1/health")
async def health(request: Request) -> Json:
    """Say that the process is alive; needs no token."""
    up = time.time() - service_of(request).started
    return Json({"status": "ok", "version": __version__, "up_seconds": round(up, 1)})


@router.get("/v1/ready", responses={503: {"description": "Something it needs does not answer."}})
async def ready(request: Request) -> Json:
    """Say whether the service can answer: store, map, ledger."""
    fine, found = await readiness(service_of(request))
    return Json({"ready": fine} | found, status=200 if fine else 503)


@router.get("/v1/metrics", response_class=Response)
@router.get("/metrics", response_class=Response, include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Return the metrics as Prometheus reads them."""
    return Response(service_of(request).tell_metrics(), media_type=CONTENT_TYPE_LATEST)
