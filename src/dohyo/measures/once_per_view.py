"""Work that several measures share is done once for a corpus."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from dohyo.measures.view import View

Result = TypeVar("Result")


def once_per_view(work: Callable[[View], Result]) -> Callable[[View], Result]:
    """Keep what `work` returns for as long as the view lives."""
    kept: WeakKeyDictionary[View, Result] = WeakKeyDictionary()

    @wraps(work)
    def remembered(view: View) -> Result:
        if view not in kept:
            kept[view] = work(view)
        return kept[view]

    return remembered
