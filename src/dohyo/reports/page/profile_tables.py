"""The tables of a profile's page."""

from collections.abc import Mapping

from dohyo.estimate import Estimate
from dohyo.measures.components import Component
from dohyo.measures.profile import Profile
from dohyo.measures.registry import MEASURES
from dohyo.reports.page import digits
from dohyo.reports.page.tables import Cell, Table
from dohyo.reports.profile_series import by_kind, component_name
from dohyo.words import Words

CHANCE = {"signal": "chance"}
TONES = {"bias": "stop", "signal": "go", "noise": "", "other": ""}


def kind_tables(profile: Profile, words: Words) -> tuple[Table, ...]:
    """Lay out every measure under its kind: figure, interval, value with no gap, how sure."""
    return tuple(
        Table(
            caption=words("profile.caption.kind", kind=words(f"profile.kind.{kind}")),
            head=tuple(
                words(f"profile.column.{column}")
                for column in ("measure", "value", CHANCE.get(kind, "reference"), "range", "units")
            ),
            rows=tuple(_measure_row(name, profile, words) for name in names),
        )
        for kind, names in by_kind(profile.estimates).items()
    )


def _measure_row(name: str, profile: Profile, words: Words) -> tuple[Cell, ...]:
    estimate, each = profile.estimates[name], MEASURES[name]
    low, high = (_end(end) for end in each.range)
    better = words(f"profile.better.{'signal' if each.kind == 'signal' else each.better}")
    return (
        Cell(words.measure(name), words(f"measure.{name}.reads")),
        figure_cell(estimate, words),
        Cell(f"{profile.references[name]:.3g}".replace("-", digits.MINUS)),
        Cell(words("figure.interval", low=low, high=high), better),
        Cell(f"{estimate.n:,}"),
    )


def _end(end: float) -> str:
    return f"{end:g}".replace("-", digits.MINUS).replace("inf", "∞")


def figure_cell(estimate: Estimate, words: Words, *, tone: str = "") -> Cell:
    """Return a figure above its interval and p, marked if it lies outside."""
    shown = digits.figure(estimate)
    if digits.biased(estimate):
        shown = f"{shown} {words('figure.biased')}"
    note = digits.interval(estimate, words)
    if estimate.p is not None:
        chance = digits.chance_of(estimate.p)
        key = "profile.with_small_p" if chance.startswith("<") else "profile.with_p"
        note = words(key, interval=note, p=chance)
    return Cell(shown, note, tone)


def absent_table(absent: Mapping[str, str], words: Words) -> Table | None:
    """Lay out what could not be taken, and why; None if everything could."""
    if not absent:
        return None
    return Table(
        caption=words("profile.caption.absent"),
        head=(words("profile.column.measure"), words("profile.column.reason")),
        rows=tuple((Cell(words.progress(name)), Cell(why)) for name, why in absent.items()),
    )


def components_table(components: tuple[Component, ...], most: int, words: Words) -> Table:
    """Lay out the first components with their class."""
    columns = ("component", "class", "gap_share", "correlation", "variance", "spread_share")
    return Table(
        caption=words("profile.caption.components"),
        head=tuple(words(f"profile.column.{column}") for column in columns),
        rows=tuple(_component_row(each, words) for each in components[:most]),
    )


def _component_row(each: Component, words: Words) -> tuple[Cell, ...]:
    return (
        Cell(component_name(each, words)),
        Cell(words(f"profile.component.{each.kind}"), tone=TONES[each.kind]),
        Cell(_share(each.gap_share, words)),
        Cell(
            words("profile.unknown")
            if each.correlation is None
            else digits.number(each.correlation, 2, signed=True)
        ),
        Cell(
            words(
                "profile.variances",
                image=_share(each.image_variance, words),
                text=_share(each.text_variance, words),
            )
        ),
        Cell(_share(each.spread_share, words)),
    )


def _share(value: float, words: Words) -> str:
    return words("figure.percent", value=digits.number(100 * value, 1))
