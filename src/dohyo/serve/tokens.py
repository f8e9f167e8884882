"""Tokens: shown once, kept as a hash, compared in constant time."""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from dohyo.errors import UsageError
from dohyo.rollout.ledger import Ledger, now
from dohyo.rollout.refusal import Refusal
from dohyo.rollout.roles import ROLES, Caller, Role

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
ADMIN = Caller("command line", "approver")


class Tokens:
    """Who may call the service.

    A token is `NAME.SECRET`, the secret 256 random bits: it cannot be guessed, so a salted
    SHA-256 keeps it as safely as a slow hash would, and every request can be checked.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._held: dict[str, dict[str, Any]] = {}
        self._version = -1
        self._empty = bytes(32)

    def make(self, name: str, role: Role, *, days: float | None = None) -> str:
        """Return a new token; nobody can be shown it again.

        Raises
        ------
        UsageError
            If the name is taken or no name, or the role is none.
        """
        if not NAME.fullmatch(name):
            raise UsageError(
                f"{name!r} is no name for a token.", hint="Take letters, digits, - and _."
            )
        if role not in ROLES:
            raise UsageError(f"There is no role {role!r}.", hint=f"Choose of {', '.join(ROLES)}.")
        if days is not None and not 0 < days <= 36_500:
            raise UsageError(f"A token cannot last {days} days.", hint="Take 90, for example.")
        secret, salt = secrets.token_urlsafe(32), secrets.token_bytes(16)
        ends = None if days is None else (datetime.now(UTC) + timedelta(days=days)).isoformat()
        with self._ledger.change():
            if self._ledger.rows("SELECT 1 FROM tokens WHERE name = ?", name):
                raise UsageError(f"There is a token {name}.", hint="Choose another name.")
            self._ledger.rows(
                "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, NULL)",
                *(name, _hash(salt, secret), salt, role, now(), ends),
            )
            self._ledger.audit(ADMIN, "token_made", name, "", {"role": role, "expires": ends})
        self._version = -1
        return f"{name}.{secret}"

    def revoke(self, name: str) -> None:
        """Let a token open nothing any more, from the next request on.

        Raises
        ------
        UsageError
            If there is none of that name.
        """
        with self._ledger.change():
            if not self._ledger.rows("SELECT 1 FROM tokens WHERE name = ?", name):
                raise UsageError(f"There is no token {name}.", hint="See dohyo token list.")
            self._ledger.rows("UPDATE tokens SET revoked = ? WHERE name = ?", now(), name)
            self._ledger.audit(ADMIN, "token_revoked", name, "", {})
        self._version = -1

    def listed(self) -> list[dict[str, Any]]:
        """Return every token without what would open anything."""
        return self._ledger.rows(
            "SELECT name, role, made, expires, revoked FROM tokens ORDER BY name"
        )

    def __bool__(self) -> bool:
        return bool(self._current())

    def caller(self, token: str) -> Caller:
        """Return whom a token belongs to.

        Raises
        ------
        Refusal
            401 for one that is wrong, revoked or expired; which of them is not told.
        """
        name, _, secret = token.partition(".")
        row = self._current().get(name)
        salt, wanted = (self._empty, self._empty) if row is None else (row["salt"], row["hash"])
        right = hmac.compare_digest(_hash(salt, secret), wanted)
        if row is None or not right or row["revoked"] is not None or _over(row["expires"]):
            raise no_token()
        return Caller(name, row["role"])

    def _current(self) -> dict[str, dict[str, Any]]:
        version = self._ledger.version()
        if version != self._version:
            self._held = {row["name"]: row for row in self._ledger.rows("SELECT * FROM tokens")}
            self._version = version
        return self._held


def no_token() -> Refusal:
    """Return the refusal of a caller who shows no token that opens anything."""
    return Refusal(
        401,
        "token",
        "This needs a token.",
        hint="Send Authorization: Bearer TOKEN; dohyo token new NAME makes one.",
    )


def _hash(salt: bytes, secret: str) -> bytes:
    return hashlib.sha256(salt + secret.encode("utf-8", "surrogateescape")).digest()


def _over(expires: str | None) -> bool:
    return expires is not None and datetime.now(UTC) >= datetime.fromisoformat(expires)
