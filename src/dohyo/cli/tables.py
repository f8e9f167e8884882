"""Results as tables on a terminal."""

from collections.abc import Mapping

from rich.table import Table

from dohyo.estimate import Estimate
from dohyo.measures.profile import Profile
from dohyo.verification.compare import Comparison
from dohyo.verification.tasks.task import Task
from dohyo.words import Words
from dohyo.words.words import sentences


def profile_table(profile: Profile, words: Words) -> Table:
    """Return one row for each measure: figure, interval, what it would be with no gap."""
    table = Table(
        words("table.measure"),
        words("table.value"),
        words("table.interval"),
        words("table.reference"),
        words("table.n"),
        title=words("table.profile"),
        title_justify="left",
        caption=words("table.biased") if _any_biased(profile) else None,
        caption_justify="left",
    )
    for name, estimate in profile.estimates.items():
        table.add_row(
            words.measure(name),
            f"{estimate.value:.3f}{' †' if _biased(estimate) else ''}",
            interval(estimate),
            f"{profile.references[name]:.3f}",
            str(estimate.n),
        )
    return table


def _any_biased(profile: Profile) -> bool:
    return any(map(_biased, profile.estimates.values()))


def _biased(estimate: Estimate) -> bool:
    return not estimate.low <= estimate.value <= estimate.high


def protocol_table(protocol: str, figures: Comparison, words: Words) -> Table:
    """Return one row for each metric of a protocol: before, after, change."""
    table = Table(
        words("table.metric"),
        words("table.before"),
        words("table.after"),
        words("table.change"),
        words("table.interval"),
        words("table.p"),
        title=words("table.held_out", protocol=words.name(protocol)),
        title_justify="left",
    )
    for metric, change in figures.change.items():
        table.add_row(
            words.name(metric),
            f"{figures.before[metric].value:.3f}",
            f"{figures.after[metric].value:.3f}",
            f"{change.value:+.3f}",
            interval(change),
            "" if change.p_shown is None else f"{change.p_shown:.2g}",
        )
    return table


def task_table(name: str, task: Task, words: Words) -> Table:
    """Return one row for each figure of a task: before, after, change."""
    table = Table(
        words("table.metric"),
        words("table.before"),
        words("table.after"),
        words("table.change"),
        words("table.interval"),
        words("table.p"),
        title=words(f"table.task.{name}"),
        title_justify="left",
    )
    for figure, each in task.figures.items():
        change = each.change.estimate()
        p = each.p if each.p_holm is None else each.p_holm
        table.add_row(
            _figure_name(figure, words),
            f"{each.before.value:.3f}",
            f"{each.after.value:.3f}",
            f"{change.value:+.3f}",
            interval(change),
            "" if p is None else f"{p:.2g}",
        )
    return table


def _figure_name(figure: str, words: Words) -> str:
    """Return what the pages call it: figures of classes are named where their chapter is."""
    return sentences(words.language).get(f"classes.figure.{figure}", words.name(figure))


def interval(estimate: Estimate) -> str:
    """Return `low … high` with three decimals."""
    return f"{estimate.low:.3f} … {estimate.high:.3f}"


def absent_lines(absent: Mapping[str, str], words: Words) -> list[str]:
    """Return one line for each measure that could not be taken."""
    return [f"{words.measure(name)}: {why}" for name, why in absent.items()]
