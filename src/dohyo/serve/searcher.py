"""The database, on a thread of its own: it takes one question at a time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from dohyo.rollout.refusal import Refusal, busy
from dohyo.serve.settings import Limits
from dohyo.stores.protocol import Store

Result = TypeVar("Result")


class Searcher:
    """Runs questions on the store's thread, and refuses more than may wait."""

    def __init__(self, opening: AbstractContextManager[Store], limits: Limits) -> None:
        self._limits = limits
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._opening = opening
        self.store: Store = self._thread.submit(opening.__enter__).result()
        self.waiting = 0

    async def __call__(self, ask: Callable[[Store], Result]) -> Result:
        """Return what a question to the store returns.

        Raises
        ------
        Refusal
            429 where too many wait, 504 where no answer came in time.
        """
        if self.waiting >= self._limits.waiting:
            raise busy("The search")
        self.waiting += 1
        work = asyncio.get_running_loop().run_in_executor(self._thread, ask, self.store)
        work.add_done_callback(self._one_less)
        try:
            return await asyncio.wait_for(asyncio.shield(work), self._limits.seconds)
        except TimeoutError as error:
            raise Refusal(
                504,
                "slow",
                "The vector database took too long.",
                hint="Ask again, or for fewer hits.",
                retry_after=2,
            ) from error

    def at_once(self, ask: Callable[[Store], Result]) -> Result:
        """Return what a question returns, before there is an event loop."""
        return self._thread.submit(ask, self.store).result()

    def close(self) -> None:
        """Finish what was begun and let go of the store."""
        self._thread.submit(self._opening.__exit__, None, None, None).result()
        self._thread.shutdown()

    def _one_less(self, work: "asyncio.Future[Any]") -> None:
        self.waiting -= 1
        if not work.cancelled():
            work.exception()  # told to whoever waits; after a time-out nobody does
