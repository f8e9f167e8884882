"""A way by which a message reaches people: `Channel`, and the trouble that it may have."""

from typing import Protocol

from dohyo.monitor.alerts.message import Message

SECONDS = 10.0
"""After so long without an answer a channel gives up this attempt."""


class Channel(Protocol):
    """What the outbox delivers by; messages of one channel arrive in order."""

    @property
    def name(self) -> str:
        """What the outbox and the metrics call it: the same after a restart, and no secret."""
        ...

    def send(self, message: Message) -> None:
        """Deliver one message, or raise.

        Raises
        ------
        Trouble
            If it was not accepted, or nobody knows whether it was.
        """
        ...


class Trouble(Exception):
    """A message was not delivered.

    Attributes
    ----------
    why : for people; it holds no secret and no address
    slow : trying again soon helps nothing, such as a wrong password
    own : it is about this message alone, so the next ones need not wait for it
    doubtful : it may be about this message alone; after some attempts the next ones go on
    retry_after : seconds after which the receiver wants to be asked again, or None
    """

    def __init__(
        self,
        why: str,
        *,
        slow: bool = False,
        own: bool = False,
        doubtful: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(why)
        self.why, self.slow, self.own, self.doubtful = why, slow, own, doubtful
        self.retry_after = retry_after
