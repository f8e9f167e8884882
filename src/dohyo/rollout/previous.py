"""What was rolled out before the active map became the active one."""

import json

from dohyo.rollout.ledger import Ledger
from dohyo.rollout.refusal import Refusal
from dohyo.rollout.stages import Rollout, Wanted


def previous(ledger: Ledger, now: Rollout) -> Wanted:
    """Return the change that brings back the map before this one, as far as it was rolled out.

    The audit log knows it. Going back is no step itself: asked again, it leads to the map before
    that one, and never to the map that was left.

    Raises
    ------
    Refusal
        409 if there was no map before.
    """
    rows = ledger.rows(
        "SELECT detail FROM audit WHERE subject = ? AND action != 'went_back' "
        "AND json_extract(detail, '$.after.map') = ? "
        "AND json_extract(detail, '$.before.map') IS NOT NULL "
        "AND json_extract(detail, '$.before.map') != json_extract(detail, '$.after.map') "
        "ORDER BY number DESC LIMIT 1",
        *(now.collection, now.map),
    )
    if not rows:
        raise Refusal(
            409,
            "no_previous",
            "No map was active before this one.",
            hint="Return to raw, or activate a map of GET /v1/maps.",
        )
    before = json.loads(rows[0]["detail"])["before"]
    return Wanted(
        stage=before["stage"],
        percent=before["percent"],
        map=before["map"],
        strength=before["strength"],
        interleave=before["interleave"],
    )
