"""What can go wrong in a way the caller can act on.

DohyoError                 anything below; `hint` is the next thing to type or check
├── CorpusError            the data cannot be used as it is
├── MapError               a map does not fit this corpus, or its files were changed
├── UsageError             the request itself makes no sense (option, method name, folder)
├── StoreError             a vector database cannot be reached, or refuses
├── Interrupted            stopped by hand where the same command goes on later
└── MissingExtra           an optional dependency is not installed
"""


class DohyoError(Exception):
    """Anything the caller can act on; `what` says what and where, `hint` how to fix it."""

    exit_code = 2

    def __init__(self, what: str, *, hint: str) -> None:
        super().__init__(f"{what} {hint}")
        self.what, self.hint = what, hint


class CorpusError(DohyoError, ValueError):
    """The data cannot be used as it is."""


class MapError(DohyoError, ValueError):
    """A map does not fit this corpus, or its files were changed."""


class UsageError(DohyoError, ValueError):
    """The request itself makes no sense: an unknown method, a folder that is in the way."""


class StoreError(DohyoError, RuntimeError):
    """A vector database cannot be reached, or refuses."""


class Interrupted(DohyoError, RuntimeError):
    """Stopped by hand at a point from which the same command goes on."""

    exit_code = 130


class MissingExtra(DohyoError, ImportError):
    """An optional dependency is not installed."""
