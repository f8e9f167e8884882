"""What every request passes before anything looks at it, and every answer before it leaves."""

import asyncio
import re
import secrets
import time
from collections.abc import Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import quote, urlsplit

import orjson
import structlog

from dohyo.rollout.refusal import Refusal, failed, too_large
from dohyo.rollout.roles import Caller
from dohyo.serve.service import Service
from dohyo.serve.settings import LOOPBACK
from dohyo.serve.tokens import no_token

Scope = MutableMapping[str, Any]
COOKIE: Final = "dohyo_token"
OPEN: Final = ("/v1/health", "/login", "/static/")
"""Addresses that need no token."""
LOCAL: Final = Caller("local", "approver")
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
SAFE: Final = ("GET", "HEAD", "OPTIONS")
ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),  # none at all would make a form's Origin null
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cache-control", b"no-store"),
)
API_POLICY: Final = b"default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    b"frame-ancestors 'none'"
)
"""Drawings carry their widths in style attributes, so styles may be inline; scripts may not."""


class Gate:
    """ASGI middleware: host, origin, token, rate and size of a request; heads of an answer."""

    def __init__(self, app: Any, service: Service) -> None:
        self._app, self._service = app, service
        self._log = structlog.get_logger("dohyo.serve")
        settings = service.settings
        self._hosts = set(settings.hosts)
        if settings.host in LOOPBACK:
            self._hosts |= set(LOOPBACK)
        elif self._hosts:
            self._hosts.add(settings.host)

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Any, send: Any) -> None:
        begun = time.perf_counter()
        head = dict(scope["headers"])
        asked = head.get(b"x-request-id", b"").decode("latin-1")
        request_id = asked if REQUEST_ID.fullmatch(asked) else secrets.token_hex(8)
        scope.setdefault("state", {})
        scope["state"]["request_id"] = request_id
        sent: dict[str, int] = {}

        async def answer(message: Any) -> None:
            if message["type"] == "http.response.start":
                sent["status"] = message["status"]
                message["headers"] = _with(message.get("headers", ()), request_id)
            await send(message)

        try:
            self._check(scope, head)
            bounded = Body(receive, self._most(scope), self._service.settings.limits.body_seconds)
            await self._app(scope, bounded, answer)
        except Refusal as refusal:
            if not sent:
                await self._turn_away(refusal, scope, head, request_id, answer)
        except Exception as error:
            self._log.exception("failed", request=request_id, error=type(error).__name__)
            if not sent:
                await refuse(failed(), request_id, answer)
        seconds = time.perf_counter() - begun
        route = getattr(scope.get("route"), "path", "other")
        self._service.metrics.answered(route, sent.get("status", 0), seconds)
        caller = scope["state"].get("caller")
        self._log.info(
            "answered",
            request=request_id,
            method=scope["method"],
            route=route,
            status=sent.get("status", 0),
            ms=round(seconds * 1e3, 2),
            by=None if caller is None else caller.name,
        )

    async def _turn_away(
        self, refusal: Refusal, scope: Scope, head: dict[bytes, bytes], request_id: str, send: Any
    ) -> None:
        """Refuse; somebody before a browser is led to where a token can be put in."""
        page = refusal.status == 401 and b"text/html" in head.get(b"accept", b"")
        if not page or scope["method"] != "GET" or scope["path"].startswith("/v1/"):
            await refuse(refusal, request_id, send)
            return
        place = f"/login?next={quote(scope['path'], safe='')}".encode()
        await send(
            {"type": "http.response.start", "status": 303, "headers": [(b"location", place)]}
        )
        await send({"type": "http.response.body", "body": b""})

    def _check(self, scope: Scope, head: dict[bytes, bytes]) -> None:
        """Refuse a request that should not come any further."""
        host = head.get(b"host", b"").decode("latin-1")
        name = _host_name(host)
        if self._hosts and name not in self._hosts:
            raise Refusal(
                421, "host", "This service has another name.", hint="See dohyo serve --allow-host."
            )
        self._check_origin(scope, head, host)
        if head.get(b"content-encoding", b"identity").lower() != b"identity":
            raise Refusal(
                415, "encoding", "Compressed bodies are not read.", hint="Send it uncompressed."
            )
        length = head.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self._most(scope):
            raise too_large("The body", f"{self._most(scope) >> 20} MiB")
        caller = self._caller(scope, head)
        scope["state"]["caller"] = caller
        address = (scope.get("client") or ("unknown",))[0]
        self._service.rate.spend(address if caller in (None, LOCAL) else caller.name)

    def _check_origin(self, scope: Scope, head: dict[bytes, bytes], host: str) -> None:
        """Refuse what another site's page sends: a browser adds cookies to it by itself."""
        if scope["method"] in SAFE:
            return
        origin = head.get(b"origin")
        site = head.get(b"sec-fetch-site", b"none")
        if origin is None:
            foreign = site in (b"cross-site", b"same-site")
        else:
            said = origin.decode("latin-1")
            foreign = _netloc(said) != host and said not in self._service.settings.origins
        if foreign:
            raise Refusal(
                403,
                "origin",
                "Pages of another site may not ask this.",
                hint="Call it from a program, or name the site with --allow-origin.",
            )

    def _caller(self, scope: Scope, head: dict[bytes, bytes]) -> Caller | None:
        """Return who asks; None at an address that is open to all."""
        tokens = self._service.tokens
        if not self._service.settings.needs_token and not tokens:
            return LOCAL
        token = _token(head)
        if token is None:
            if any(
                scope["path"] == path or (path[-1] == "/" and scope["path"].startswith(path))
                for path in OPEN
            ):
                return None
            raise no_token()
        if scope["path"].startswith(OPEN):
            return None
        return tokens.caller(token)

    def _most(self, scope: Scope) -> int:
        limits = self._service.settings.limits
        return limits.map_body if scope["path"] == "/v1/maps" else limits.body


