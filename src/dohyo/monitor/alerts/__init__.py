"""People are told: `queue` inside the alarm's change, `deliver` when there is time."""

from dohyo.monitor.alerts.channel import Channel, Trouble
from dohyo.monitor.alerts.chosen import channels_from
from dohyo.monitor.alerts.mail import Mail
from dohyo.monitor.alerts.message import (
    Message,
    message_of,
    message_of_proposal,
    message_of_recovery,
)
from dohyo.monitor.alerts.outbox import Delivered, deliver, given_up, queue, said
from dohyo.monitor.alerts.proposals import queue_proposals
from dohyo.monitor.alerts.signature import verify_signature
from dohyo.monitor.alerts.webhook import Webhook

__all__ = [
    "Channel",
    "Delivered",
    "Mail",
    "Message",
    "Trouble",
    "Webhook",
    "channels_from",
    "deliver",
    "given_up",
    "message_of",
    "message_of_proposal",
    "message_of_recovery",
    "queue",
    "queue_proposals",
    "said",
    "verify_signature",
]
