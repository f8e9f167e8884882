"""A connection to PostgreSQL that is made again where it breaks, and says no in one sentence."""

import getpass
import os
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from dohyo.errors import StoreError, UsageError
from dohyo.extras import require
from dohyo.stores.address import Address
from dohyo.stores.patience import patiently

T = TypeVar("T")

BUSY = ("40001", "40P01", "53300", "57P01", "57P02", "57P03")
"""Codes of what may pass: two that met, too many connections, a server that stops or starts."""
HINTS = {
    "28000": "Check user and password; the password may stand in DOHYO_STORE_TOKEN or PGPASSWORD.",
    "28P01": "Check user and password; the password may stand in DOHYO_STORE_TOKEN or PGPASSWORD.",
    "3D000": "Check the name behind the last slash of the URL.",
    "42501": "Ask the owner of the database for the right to do this.",
    "53100": "Make room on the server's disk, then say the same again.",
    "55P03": "Something else holds the table or view; say the same again when it is done.",
    "57014": "Give it more time with --timeout.",
}
SETTINGS = (
    "SET client_encoding = 'UTF8'; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; "
    "SET IntervalStyle = 'iso_8601'; SET extra_float_digits = 1; SET bytea_output = 'hex'; "
    # Where a policy hides rows, a scan shall fail, not come out short.
    "SET row_security = off"
)


class Ask(Protocol):
    """Send one statement and return its rows."""

    def __call__(self, sql: str, **values: Any) -> list[list[Any]]:
        """`:name` in the statement stands for a value."""


class Busy(Exception):
    """The server asks for patience."""


class Connection:
    """One connection, opened by the first statement."""

    def __init__(self, address: Address, token: str | None, timeout: float) -> None:
        self._library = require("pg8000.native", extra="pgvector", needed_by="A PostgreSQL store")
        self._arguments = _arguments(address, token) | {"timeout": timeout}
        self.where, self._timeout = address.shown, timeout
        self._open: Any = None

    def run(self, sql: str, **values: Any) -> list[list[Any]]:
        """Send one statement, patiently, and return its rows.

        Raises
        ------
        StoreError
            If the server does not answer, or says no.
        """
        return self._patiently(lambda: self._ask(sql, **values))

    def together(self, action: Callable[[Ask], T]) -> T:
        """Return what the action returns, all its statements done or none.

        Parameters
        ----------
        action : must bear being called twice
        """

        def whole() -> T:
            self._ask("BEGIN")
            try:
                # Who waits for a lock lets everybody else wait behind him.
                self._ask(f"SET LOCAL lock_timeout = {int(self._timeout * 500)}")
                result = action(self._ask)
                self._ask("COMMIT")
            except BaseException:
                with suppress(Exception):
                    if self._open is not None:
                        self._ask("ROLLBACK")
                raise
            return result

        return self._patiently(whole)

    def close(self) -> None:
        """Close the connection; calling it again does nothing."""
        held, self._open = self._open, None
        if held is not None:
            with suppress(Exception):
                held.close()

    def _patiently(self, action: Callable[[], T]) -> T:
        return patiently(action, passing=(ConnectionError, TimeoutError, Busy), where=self.where)

    def _ask(self, sql: str, **values: Any) -> list[list[Any]]:
        if self._open is None:
            self._open = self._told(self._connect)
            self._told(self._prepare)
        return self._told(lambda: self._open.run(sql, **values)) or []

    def _connect(self) -> Any:
        if "unix_sock" in self._arguments:
            return self._library.Connection(**self._arguments)
        place = self._arguments["host"], self._arguments["port"]
        # The client leaves its own open where the server is silent.
        sock = socket.create_connection(place, self._timeout)
        try:
            return self._library.Connection(**self._arguments, sock=sock)
        except BaseException:
            sock.close()
            raise

    def _prepare(self) -> None:
        self._open.run(SETTINGS)
        self._open.run(f"SET statement_timeout = {max(1, int(self._timeout * 900))}")
        found = self._open.run(
            "SELECT extversion, quote_ident(nspname) FROM pg_extension "
            "JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'vector'"
        )
        if found:
            version, schema = found[0]
            self._open.run(
                "SELECT set_config('search_path', concat_ws(', ', "
                "nullif(current_setting('search_path'), ''), CAST(:schema AS text)), false)",
                schema=schema,
            )
            if tuple(int(part) for part in version.split(".")[:2]) >= (0, 8):
                # A condition shall not leave fewer rows than asked for.
                self._open.run(
                    "SET hnsw.iterative_scan = strict_order; "
                    "SET ivfflat.iterative_scan = relaxed_order"
                )

    def _told(self, action: Callable[[], T]) -> T:
        """Return what the client returns; what goes wrong is one sentence or may pass."""
        try:
            return action()
        except self._library.DatabaseError as error:
            said = error.args[0] if isinstance(error.args[0], dict) else {}
            code = said.get("C", "")
            if code.startswith("57P"):
                self.close()
            # What PostgreSQL answers where a view is switched while its text is looked up.
            vanished = code == "XX000" and "could not open relation" in said.get("M", "")
            if code in BUSY or vanished:
                raise Busy(code) from error
            raise refusal(self.where, said) from error
        except (self._library.InterfaceError, OSError) as error:
            self.close()
            said = self._said_before(error)
            if said and said.get("C") not in BUSY:
                raise refusal(self.where, said) from error
            cause = error if isinstance(error, OSError) else error.__cause__
            if isinstance(cause, ssl.SSLError):
                hint = "Check sslmode in the URL, and the server's certificate."
                raise StoreError(f"{self.where}: {cause.reason}.", hint=hint) from error
            if isinstance(cause, TimeoutError):
                raise TimeoutError from error
            if isinstance(cause, OSError) or "network error" in str(error):
                raise ConnectionError from error
            raise refusal(self.where, {"M": str(error)}) from error

    def _said_before(self, error: BaseException) -> dict[str, str]:
        """Return the server's own words where a failed farewell hides them.

        A server that refuses a connection says so and hangs up; the client then says goodbye,
        finds nobody there, and reports that alone.
        """
        each: BaseException | None = error
        while each is not None and not isinstance(each, self._library.DatabaseError):
            each = each.__cause__ or each.__context__
        return each.args[0] if each is not None and isinstance(each.args[0], dict) else {}


