"""The pages, imported at the first visit: they bring the charts along, and a service must be back
within seconds after a crash."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.routing import Route

from dohyo.serve.service import Service
from dohyo.words import Language

Add = Callable[[FastAPI, Service], None]


def dashboard_later(
    corpus: Path | None, pictures: Path | None, *, language: Language = "en"
) -> Add:
    """Return what adds the pages to a service, see `dohyo.dashboard.pages.dashboard`.

    Nothing of them is imported before somebody asks for an address that the service itself has
    not got.
    """

    def pages() -> Add:
        from dohyo.dashboard.pages import dashboard

        return dashboard(corpus, pictures, language=language)

    def add(app: FastAPI, service: Service) -> None:
        app.router.routes.append(Route("/{path:path}", FirstVisit(app, service, pages)))

    return add


class FirstVisit:
    """Puts the pages in its own place, and lets them answer."""

    def __init__(self, app: FastAPI, service: Service, pages: Callable[[], Add]) -> None:
        self._app, self._service, self._pages = app, service, pages
        self._lock, self._done = asyncio.Lock(), False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as the pages do."""
        async with self._lock:
            if not self._done:
                add = await self._service.in_thread(self._pages)
                routes = self._app.router.routes
                routes[:] = [each for each in routes if getattr(each, "endpoint", None) is not self]
                add(self._app, self._service)
                self._done = True
        await self._app.router(scope, receive, send)
