"""What a task comes to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dohyo.verification.changed import Changed
from dohyo.verification.scenes import Scene


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Task:
    """The figures of one task on held-out data.

    Attributes
    ----------
    figures : by name, in the order in which they are to be read
    curves : what a picture needs beside them, ready for JSON
    """

    figures: Mapping[str, Changed]
    curves: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return before, after and change, each by figure, and the curves if there are any."""
        told = {name: each.to_json() for name, each in self.figures.items()}
        document: dict[str, Any] = {
            when: {name: each[when] for name, each in told.items()}
            for when in ("before", "after", "change")
        }
        return document | ({"curves": dict(self.curves)} if self.curves else {})


Procedure = Callable[[Sequence[Scene], int], Task | None]
"""Takes the scenes of every fold and a seed; None where the corpus lacks what the task needs."""