class Refused(StoreError):
    """PostgreSQL says no; `code` is its SQLSTATE."""

    code = ""
    detail = ""


def refusal(where: str, said: dict[str, str]) -> Refused:
    """Return the error for a server that says no; `said` are the fields of its message."""
    text = " ".join(said.get("M", "something is wrong").split())[:200].rstrip(".")
    code = said.get("C", "")
    error = Refused(
        f"{where} refuses: {text}.", hint=HINTS.get(code, f"Its code is {code or 'not told'}.")
    )
    error.code, error.detail = code, said.get("D", "")
    return error


def _arguments(address: Address, token: str | None) -> dict[str, Any]:
    """Return what the URL says, as pg8000 takes it; libpq's variables fill what it leaves out."""
    parts, env = urlsplit(address.location), os.environ
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    unknown = sorted(options.keys() - {"host", "sslmode", "sslrootcert"})
    if unknown:
        raise UsageError(
            f"{address.shown}: {unknown[0]} in the URL is not understood.",
            hint="It may have host (folder of a socket), sslmode and sslrootcert.",
        )
    user = unquote(parts.username or "") or env.get("PGUSER") or getpass.getuser()
    host = unquote(options.get("host") or parts.hostname or env.get("PGHOST") or "localhost")
    port = parts.port or int(env.get("PGPORT") or 5432)
    arguments = {
        "user": user,
        # Without one at all the client stumbles where the server asks for it.
        "password": unquote(parts.password or "") or token or env.get("PGPASSWORD") or "",
        "database": unquote(parts.path.lstrip("/")) or env.get("PGDATABASE") or user,
        "port": port,
        "application_name": "dohyo",
    }
    if host.startswith("/"):
        return arguments | {"unix_sock": f"{host}/.s.PGSQL.{port}", "ssl_context": False}
    mode = options.get("sslmode") or env.get("PGSSLMODE") or "prefer"
    return arguments | {"host": host, "ssl_context": _encryption(mode, options.get("sslrootcert"))}


def _encryption(mode: str, root: str | None) -> Any:
    """Return pg8000's setting for one of libpq's."""
    plain: dict[str, bool | None] = {"disable": False, "prefer": None, "require": True}
    if mode in plain and root is None:
        return plain[mode]
    if mode in ("require", "verify-ca", "verify-full"):
        context = ssl.create_default_context(cafile=root)
        context.check_hostname = mode == "verify-full"
        return context
    raise UsageError(
        f"sslmode={mode} is not understood.",
        hint="Choose one of: disable, prefer, require, verify-ca, verify-full.",
    )
