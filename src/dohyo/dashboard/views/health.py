"""Whether the service can answer, and how it has answered so far."""

import time
from typing import Any

from dohyo.dashboard.context import Context
from dohyo.serve.ready import readiness
from dohyo.version import __version__


async def health(context: Context) -> dict[str, Any]:
    """Return what each part says, and the answers so far by route."""
    service = context.service
    fine, parts = await readiness(service)
    answers: dict[str, dict[str, float]] = {}
    for family in service.metrics.registry.collect():
        for sample in family.samples:
            route = sample.labels.get("route", "")
            if sample.name == "dohyo_requests_total":
                held = answers.setdefault(route, {"count": 0.0, "errors": 0.0, "seconds": 0.0})
                held["count"] += sample.value
                held["errors"] += sample.value if sample.labels["status"] >= "500" else 0.0
            elif sample.name == "dohyo_request_seconds_sum":
                answers.setdefault(route, {"count": 0.0, "errors": 0.0, "seconds": 0.0})
                answers[route]["seconds"] = sample.value
    return {
        "fine": fine,
        "parts": parts,
        "version": __version__,
        "minutes": round((time.time() - service.started) / 60),
        "store": "" if service.indexed is None else service.indexed.shown,
        "encoder": None if service.encoder is None else service.encoder.name,
        "waiting": 0 if service.searcher is None else service.searcher.waiting,
        "answers": sorted(answers.items(), key=lambda each: -each[1]["count"]),
        "maps": service.library.listed(),
        "active": service.rollout.map,
    }
