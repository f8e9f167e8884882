"""How a report came about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Where and when a report was made.

    Attributes
    ----------
    created : time in UTC, ISO 8601
    seconds : how long the figures took
    peak_memory_bytes : largest resident size of the process so far
    dohyo_version : version of the code
    command : what was typed, None from Python
    """

    created: str
    seconds: float
    peak_memory_bytes: int
    dohyo_version: str
    command: str | None = None
