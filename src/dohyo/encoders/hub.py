"""The model hub, or what is kept of it on this machine where it cannot be reached.

huggingface_hub asks again and again where there is no network, for half a minute a file, although
the answer is known after the first time. Whether the hub answers is therefore found out before.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies

PATIENCE: Final = 4.0
"""Seconds that the hub has to accept a connection."""


@contextmanager
def kept_if_unreachable() -> Iterator[None]:
    """Inside the block, names of the hub mean what is kept on this machine if it is out of reach.

    Nothing changes where the hub answers, where a proxy stands between, and where the user has
    said HF_HUB_OFFLINE.
    """
    try:
        constants: Any = import_module("huggingface_hub.constants")
    except ModuleNotFoundError:  # open_clip and its own files do without
        yield
        return
    address = urlsplit(constants.ENDPOINT)
    port = address.port or (443 if address.scheme == "https" else 80)
    if constants.HF_HUB_OFFLINE or _proxied(address.scheme) or _answers(address.hostname, port):
        yield
        return
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = False


def _proxied(scheme: str) -> bool:
    return bool({scheme, "all"} & set(getproxies()))


def _answers(host: str | None, port: int) -> bool:
    """Say whether a host accepts a connection in time, by IPv4 or by IPv6."""
    outcome: SimpleQueue[bool] = SimpleQueue()

    def connect(family: socket.AddressFamily) -> None:
        try:
            for *kind, _, place in socket.getaddrinfo(host, port, family, socket.SOCK_STREAM):
                with socket.socket(*kind) as line:
                    line.settimeout(PATIENCE)
                    if line.connect_ex(place) == 0:
                        outcome.put(True)
                        return
        except OSError:
            pass  # no such name, or no such family here
        outcome.put(False)

    # A look-up of a name knows no time-out: the threads are left to themselves.
    families = (socket.AF_INET, socket.AF_INET6)
    for family in families:
        threading.Thread(target=connect, args=(family,), daemon=True).start()
    ends = monotonic() + PATIENCE
    for _ in families:
        try:
            if outcome.get(timeout=max(0.0, ends - monotonic())):
                return True
        except Empty:
            return False
    return False
