"""An alarm that somebody has dealt with."""

from dohyo.rollout.ledger import Ledger
from dohyo.rollout.refusal import Refusal
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import check_why


def close_alarm(ledger: Ledger, number: int, by: Caller, why: str) -> None:
    """Close an alarm; durable, with its audit, when this returns. An operator's.

    Raises
    ------
    Refusal
        403; 404 if there is none of that number.
    """
    by.require("operator")
    check_why(why)
    with ledger.change():
        found = ledger.rows(
            "UPDATE alarms SET state = 'closed' WHERE number = ? RETURNING watch", number
        )
        if not found:
            raise Refusal(404, "no_alarm", "There is no such alarm.", hint="List the alarms.")
        ledger.audit(by, "alarm_closed", found[0]["watch"], why, {"alarm": number})
