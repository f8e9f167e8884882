"""The service's durable state: one SQLite file in which a change and its audit are one."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dohyo.errors import UsageError
from dohyo.rollout.roles import Caller
from dohyo.rollout.schema import VERSIONS, statements


def now() -> str:
    """Return the time in UTC, to the millisecond, as ISO 8601 writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Ledger:
    """The file, and the one connection of this process to it.

    A change returns when the disk has it (WAL, synchronous FULL). Killed at any moment, the file
    holds the state before or the state after, and the audit says the same.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, and make it where there is none.

        Raises
        ------
        UsageError
            If the folder cannot be written, or the file is no ledger or a newer one.
        """
        self.path = path
        self._lock = threading.RLock()
        self._changes = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA busy_timeout = 5000")
            if self._held() > len(VERSIONS):  # not a byte of it is touched
                self._db.close()
                raise UsageError(f"{path} is from a newer dohyo.", hint="Upgrade dohyo.")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            if self._held() < len(VERSIONS):
                with self.change():  # two processes may open the same new file at once
                    for statement in statements(self._held()):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA user_version = {len(VERSIONS)}")
        except (sqlite3.Error, OSError) as error:
            raise UsageError(
                f"Cannot use {path}: {error}.",
                hint="Name another folder with --state, or check its permissions and space.",
            ) from error

    def _held(self) -> int:
        """Return the version that the file has."""
        found: int = self._db.execute("PRAGMA user_version").fetchone()[0]
        return found

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Make everything inside one change: all of it or nothing."""
        with self._lock:
            if self._db.in_transaction:
                yield  # inside a change already
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.OperationalError):  # a full disk has rolled back already
                    self._db.execute("ROLLBACK")
                raise
            finally:
                self._changes += 1

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Return what a query finds; writes belong inside `change`."""
        with self._lock:
            return [dict(row) for row in self._db.execute(query, values)]

    def audit(
        self, by: Caller, action: str, subject: str, why: str, detail: Mapping[str, Any]
    ) -> None:
        """Write down who changed what and why; inside the `change` that it is about."""
        self.rows(
            "INSERT INTO audit (at, who, role, action, subject, why, detail) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(now(), by.name, by.role, action, subject, why),
            json.dumps(dict(detail), sort_keys=True),
        )

    def history(self, most: int = 100, *, before: int | None = None) -> list[dict[str, Any]]:
        """Return the audit log, the latest first."""
        found = self.rows(
            "SELECT * FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?",
            2**62 if before is None else before,
            most,
        )
        return [row | {"detail": json.loads(row["detail"])} for row in found]

    def version(self) -> int:
        """Return a number that changes with the file, whoever changed it."""
        with self._lock:
            found: int = self._db.execute("PRAGMA data_version").fetchone()[0]
            return found + (self._changes << 32)

    def secret(self, name: str, make: bytes) -> bytes:
        """Return a secret of this state, `make` where there is none yet."""
        with self.change():
            self.rows("INSERT OR IGNORE INTO secrets VALUES (?, ?)", name, make)
            found: bytes = self.rows("SELECT value FROM secrets WHERE name = ?", name)[0]["value"]
        return found
