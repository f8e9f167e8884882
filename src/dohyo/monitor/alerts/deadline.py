"""An end to waiting: a socket's own time-out begins anew with every byte."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def deadline(seconds: float, held: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Cut a connection after so many seconds, whatever it is doing; what reads from it fails.

    Parameters
    ----------
    held : returns the socket in use at that moment, None where there is none
    """

    def cut() -> None:
        found = held()
        if found is not None:
            with suppress(OSError):
                # Not the method of a TLS socket, which would drop the session that is being read.
                socket.socket.shutdown(found, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
