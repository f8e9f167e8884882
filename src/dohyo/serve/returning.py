"""Back to the map before, as the API and the pages do it."""

from dohyo.rollout.previous import previous
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import Rollout
from dohyo.serve.ready import check_copy
from dohyo.serve.service import Service


async def go_back(service: Service, by: Caller, why: str) -> Rollout:
    """Make the map before this one the active one again, at the stage that it had; an approver's.

    The log calls it "went_back" and nothing else: by that word `previous` knows a return from
    a step, and does not lead to the map that was left.

    Raises
    ------
    Refusal
        403; 404 if that map is gone; 409 if there was none before, or its copy is gone.
    """
    by.require("approver")
    wanted = previous(service.ledger, service.rollout)
    service.library.get(wanted.map or "")
    await check_copy(service, wanted)
    return service.rollouts.change(
        service.collection, wanted, by, why, action="went_back", agreed=True
    )
