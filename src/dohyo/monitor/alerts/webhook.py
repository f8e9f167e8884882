"""A message as a signed POST of JSON."""

import hashlib
import http.client
import ipaddress
import json
import re
import socket
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit

from dohyo.errors import UsageError
from dohyo.monitor.alerts.channel import SECONDS, Trouble
from dohyo.monitor.alerts.deadline import deadline
from dohyo.monitor.alerts.message import Message
from dohyo.monitor.alerts.signature import HEADER, sign
from dohyo.monitor.plain import plain
from dohyo.version import __version__

LEAST_SECRET = 16
AGAIN_SOON = (408, 409, 425, 429)
"""Refusals that pass by themselves."""
ABOUT_IT = (400, 413, 422)
"""Refusals of this body; another may be welcome."""
MAYBE_ABOUT_IT = (500, 501)
"""A receiver that fails at this body, or at all."""


class Webhook:
    """An address that gets every message.

    Parameters
    ----------
    url : https, or http of this machine alone
    secret : for the signature; 16 bytes or more
    seconds : until an attempt without an answer ends
    clock : returns seconds since 1970

    Raises
    ------
    UsageError
        If the address or the secret cannot be used.
    """

    def __init__(
        self,
        url: str,
        secret: bytes,
        *,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._parts = _checked(url)
        if len(secret) < LEAST_SECRET:
            raise UsageError(
                f"The secret of a webhook has {len(secret)} bytes.",
                hint=f"Take {LEAST_SECRET} or more: openssl rand -hex 32 > secret",
            )
        self._secret, self._seconds, self._clock = secret, seconds, clock
        # The path of such an address is often a secret itself.
        mark = hashlib.sha256(url.encode()).hexdigest()[:8]
        self.name = f"webhook:{self._parts.hostname}:{mark}"
        """The host, and a mark that tells two addresses there apart."""

    def __repr__(self) -> str:
        return f"<Webhook {self.name}>"

    def send(self, message: Message) -> None:
        """Deliver one message; see `Channel.send`."""
        body = json.dumps(
            message.body | {"delivery": message.key}, sort_keys=True, allow_nan=False
        ).encode()
        head = {
            "Host": self._parts.netloc,
            "Content-Type": "application/json",
            "User-Agent": f"dohyo/{__version__}",
            "Dohyo-Delivery": message.key,
            HEADER: sign(self._secret, body, int(self._clock())),
        }
        try:
            status, retry_after = self._posted(body, head)
        except TimeoutError:
            raise Trouble(f"no answer within {self._seconds:g} s") from None
        except ssl.SSLCertVerificationError as error:
            raise Trouble(f"certificate: {plain(error.verify_message)}", slow=True) from None
        except (OSError, http.client.HTTPException) as error:
            raise Trouble(plain(str(error) or type(error).__name__)) from None
        if not 200 <= status < 300:
            raise _trouble(status, retry_after)

    def _posted(self, body: bytes, head: dict[str, str]) -> tuple[int, str | None]:
        """Return the status and what the answer says of another attempt; nothing else is read."""
        begun = time.monotonic()
        tls = self._parts.scheme == "https"
        host = self._parts.hostname or ""
        address = host, self._parts.port or (443 if tls else 80)
        with socket.create_connection(address, timeout=self._seconds) as raw:
            used = raw
            if tls:
                used = ssl.create_default_context().wrap_socket(
                    raw, server_hostname=host, do_handshake_on_connect=False
                )
            with used, deadline(self._seconds - (time.monotonic() - begun), lambda: used):
                try:
                    if isinstance(used, ssl.SSLSocket):
                        used.do_handshake()
                    connection = http.client.HTTPConnection(*address, timeout=self._seconds)
                    connection.sock, connection.auto_open = used, 0
                    path = (self._parts.path or "/") + (f"?{q}" if (q := self._parts.query) else "")
                    connection.request("POST", path, body, head)
                    answer = connection.getresponse()
                    status, again = answer.status, answer.getheader("Retry-After")
                    answer.close()
                    return status, again
                except (OSError, http.client.HTTPException):
                    if time.monotonic() - begun >= self._seconds:
                        raise TimeoutError from None
                    raise


def _trouble(status: int, retry_after: str | None) -> Trouble:
    if 300 <= status < 400:
        return Trouble(f"HTTP {status}: a redirect, which is not followed", slow=True)
    return Trouble(
        f"HTTP {status}",
        slow=400 <= status < 500 and status not in AGAIN_SOON,
        own=status in ABOUT_IT,
        doubtful=status in MAYBE_ABOUT_IT,
        retry_after=_seconds(retry_after),
    )


def _seconds(retry_after: str | None) -> float | None:
    """Return what `Retry-After` asks for: it is seconds, or a date; None where it is neither."""
    if retry_after is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", retry_after.strip()):
        return float(retry_after)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    ahead = at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)
    return max(0.0, ahead.total_seconds())


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked(url: str) -> SplitResult:
    # The address is not repeated in full: its path may be a secret.
    def no(what: str, hint: str) -> UsageError:
        return UsageError(f"A webhook cannot go to {what}.", hint=hint)

    example = "Take an address like https://alerts.example.com/dohyo."
    if not re.fullmatch(r"[!-~]+", url):
        raise no("an address with spaces or letters beyond ASCII", example)
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise no("what is no address", example) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise no("what does not begin with https:// and a host", example)
    if parts.username is not None or parts.password is not None:
        raise no("an address with a user in it", "Leave it out; the signature says who sent it.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise no(f"http://{parts.hostname} unencrypted", "Take https; http is for this machine.")
    return parts
