"""What follows an alarm: it is explained, and a proposal waits for a person."""

from dohyo.monitor.adjust.adjusted import Adjusted
from dohyo.monitor.adjust.case import Case, adjust
from dohyo.monitor.adjust.follow_up import FollowUp, follow_up, to_follow_up
from dohyo.monitor.adjust.settings import AdjustSettings
from dohyo.monitor.adjust.shop import Shop

__all__ = [
    "AdjustSettings",
    "Adjusted",
    "Case",
    "FollowUp",
    "Shop",
    "adjust",
    "follow_up",
    "to_follow_up",
]
