"""What the measured change is worth under the company's own assumptions."""

import math

from dohyo.estimate import Estimate
from dohyo.reports.charts.net_value import net_value_chart
from dohyo.reports.charts.tornado import tornado_chart
from dohyo.reports.findings import Findings
from dohyo.reports.page import money
from dohyo.reports.page.tables import Cell, Table
from dohyo.reports.page.value_words import (
    assumed,
    change,
    change_of,
    number,
    payback,
    value_sentence,
)
from dohyo.reports.sections.section import Figure, Part, Prose, Section
from dohyo.value.value import Value, Worth
from dohyo.words import Words

NOWHERE = Cell("–")


def value(findings: Findings, words: Words) -> Section | None:
    """Lay out the account, what it hangs on, and every assumption; None without costs."""
    found = findings.value
    if found is None:
        return None
    worth = found.worth
    parts: list[Part] = [Prose(text=value_sentence(found, words))]
    if worth is not None:
        parts.append(Prose(text=words("value.lead", draws=len(worth.draws))))
    share = words("costs.name.mixed_share")
    parts.append(Prose(text=words("value.known_item", share=share)))
    if worth is not None and found.standing != "verdict":
        parts += _pictures(found, worth, words)
    parts.append(results_table(found, words))
    if worth is not None and worth.detections is None:
        parts.append(Prose(text=words("value.detections_unknown"), kind="small"))
    return Section(name="value", parts=(*parts, assumptions_table(found, words)))


def results_table(found: Value, words: Words) -> Table:
    """Lay out the account of a month, of the roll-out and of the first year, and the break-even."""
    worth = found.worth
    told = found.standing not in ("verdict", "unknown")
    rows = _account(worth, found, words) if worth is not None and told else []
    return Table(
        caption=words("caption.value_results"),
        head=tuple(words(f"column.value_{name}") for name in ("result", "figure", "interval")),
        rows=(*rows, *_break_even(found, words)),
    )


def assumptions_table(found: Value, words: Words) -> Table:
    """Lay out every assumption: what is likely, and between what it was drawn."""
    currency = found.costs.currency
    rows = []
    for name, amount in found.costs.amounts.items():
        low, likely, high = (
            assumed(name, each, currency, words)
            for each in (amount.low, amount.likely, amount.high)
        )
        given = words("figure.interval", low=low, high=high)
        rows.append(
            (
                Cell(words(f"costs.name.{name}")),
                Cell(likely),
                Cell(given if amount.ranged else words("value.range_varied")),
            )
        )
    return Table(
        caption=words("caption.value_assumptions"),
        head=tuple(words(f"column.value_{name}") for name in ("assumption", "likely", "range")),
        rows=tuple(rows),
    )


def _pictures(found: Value, worth: Worth, words: Words) -> list[Part]:
    currency = found.costs.currency
    parts: list[Part] = []
    if worth.net.low < worth.net.high:
        parts.append(
            Figure(
                name="net_value",
                title=words("value.draws_title"),
                text=words("value.draws", draws=len(worth.draws)),
                draw=lambda width: net_value_chart(worth, currency, words, width=width),
            )
        )
    if worth.bars:
        parts.append(
            Figure(
                name="tornado",
                title=words("value.tornado_title"),
                text=words("value.tornado"),
                draw=lambda width: tornado_chart(worth.bars, currency, words, width=width),
            )
        )
    return parts


def _account(worth: Worth, found: Value, words: Words) -> list[tuple[Cell, ...]]:
    currency = found.costs.currency

    def amount(name: str, estimate: Estimate) -> tuple[Cell, ...]:
        return _row(
            name,
            money.figure(estimate, currency, words),
            money.interval(estimate, currency, words),
            words,
        )

    first = Cell(words("value.row.found"), words("value.row.found_note"))
    rows: list[tuple[Cell, ...]] = [(first, *map(Cell, change(worth, words)))]
    rows += [_row("hours", *number(worth.hours, words), words), amount("search", worth.search)]
    for name, count in (("false", worth.false), ("missed", worth.missed)):
        if count is not None:
            rows.append(_row(name, *number(count, words), words))
    if worth.detections is not None:
        rows.append(amount("detections", worth.detections))
    rows += [amount(name, getattr(worth, name)) for name in ("running", "net", "once")]
    rows.append(_row("payback", payback(worth.payback, words), "", words))
    return [*rows, amount("first_year", worth.first_year)]


def _break_even(found: Value, words: Words) -> list[tuple[Cell, ...]]:
    even = found.break_even
    least = words("value.not_enough")
    if even.found <= 1:
        least = change_of(even.found, words, 1) if even.found > 0 else words("value.already")
    rows: list[tuple[Cell, ...]] = [(Cell(words("value.row.even_found")), Cell(least), NOWHERE)]
    if found.worth is not None and found.standing != "verdict":
        fewest = words("value.no_searches")
        if math.isfinite(even.searches_per_day):
            count = even.searches_per_day
            fewest = f"{_two_digits(count):,.0f}" if count > 0 else words("value.already")
        rows.append((Cell(words("value.row.even_searches")), Cell(fewest), NOWHERE))
    return rows


def _row(name: str, figure: str, interval: str, words: Words) -> tuple[Cell, ...]:
    return Cell(words(f"value.row.{name}")), Cell(figure), Cell(interval) if interval else NOWHERE


def _two_digits(count: float) -> float:
    return math.ceil(count) if count < 100 else float(f"{count:.2g}")
