"""Work on rows block by block, each block small enough for a core's cache, on several cores."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController

from dohyo.rows import blocks

CACHED_BYTES = 1 << 20
"""Size of a block of rows: what one step writes is still in the cache when the next reads it."""
FEWEST_ROWS = 256
_taken = Lock()


def rows_in_cache(columns: int) -> int:
    """Return how many float32 rows of this width make a block."""
    return max(FEWEST_ROWS, CACHED_BYTES // (4 * columns))


def in_blocks(work: Callable[[slice], None], rows: int, size: int) -> None:
    """Call `work` with slices that cover `rows` rows, on as many threads as BLAS may use.

    The threads are spread over the blocks, each with a BLAS of one thread: a product alone would
    leave every other core idle during all steps between products. One thread for each product
    also makes the result the same, bit for bit, whatever the number of threads.

    Parameters
    ----------
    work : writes its rows somewhere; called from several threads, never twice for a row
    rows, size : how many rows there are, and how many make a block

    Raises
    ------
    Exception
        The first that `work` raises, in the order of the rows; blocks not yet begun are left.
    """
    controller = _controller()
    # The limit belongs to the process. Were two callers to set and restore it in turn, the
    # second would restore what the first had set.
    if not _taken.acquire(blocking=False):
        for block in blocks(rows, size):
            work(block)
        return
    try:
        threads = min(_threads(controller), -(-rows // size))
        with controller.limit(limits=1, user_api="blas"):
            _spread(work, rows, size, threads)
    finally:
        _taken.release()


def _spread(work: Callable[[slice], None], rows: int, size: int, threads: int) -> None:
    if threads <= 1:
        for block in blocks(rows, size):
            work(block)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(work, block) for block in blocks(rows, size)]
        try:
            for one in waiting:
                one.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _threads(controller: Any) -> int:
    found = controller.info()
    return max((part["num_threads"] for part in found if part["user_api"] == "blas"), default=1)


@cache
def _controller() -> Any:
    """Return what sets the threads of every BLAS of this process; looking for them takes long."""
    return ThreadpoolController()