class Body:
    """Hands a body on, and stops where it is too large or too slow."""

    def __init__(self, receive: Any, most: int, seconds: float) -> None:
        self._receive, self._left, self._most = receive, most, most
        self._until = time.monotonic() + seconds
        self._whole = False

    async def __call__(self) -> Any:
        """Return the next part.

        Raises
        ------
        Refusal
            413, 408.
        """
        if self._whole:
            return await self._receive()  # waits for the caller to leave: no time-out
        try:
            async with asyncio.timeout(max(0.0, self._until - time.monotonic())):
                message = await self._receive()
        except TimeoutError as error:
            raise Refusal(
                408, "slow_body", "The body took too long.", hint="Send it faster, or in parts."
            ) from error
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise too_large("The body", f"{self._most >> 20} MiB")
        self._whole = not message.get("more_body", False)
        return message


async def refuse(refusal: Refusal, request_id: str, send: Any) -> None:
    """Send a refusal from outside the application."""
    body = orjson.dumps(refusal.to_json(request_id))
    head = [(b"content-type", b"application/json")]
    head += [(k.encode(), v.encode()) for k, v in refusal.headers.items()]
    await send({"type": "http.response.start", "status": refusal.status, "headers": head})
    await send({"type": "http.response.body", "body": body})


def _with(headers: Iterable[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
    """Return an answer's heads with those that every answer has; its own come first."""
    own = list(headers)
    named = {name.lower() for name, _ in own}
    page = any(n.lower() == b"content-type" and v.startswith(b"text/html") for n, v in own)
    added = [*ALWAYS, (b"content-security-policy", PAGE_POLICY if page else API_POLICY)]
    own += [each for each in added if each[0] not in named]
    return [*own, (b"x-request-id", request_id.encode())]


def _token(head: dict[bytes, bytes]) -> str | None:
    said = head.get(b"authorization", b"").decode("latin-1")
    scheme, _, token = said.partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    try:
        held = SimpleCookie(head.get(b"cookie", b"").decode("latin-1")).get(COOKIE)
    except CookieError:
        return None
    return None if held is None else held.value


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
