"""Everything that is tested and shown beside a verdict, corrected as one family."""

from collections.abc import Iterator
from dataclasses import replace

from dohyo.decision.verdict import Decision
from dohyo.stats.holm import holm
from dohyo.verification.compare import Comparison
from dohyo.verification.tasks.task import Task


def adjusted(decision: Decision) -> Decision:
    """Return the decision with a corrected p-value beside every p-value, and their number.

    The family is every change that is shown with a p-value: all metrics of both protocols and all
    figures of the tasks. Whoever rejects where the corrected value is at most α is wrong even once
    with a chance of at most α, however the figures depend on each other (Holm 1979). The verdict
    does not rest on these: its guardrails must all hold at once, which needs no correction.
    """
    tested = [
        *(e.p for each in decision.protocols.values() for e in each.change.values()),
        *(c.p for task in decision.tasks.values() if task for c in task.figures.values()),
    ]
    known = [p for p in tested if p is not None]
    corrected = iter(holm(known))
    protocols = {name: _compared(each, corrected) for name, each in decision.protocols.items()}
    tasks = {
        name: None if task is None else _done(task, corrected)
        for name, task in decision.tasks.items()
    }
    return replace(decision, protocols=protocols, tasks=tasks, comparisons=len(known))


def _compared(comparison: Comparison, corrected: Iterator[float]) -> Comparison:
    change = {
        metric: estimate if estimate.p is None else replace(estimate, p_holm=next(corrected))
        for metric, estimate in comparison.change.items()
    }
    return replace(comparison, change=change)


def _done(task: Task, corrected: Iterator[float]) -> Task:
    figures = {
        name: figure if figure.p is None else replace(figure, p_holm=next(corrected))
        for name, figure in task.figures.items()
    }
    return replace(task, figures=figures)
