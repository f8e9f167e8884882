"""The tables of clusters and of zero-shot classes."""

from collections.abc import Mapping
from typing import Any

from dohyo.estimate import Estimate
from dohyo.reports.page import digits
from dohyo.reports.page.tables import Cell, Table
from dohyo.verification.changed import Changed
from dohyo.verification.tasks.task import Task
from dohyo.words import Words

BETTER = {
    "union_modality_nmi": "less",
    "calibration_error": "less",
    "prediction_skewness": "even",
    "favourite_excess": "even",
}
"""What is not better the higher it is."""


def clustering_table(task: Task, words: Words, *, changed: bool) -> Table:
    """Lay out the agreement of clusters with classes and kinds; only today's if nothing changed."""
    # The NMI is the V-measure under another name.
    shown = {name: each for name, each in task.figures.items() if name not in SAME}
    return _table("clustering", shown, words, changed=changed, k=str(task.curves["k"]))


def zero_shot_table(task: Task, words: Words, *, changed: bool) -> Table:
    """Lay out how well class texts tell classes, and whether their scores can be believed."""
    return _table("zero_shot", task.figures, words, changed=changed)


def over_k_table(task: Task, words: Words, *, changed: bool) -> Table:
    """Lay out V-measure and agreement with the kind at every number of clusters tried."""
    columns = ("figure", "clusters", *(("before", "after", "change") if changed else ("today",)))
    return Table(
        caption=words("caption.over_k"),
        head=tuple(words(f"column.{column}") for column in columns),
        rows=tuple(
            _row_of_k(f"{side}_{name}", point["k"], point[name], words, changed=changed)
            for side, points in task.curves["over_k"].items()
            for name in ("v_measure", "modality_nmi")
            for point in points
            if name in point
        ),
    )


SAME = tuple(f"{side}_nmi" for side in ("image", "text", "union"))


def _row_of_k(
    name: str, k: int, told: Mapping[str, Any], words: Words, *, changed: bool
) -> tuple[Cell, ...]:
    times = ("before", "after", "change") if changed else ("before",)
    return (
        Cell(words(f"classes.figure.{name}")),
        Cell(str(k)),
        *(_cell(_estimate(told[when]), words, signed=when == "change") for when in times),
    )


def _estimate(told: Mapping[str, Any]) -> Estimate:
    """Return what a curve holds as JSON."""
    return Estimate(**{name: told[name] for name in ("value", "low", "high", "n", "seed")})


def _table(
    name: str, figures: Mapping[str, Changed], words: Words, *, changed: bool, **values: str
) -> Table:
    columns = ["figure", "direction", "before" if changed else "today"]
    columns += ["after", "change", "p"] * changed
    return Table(
        caption=words(f"caption.{name}", **values),
        head=tuple(words(f"column.{column}") for column in columns),
        rows=tuple(_row(each, found, words, changed=changed) for each, found in figures.items()),
    )


def _row(name: str, found: Changed, words: Words, *, changed: bool) -> tuple[Cell, ...]:
    better = words(f"classes.better_{BETTER.get(name, 'more')}")
    first = (
        Cell(words(f"classes.figure.{name}")),
        Cell(better),
        _cell(found.before.estimate(), words),
    )
    if not changed:
        return first
    p = found.p if found.p_holm is None else found.p_holm
    change = _cell(found.change.estimate(), words, signed=True)
    return (*first, _cell(found.after.estimate(), words), change, Cell(digits.chance_of(p)))


def _cell(estimate: Estimate, words: Words, *, signed: bool = False) -> Cell:
    return Cell(
        digits.figure(estimate, signed=signed), digits.interval(estimate, words, signed=signed)
    )
