"""The next piece is made while this one is used."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")
_END: Final = object()


def ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """Yield what an iterator yields, whose next item is made by another thread meanwhile.

    One item is held more than without. An error comes where the item would have come; where the
    generator is closed early, so is the iterator.
    """
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(next, items, _END)
        try:
            while (item := pending.result()) is not _END:
                pending = pool.submit(next, items, _END)
                yield item  # type: ignore[misc]
        finally:
            if not pending.cancel():
                pending.exception()  # the iterator is at rest only now
            close = getattr(items, "close", None)
            if close is not None:
                close()
