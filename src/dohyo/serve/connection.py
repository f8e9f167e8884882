"""Connections that begin and never ask: closed, for uvicorn itself waits for ever."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

SECONDS = 10.0


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection whose head has not arrived after `SECONDS`."""

    head_seconds = SECONDS
    _slow: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._slow = self.loop.call_later(self.head_seconds, self._too_slow)

    def on_message_begin(self) -> None:
        """Wait anew for each further request of the connection."""
        super().on_message_begin()
        if self._slow is None:
            self._slow = self.loop.call_later(self.head_seconds, self._too_slow)

    def on_headers_complete(self) -> None:
        """Wait no longer."""
        self._no_longer()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._no_longer()
        super().connection_lost(exc)

    def _no_longer(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None

    def _too_slow(self) -> None:
        self._slow = None
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()
