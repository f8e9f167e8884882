"""Requests that arrive together are corrected together."""

import asyncio
from collections.abc import Callable

import numpy as np

from dohyo.rows import F32

Correct = Callable[[F32], F32]


class Batcher:
    """Gathers rows during one turn of the event loop and corrects them in one product.

    A turn of a busy loop takes in all requests whose bytes have arrived, so nobody waits for a
    timer: alone, a request is corrected at once.
    """

    def __init__(self, most: int = 512) -> None:
        self._most = most
        self._waiting: dict[object, list[tuple[F32, asyncio.Future[F32]]]] = {}
        self._correct: dict[object, Correct] = {}

    async def __call__(self, kind: object, rows: F32, correct: Correct) -> F32:
        """Return rows corrected.

        Parameters
        ----------
        kind : rows of equal kinds may be corrected together
        rows : (n, d)
        correct : from (m, d) rows to as many
        """
        if len(rows) >= self._most:
            return correct(rows)
        loop = asyncio.get_running_loop()
        promise: asyncio.Future[F32] = loop.create_future()
        waiting = self._waiting.setdefault(kind, [])
        waiting.append((rows, promise))
        self._correct[kind] = correct
        if len(waiting) == 1:
            loop.call_soon(self._work, kind)
        return await promise

    def _work(self, kind: object) -> None:
        waiting, correct = self._waiting.pop(kind), self._correct.pop(kind)
        try:
            whole = waiting[0][0] if len(waiting) == 1 else np.concatenate([w[0] for w in waiting])
            done = correct(whole)
        except Exception as error:
            for rows, promise in waiting:
                self._alone(rows, promise, correct, error if len(waiting) == 1 else None)
            return
        start = 0
        for rows, promise in waiting:
            if not promise.done():
                promise.set_result(done[start : start + len(rows)])
            start += len(rows)

    def _alone(
        self,
        rows: F32,
        promise: asyncio.Future[F32],
        correct: Correct,
        known: Exception | None,
    ) -> None:
        """Correct one request by itself: what is wrong with another must not be told to it."""
        if promise.done():
            return
        try:
            if known is not None:
                raise known
            promise.set_result(correct(rows))
        except Exception as error:
            promise.set_exception(error)
