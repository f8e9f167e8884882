"""How a user names a store: `lancedb://folder`, `qdrant+http://host:6333`, `postgresql://…`."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dohyo.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a store is.

    Attributes
    ----------
    kind : which store, e.g. `qdrant`
    location : a file or folder, or the whole URL of a server
    is_server : whether there is a server behind it
    shown : for messages: never with a password
    """

    kind: str
    location: str = field(repr=False)
    is_server: bool
    shown: str


def parse_address(text: str) -> Address:
    """Read the name of a store.

    `KIND://PATH` is a folder or file, relative unless it begins with a third slash;
    `KIND+http://HOST:PORT` and `KIND+https://…` are servers, and so is `postgresql://…`.

    Raises
    ------
    UsageError
        If the text has no scheme, or nothing behind it.
    """
    scheme, separator, rest = text.partition("://")
    if not separator or not scheme or not rest:
        raise UsageError(
            f"{text!r} names no store.",
            hint="Write it like lancedb://folder or qdrant+http://localhost:6333.",
        )
    kind, plus, transport = scheme.lower().partition("+")
    if kind in ("postgresql", "postgres"):
        return Address(kind="pgvector", location=text, is_server=True, shown=_without_secrets(text))
    if not plus:
        return Address(kind=kind, location=rest, is_server=False, shown=text)
    if transport not in ("http", "https"):
        raise UsageError(
            f"{scheme}:// is no transport that dohyo knows.",
            hint=f"Write {kind}+http:// or {kind}+https://.",
        )
    location = f"{transport}://{rest}"
    shown = f"{kind}+{_without_secrets(location)}"
    return Address(kind=kind, location=location, is_server=True, shown=shown)


def _without_secrets(url: str) -> str:
    """Return a URL as far as a message may show it: no user, no password, no query."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise UsageError("The port of the store is no number.", hint="Check the URL.") from error
    return f"{parts.scheme}://{host}{port}{parts.path}"
