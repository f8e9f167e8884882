"""What a correction does for each use: fairness, diversity, hubs, thresholds."""

from collections.abc import Iterator

from dohyo.reports.charts.score_kinds import score_kinds
from dohyo.reports.findings import Findings
from dohyo.reports.page import digits
from dohyo.reports.page.answer import touched
from dohyo.reports.page.tables import Cell, Table
from dohyo.reports.sections.section import Figure, Part, Prose, Section
from dohyo.verification.changed import Changed
from dohyo.verification.tasks.task import Task
from dohyo.words import Words

ELSEWHERE = ("clustering", "zero_shot")
"""Tasks with a chapter of their own."""


def uses(findings: Findings, words: Words) -> Section | None:
    """Lay out a table for each task, how to read it, and the picture of scores."""
    tasks = {
        name: task
        for name, task in findings.decision.tasks.items()
        if task is not None and name not in ELSEWHERE
    }
    if not tasks:
        return None
    changed = touched(findings)
    parts: list[Part] = [Prose(text=words("uses.lead" if changed else "uses.lead_untouched"))]
    for name, task in tasks.items():
        if changed or not _trivial(task):
            parts += _use(name, task, words, changed=changed)
    figures = [each for task in tasks.values() for each in task.figures.values()]
    if changed:
        corrected = any(each.p_holm is not None for each in figures)
        note = words("uses.p_corrected" if corrected else "uses.p_plain")
        parts.append(Prose(text=note, kind="small"))
    return Section(name="uses", parts=tuple(parts))


def _use(name: str, task: Task, words: Words, *, changed: bool) -> Iterator[Part]:
    yield _table(name, task, words, changed=changed)
    yield Prose(text=words(f"uses.reads.{name}"), kind="small")
    if name == "comparability":
        yield Figure(
            name="score_kinds",
            title=words("uses.scores_title"),
            text=words("uses.scores"),
            draw=lambda width: score_kinds(task.curves, words, touched=changed, width=width),
        )


def _trivial(task: Task) -> bool:
    """Return whether the task only compares before with after, so that alone it says nothing."""
    return all(
        each.before.value == 1.0 and not digits.spread(each.before.estimate())
        for each in task.figures.values()
    )


def _table(name: str, task: Task, words: Words, *, changed: bool) -> Table:
    columns = ["figure", "before", "after", "change", "n", "p"]
    if not changed:
        columns = ["figure", "today", "n"]
    return Table(
        caption=words(f"uses.caption.{name}"),
        head=tuple(words(f"column.{column}") for column in columns),
        rows=tuple(
            _row(words.name(figure), each, words, changed=changed)
            for figure, each in task.figures.items()
        ),
    )


def _row(label: str, each: Changed, words: Words, *, changed: bool) -> tuple[Cell, ...]:
    before, after, change = (part.estimate() for part in (each.before, each.after, each.change))
    counted = Cell(f"{change.n:,}")
    first = Cell(digits.figure(before), digits.interval(before, words))
    if not changed:
        return Cell(label), first, counted
    return (
        Cell(label),
        first,
        Cell(digits.figure(after), digits.interval(after, words)),
        Cell(
            digits.figure(change, signed=True),
            digits.interval(change, words, signed=True),
        ),
        counted,
        Cell(digits.chance_of(each.p if each.p_holm is None else each.p_holm)),
    )
