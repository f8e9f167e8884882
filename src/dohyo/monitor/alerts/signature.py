"""Who sent a webhook: HMAC-SHA-256 over the time and the body."""

import hashlib
import hmac
import time

HEADER = "Dohyo-Signature"


def sign(secret: str | bytes, body: bytes, at: int) -> str:
    """Return the header's value, `t=…,v1=…`.

    Parameters
    ----------
    secret : shared with the receiver
    body : as it is sent, byte by byte
    at : seconds since 1970, UTC
    """
    return f"t={at},v1={_mac(secret, body, str(at))}"


def verify_signature(
    secret: str | bytes,
    header: str,
    body: bytes,
    tolerance: float = 300,
    *,
    now: float | None = None,
) -> bool:
    """Return whether a webhook is from who knows the secret, and is not an old one sent again.

    Takes equally long whatever the signature is, so that none can be guessed bit by bit. Anything
    malformed is simply false.

    Parameters
    ----------
    secret : shared with the sender
    header : value of `Dohyo-Signature`
    body : as it was received, before it is parsed
    tolerance : seconds by which its time may differ from ours, both ways
    now : seconds since 1970; the machine's clock if left out
    """
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit()) or len(times[0]) > 15:
        return False
    wanted = _mac(secret, body, times[0]).encode()
    # One with two secrets, while one replaces the other, may sign with both.
    given = [value for name, _, value in parts if name == "v1"]
    right = [hmac.compare_digest(wanted, each.encode("utf-8", "replace")) for each in given]
    fresh = abs((time.time() if now is None else now) - int(times[0])) <= tolerance
    return any(right) and fresh


def _mac(secret: str | bytes, body: bytes, at: str) -> str:
    key = secret.encode() if isinstance(secret, str) else secret
    return hmac.new(key, at.encode() + b"." + body, hashlib.sha256).hexdigest()
