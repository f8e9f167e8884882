"""What a watch asks of a source."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from dohyo.monitor.batch import Batch

Known = Callable[[str, datetime], bool]
"""Whether a batch of an id and a time was taken already."""


class Source(Protocol):
    """Where batches come from.

    Attributes
    ----------
    bookmark : where it goes on after the batch that it yielded last; set it at the start to what
        the watch kept. None where the watch's own list of batches says enough
    """

    bookmark: bytes | None

    @property
    def name(self) -> str:
        """What a watch of it is called where nobody says otherwise."""
        ...

    @property
    def waiting(self) -> bool:
        """Whether the last look left something that was not whole yet."""
        ...

    def look(self, known: Known) -> Iterator[Batch]:
        """Yield what is there and was not taken yet, in the order of time.

        Something that cannot be used is a batch too, whose `why` says so: it is counted.

        Raises
        ------
        DohyoError
            If the source itself cannot be reached; the next look may find it again.
        """
        ...

    def read(self, id: str) -> Batch | None:
        """Read a batch again by its id; None where that is not possible any more."""
        ...
