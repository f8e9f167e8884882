"""The gap watched over time, with a promise on false alarms: `Monitor`."""

from dohyo.monitor.alerts.signature import verify_signature
from dohyo.monitor.gathered import Gathered
from dohyo.monitor.monitor import Alarm, Monitor, Seen
from dohyo.monitor.opened import open_watch
from dohyo.monitor.watch import Watch

__all__ = ["Alarm", "Gathered", "Monitor", "Seen", "Watch", "open_watch", "verify_signature"]
