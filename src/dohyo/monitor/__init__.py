"""The gap watched over time, with a promise on false alarms: `Monitor`."""

from dohyo.monitor.monitor import Alarm, Monitor, Seen

__all__ = ["Alarm", "Monitor", "Seen"]
