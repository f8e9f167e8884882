"""Limits and addresses of a service, all in one place."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request, and all together, may take.

    Attributes
    ----------
    body : bytes of a request's body; `map_body` of an uploaded map
    picture : bytes of an uploaded picture
    pixels : of an uploaded picture once unpacked
    rows : vectors of one request
    hits : of one search
    waiting : searches that may wait for the store before new ones get 429
    seconds : until a search that has no answer gets 504
    head_seconds, body_seconds : until a request that has not arrived is dropped
    per_second, burst : requests of one token, or of one address where there are no tokens;
        0 for no limit
    connections : that may be open; more get 503 at once
    """

    body: int = 32 << 20
    map_body: int = 512 << 20
    picture: int = 10 << 20
    pixels: int = 40_000_000
    rows: int = 50_000
    hits: int = 200
    waiting: int = 64
    seconds: float = 10.0
    head_seconds: float = 10.0
    body_seconds: float = 60.0
    per_second: float = 0.0
    burst: int = 100
    connections: int = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a service runs.

    Attributes
    ----------
    state : folder of the ledger and of the maps
    host, port : where it listens
    origins : that pages may call it from beside its own, such as https://search.example
    hosts : names by which it may be called; empty for any
    needs_token : whether every caller must show one
    limits : see `Limits`
    """

    state: Path
    host: str = "127.0.0.1"
    port: int = 8_765
    origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    needs_token: bool = False
    limits: Limits = Limits()


LOOPBACK = ("127.0.0.1", "::1", "localhost")
