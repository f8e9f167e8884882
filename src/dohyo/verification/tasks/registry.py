"""Every task under the name it has in report.json."""

from collections.abc import Mapping, Sequence

from dohyo.verification.scenes import Scene
from dohyo.verification.tasks.clustering import clustering
from dohyo.verification.tasks.comparability import comparability
from dohyo.verification.tasks.diversity import diversity
from dohyo.verification.tasks.fairness import fairness
from dohyo.verification.tasks.hubness import hubness
from dohyo.verification.tasks.neighbours import neighbours
from dohyo.verification.tasks.task import Procedure, Task
from dohyo.verification.tasks.zero_shot import zero_shot

TASKS: Mapping[str, Procedure] = {
    "fairness": fairness,
    "diversity": diversity,
    "hubness": hubness,
    "comparability": comparability,
    "neighbours": neighbours,
    "clustering": clustering,
    "zero_shot": zero_shot,
}
"""To add a task: write its file, add one line."""


def every_task(scenes: Sequence[Scene], *, seed: int) -> dict[str, Task | None]:
    """Return what each task comes to; None for one that lacks what it needs."""
    return {name: task(scenes, seed) for name, task in TASKS.items()}
