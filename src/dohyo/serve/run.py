"""Let a service listen until it is told to stop."""

import gc
import logging
import sys
from typing import Any

import orjson
import structlog
import uvicorn

from dohyo.serve.connection import PatientProtocol
from dohyo.serve.settings import Settings

GRACE = 30
"""Seconds in which accepted requests are finished when the service is told to stop."""


def listen(app: Any, settings: Settings, *, ready: Any = None) -> None:
    """Serve until SIGTERM or SIGINT, and finish what was accepted."""
    log_as_json()
    # What is here now stays until the end; looking through it again stalls answers by 100 ms.
    gc.collect()
    gc.freeze()
    PatientProtocol.head_seconds = settings.limits.head_seconds
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=PatientProtocol,
        ws="none",
        loop="auto",
        access_log=False,
        log_config=None,
        server_header=False,
        limit_concurrency=settings.limits.connections,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE,
        backlog=2_048,
    )
    Announcing(config, ready).run()


class Announcing(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Any) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: Any = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started and self._ready is not None:
            self._ready()

    async def shutdown(self, sockets: Any = None) -> None:
        """Stop; a service that was told to stop has done so well, and ends with 0."""
        await super().shutdown(sockets)
        self._captured_signals.clear()


def log_as_json() -> None:
    """Write one JSON line for each event to standard error: never a body, never a token."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
