"""What "auto-conservative" may do by itself: weaken the correction, or return to raw."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dohyo.monitor.adjust.adjusted import BySelf
from dohyo.monitor.adjust.contest import Ground
from dohyo.monitor.adjust.settings import AdjustSettings
from dohyo.monitor.adjust.shop import Shop
from dohyo.monitor.explain.retrieval import Served
from dohyo.rollout.ledger import Ledger
from dohyo.rollout.proposals import MONITOR
from dohyo.rollout.stages import Rollout, Rollouts, Wanted


def may_act(ledger: Ledger, rollout: Rollout, settings: AdjustSettings) -> bool:
    """Whether the policy allows a step now, and there is something to step back from."""
    if settings.policy != "auto-conservative" or rollout.stage == "off":
        return False
    since = (datetime.now(UTC) - timedelta(hours=settings.hours)).isoformat(timespec="milliseconds")
    return not ledger.rows(
        "SELECT 1 FROM audit WHERE who = ? AND subject = ? AND action IN ('lowered', 'returned') "
        "AND at > ?",
        *(MONITOR.name, rollout.collection, since),
    )


def weaker(
    ground: Ground, served: Served, settings: AdjustSettings, shop: Shop | None
) -> float | None:
    """Return the strength one step down; None where only raw is left.

    So it is below the floor, where the lower strength is shown to harm as well, and where the
    collection has no copy of that strength: the service would have nothing to search.
    """
    strength = round(served.strength - settings.step, 6)
    if strength < settings.floor:
        return None
    if shop is not None and not shop.has_copy(served.fitted, strength):
        return None
    lower = ground.judged(replace(served, strength=strength))
    return None if lower.harms else strength


def act(rollouts: Rollouts, collection: str, strength: float | None, why: str) -> BySelf:
    """Take the step; inside a change. There is no way from here to another map.

    Parameters
    ----------
    strength : to lower it to; None for raw
    """
    if strength is None:
        rollouts.change(collection, Wanted(stage="off"), MONITOR, why, action="returned")
        return "returned"
    rollouts.lower(collection, strength, MONITOR, why)
    return "lowered"
