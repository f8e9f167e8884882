"""The gap watched over time, with a promise on false alarms: `Monitor`, `open_watch`."""

import importlib as _importlib
import typing as _typing

if _typing.TYPE_CHECKING:
    from dohyo.monitor.alerts.signature import verify_signature
    from dohyo.monitor.canary import CanaryFound, check_canary
    from dohyo.monitor.gathered import Gathered
    from dohyo.monitor.monitor import Alarm, Monitor, Seen
    from dohyo.monitor.opened import open_watch
    from dohyo.monitor.watch import Watch

_HOMES = {
    "Alarm": "dohyo.monitor.monitor",
    "CanaryFound": "dohyo.monitor.canary",
    "Gathered": "dohyo.monitor.gathered",
    "Monitor": "dohyo.monitor.monitor",
    "Seen": "dohyo.monitor.monitor",
    "Watch": "dohyo.monitor.watch",
    "check_canary": "dohyo.monitor.canary",
    "open_watch": "dohyo.monitor.opened",
    "verify_signature": "dohyo.monitor.alerts.signature",
}
"""Where each name lives: whoever needs one of them does not import the others."""

__all__ = [
    "Alarm",
    "CanaryFound",
    "Gathered",
    "Monitor",
    "Seen",
    "Watch",
    "check_canary",
    "open_watch",
    "verify_signature",
]


def __getattr__(name: str) -> _typing.Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dohyo.monitor' has no attribute {name!r}")
    found = getattr(_importlib.import_module(_HOMES[name]), name)
    globals()[name] = found
    return found
