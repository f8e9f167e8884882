"""Try again what a server may answer a moment later; then one sentence."""

import time
from collections.abc import Callable
from typing import TypeVar

from dohyo.errors import StoreError

T = TypeVar("T")

WAITS = (0.2, 0.6, 1.8)
"""Seconds before each further try."""


def patiently(
    action: Callable[[], T],
    *,
    passing: tuple[type[BaseException], ...],
    where: str,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Return what the action returns, tried again while it fails in a way that may pass.

    Parameters
    ----------
    action : must bear being called twice
    passing : errors that may pass: no connection, no answer in time
    where : the store, for the sentence

    Raises
    ------
    StoreError
        If the last try fails too; any other error as it is.
    """
    for wait in (*WAITS, None):
        try:
            return action()
        except passing as error:
            if wait is None:
                raise StoreError(
                    f"{where} does not answer ({type(error).__name__}), tried "
                    f"{len(WAITS) + 1} times.",
                    hint="Check that it runs, and its address.",
                ) from error
            sleep(wait)
    raise AssertionError
