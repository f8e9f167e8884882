"""The time line of a watch: its batches, and what happened between them."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from dohyo.dashboard.context import Context
from dohyo.monitor.watch import Watch
from dohyo.reports.charts.timeline import Event, Moment, live_lines, timeline
from dohyo.reports.page.paper import pictures

BATCHES = 400
"""The latest of a watch that are drawn."""
COUNTED = ("learning", "calibrating", "watching")
LEAST = 2
"""Batches, or values of a figure, below which there is nothing to draw."""
LIVE = ("cross_share", "comparability", "benefit", "refused", "volume", "canary_recall")


def charts_of(
    context: Context,
    watch: Watch,
    place: int,
    alarms: Sequence[Mapping[str, Any]],
    proposals: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the pictures of one watch, drawn anew only after something has happened."""
    name = watch.name
    own = [each for each in alarms if each["watch"] == name]
    mine = {each["number"] for each in own}
    related = [each for each in proposals if each["alarm"] in mine]
    rows = [each for each in watch.batches(most=BATCHES) if each["outcome"] in COUNTED]
    if len(rows) < LEAST:
        return {}
    back = context.service.ledger.rows(
        "SELECT at FROM audit WHERE action IN ('rolled_back', 'went_back') "
        "ORDER BY number DESC LIMIT 20"
    )
    happened = _happened(rows, own, related, [row["at"] for row in back] if related else [])
    stamp = (rows[-1]["number"], len(rows), tuple(happened))

    def draw() -> dict[str, Any]:
        moments = _moments(rows)
        threshold = watch.settings.every
        figures = _figures(rows, watch.settings.extra)
        every = {
            f"evidence-{place}": partial(timeline, moments, happened, threshold, context.words)
        }
        if figures:
            every[f"live-{place}"] = partial(live_lines, figures, context.words)
        return pictures(lambda width: {name: drawn(width=width) for name, drawn in every.items()})

    drawn: dict[str, Any] = context.study.latest(
        ("monitor", place, name, context.words.language), stamp, draw
    )
    return drawn


def _moments(rows: Sequence[Mapping[str, Any]]) -> list[Moment]:
    days = [datetime.fromisoformat(row["at"]) for row in rows]
    short = len({day.date() for day in days}) < len(days) / 2  # several a day: say the hour too
    form = "%m-%d %H:%M" if short else "%Y-%m-%d"
    return [
        Moment(
            place=place,
            day=day.strftime(form),
            evidence=row["evidence"] if row["outcome"] == "watching" else None,
        )
        for place, (row, day) in enumerate(zip(rows, days, strict=True))
    ]


def _happened(
    rows: Sequence[Mapping[str, Any]],
    alarms: Sequence[Mapping[str, Any]],
    proposals: Sequence[Mapping[str, Any]],
    back: Sequence[str],
) -> list[Event]:
    """Return what happened, each thing after the last batch that had come by then."""
    came = [_time(row["received"]) for row in rows]
    places = {row["id"]: place for place, row in enumerate(rows)}
    found = [
        Event(place=places[each["batch"]], what="alarm")
        for each in alarms
        if each["batch"] in places
    ]

    def after(at: str, what: Any) -> None:
        place = bisect_right(came, _time(at)) - 1
        if place >= 0:
            found.append(Event(place=place, what=what))

    for each in proposals:
        after(each["at"], "proposed")
        if each["decided_at"] and each["state"] in ("approved", "rejected"):
            after(each["decided_at"], each["state"])
    for at in back:
        after(at, "back")
    return found


def _figures(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for name in LIVE:
        values = [
            (place, row["figures"][name])
            for place, row in enumerate(rows)
            if name in row["figures"]
        ]
        if name in names and len(values) >= LEAST:
            found[name] = values
    return found


def _time(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(UTC)
