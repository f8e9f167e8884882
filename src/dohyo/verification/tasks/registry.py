"""Every task under the name it has in report.json."""

from collections.abc import Mapping, Sequence

from dohyo.verification.scenes import Scene
from dohyo.verification.tasks.neighbours import neighbours
from dohyo.verification.tasks.task import Procedure, Task

TASKS: Mapping[str, Procedure] = {
    "neighbours": neighbours,
}
"""To add a task: write its file, add one line."""


def every_task(scenes: Sequence[Scene], *, seed: int) -> dict[str, Task | None]:
    """Return what each task comes to; None for one that lacks what it needs."""
    return {name: task(scenes, seed) for name, task in TASKS.items()}
