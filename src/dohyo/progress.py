"""How long work tells where it is: pure code calls, only the command line draws."""

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""Called with (steps done, steps in all, what is being done)."""


def silent(done: int, total: int, what: str) -> None:
    """Tell nobody."""
