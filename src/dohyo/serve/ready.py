"""Whether the service can do what it is asked to, checked before it says so."""

from typing import Any

from dohyo.errors import DohyoError
from dohyo.migration.naming import identity
from dohyo.rollout.refusal import Refusal
from dohyo.rollout.stages import Wanted
from dohyo.serve.service import Service, has_copy


async def check_copy(service: Service, wanted: Wanted) -> None:
    """Refuse a stage that would search a corrected copy which is not there.

    Raises
    ------
    Refusal
        409 that says how to make the copy.
    """
    changed = wanted.applied(service.rollout)
    if service.searcher is None or changed.stage == "off" or changed.map is None:
        return
    _, fitted = service.active(changed.map)
    made_by = identity(fitted, changed.strength)
    indexed = service.indexed
    assert indexed is not None  # there is a store
    if not await service.searcher(lambda store: has_copy(store, indexed, made_by)):
        raise Refusal(
            409,
            "no_copy",
            f"{indexed.collection} has no copy that the active map has corrected.",
            hint="Make it with dohyo migrate --no-switch, with the same map and strength.",
        )


async def readiness(service: Service) -> tuple[bool, dict[str, Any]]:
    """Return whether the service can answer, and what each part says."""
    found: dict[str, Any] = {"map": service.rollout.map, "closing": service.closing}
    fine = not service.closing
    try:
        service.ledger.rows("SELECT 1")
        found["ledger"] = "ok"
    except Exception:  # whatever SQLite or the disk says: it is not ready
        found["ledger"], fine = "failed", False
    if service.searcher is not None and service.indexed is not None:
        name = service.indexed.collection
        try:
            told = await service.searcher(lambda store: store.describe(name))
            found["store"] = {"collection": told.name, "rows": told.rows, "state": "ok"}
        except (DohyoError, Refusal):
            found["store"], fine = {"collection": name, "state": "failed"}, False
    return fine, found
