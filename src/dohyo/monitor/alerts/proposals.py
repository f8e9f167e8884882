"""People are told of a proposal that waits for them."""

from collections.abc import Sequence
from datetime import datetime

from dohyo.monitor.alerts.message import message_of_proposal
from dohyo.monitor.alerts.outbox import queue
from dohyo.rollout.ledger import Ledger
from dohyo.words import Words


def queue_proposals(
    ledger: Ledger,
    watch: str,
    channels: Sequence[str],
    words: Words,
    now: datetime | None = None,
) -> int:
    """Put a message about each open proposal that answers an alarm of a watch into the outbox.

    To be called as often as one likes: each is told once on each channel, so that what a kill has
    left untold is made good.

    Parameters
    ----------
    channels : names of channels
    now : with a zone; the machine's clock if left out

    Returns
    -------
    How many messages were new.
    """
    if not channels:
        return 0
    rows = ledger.rows(
        "SELECT proposals.* FROM proposals JOIN alarms ON alarms.number = proposals.alarm "
        "WHERE alarms.watch = ? AND proposals.state = 'open' ORDER BY proposals.number",
        watch,
    )
    return sum(
        queue(ledger, channels, message_of_proposal(row, words, watch=watch), now) for row in rows
    )
