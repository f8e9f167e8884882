"""Work that several measures share is done once for a corpus."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from dohyo.measures.view import View

Result = TypeVar("Result")


def once_per_view(work: Callable[[View], Result]) -> Callable[[View], Result]:
    """Keep what `work` returns for as long as the view lives.

    The result is kept in the view itself, as a `cached_property` keeps its own. A table beside it,
    weak in its keys, would hold every view for ever whose result refers to it.
    """
    place = f"{work.__module__}.{work.__qualname__}"

    @wraps(work)
    def remembered(view: View) -> Result:
        kept: dict[str, Any] = view.__dict__
        if place not in kept:
            kept[place] = work(view)
        result: Result = kept[place]
        return result

    return remembered
