"""What becomes of a batch before its rows are judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import numpy as np

from dohyo.corpus import MODALITIES
from dohyo.monitor.batch import Batch
from dohyo.monitor.book import Kind, Page, row_count
from dohyo.monitor.monitor import Monitor, Seen
from dohyo.monitor.plain import LONGEST_WHY, plain

Outcome = Literal[
    "learning", "calibrating", "watching", "refused", "duplicate", "late", "future", "encoder"
]
AHEAD = timedelta(days=1)
"""A batch from further in the future is not believed."""
SWAPPED = 0.25
"""Nearer to the other modality's mean by this factor than to its own: it is the other one."""
MOST_FIGURES = 200
"""Figures of a batch that are kept for the time line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a batch.

    Attributes
    ----------
    outcome : "learning", "calibrating" or "watching" where it counts; "refused" where it is bad,
        "encoder" where another encoder made it, "duplicate" where it was there before, "late"
        where a newer one was judged already, "future" where its time is not believed
    seen : what the monitor said; None where it was not asked
    alarm : number of the alarm that it raised, None where it raised none
    why : it does not count; empty otherwise
    """

    outcome: Outcome
    seen: Seen | None = None
    alarm: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is to be written of a batch.

    Attributes
    ----------
    outcome, why, seen : as in `Taken`
    alarm : kind and detail of one to be raised
    """

    outcome: Outcome
    why: str = ""
    seen: Seen | None = None
    alarm: tuple[Kind, dict[str, Any]] | None = None


def out_of_time(batch: Batch, page: Page, now: datetime) -> Found | None:
    """Return what a batch is whose time does not fit; None where it does."""
    if batch.at > max(now, page.newest or now) + AHEAD:
        return Found(outcome="future", why=f"its time is ahead of the clock ({now:%F %T}Z)")
    if page.newest is not None and batch.at < page.newest:
        return Found(outcome="late", why=f"a batch of {page.newest:%F %T}Z came before it")
    return None


def beyond(page: Page, at: datetime) -> bool:
    """Whether a batch of that time would not be known any more."""
    if page.forgotten is not None and at <= page.forgotten:
        return True
    keep = timedelta(days=page.settings.keep_days)
    return page.newest is not None and at < page.newest - keep


def unusable(batch: Batch, page: Page, monitor: Monitor) -> str:
    """Return why a batch is not even shown to the monitor; empty where it can be."""
    if batch.why:
        return batch.why
    sides = [side for side in (batch.image, batch.text) if side is not None]
    if not sides and not batch.figures:
        return "it is empty"
    rows, most = max(map(row_count, sides), default=0), page.settings.most_rows
    if rows > most:
        return f"it has {rows} rows, more than {most}"
    short = _incomplete(batch)
    if short:
        return short
    bad = [name for name, value in batch.figures.items() if not _is_finite(value)]
    if bad:
        return f"its figure {bad[0]} is no finite number"
    return _wrong_modality(batch, monitor)


def refused(batch: Batch, page: Page, seen: Seen) -> Found:
    """Return what is to be written of a bad batch; the last of too many in a row is an alarm."""
    run, why = page.refused_run + 1, plain(seen.why, LONGEST_WHY)
    detail = {"batches": run, "latest": batch.id, "why": why}
    raised: tuple[Kind, dict[str, Any]] | None = None
    if run == page.settings.most_refused:
        raised = ("refused", detail)
    return Found(outcome="refused", why=why, seen=seen, alarm=raised)


def watched_figures(batch: Batch, page: Page) -> dict[str, float]:
    """Return the live figures that are watched, with those that a batch shows by itself."""
    rows = row_count(batch.image) + row_count(batch.text)
    own = {"volume": float(rows), "refused": float(page.refused_run)}
    if page.canary_recall is not None:
        own["canary_recall"] = page.canary_recall
    return {
        name: float(value)
        for name, value in (own | dict(batch.figures)).items()
        if name in page.settings.extra
    }


def shown_figures(batch: Batch, seen: Seen | None) -> dict[str, float]:
    """Return what is kept of a batch for the time line."""
    judged: Mapping[str, Any] = {} if seen is None else seen.values
    rest = {name: value for name, value in batch.figures.items() if name not in judged}
    figures = [*judged.items(), *rest.items()][:MOST_FIGURES]
    return {name: float(value) for name, value in figures if _is_finite(value)}


def _incomplete(batch: Batch) -> str:
    """Say so where what is known of the rows is not of as many; empty where it is."""
    for modality, side in zip(MODALITIES, (batch.image, batch.text), strict=True):
        if side is None:
            continue
        for name in ("label", "source", "caption", "picture"):
            told = getattr(side, name)
            if told is not None and len(told) != row_count(side):
                return f"its {modality}s are {row_count(side)}, and {len(told)} have a {name}"
    owner = batch.text_to_image
    if owner is None:
        return ""
    if np.shape(owner) != (row_count(batch.text),) or (
        len(owner) and not 0 <= np.min(owner) <= np.max(owner) < row_count(batch.image)
    ):
        return "its pairs name rows that are not there"
    return ""


def _is_finite(value: Any) -> bool:
    try:
        return bool(np.isfinite(float(value)))
    except (TypeError, ValueError):
        return False


def _wrong_modality(batch: Batch, monitor: Monitor) -> str:
    """Say so where every side that there is lies where the other modality lay.

    A change of the data moves a side somewhere; onto the other modality's old mean moves only a
    mix-up. Where the two were never apart, no mix-up can be seen, and none is told.
    """
    reference = monitor.reference
    if reference is None or (batch.image is None and batch.text is None):
        return ""
    for side, other in zip(MODALITIES, reversed(MODALITIES), strict=True):
        rows = batch.rows(side)
        if rows is None:
            continue
        if not {side, other} <= reference.means.keys() or not _lies_at(
            rows, own=reference.means[side], other=reference.means[other]
        ):
            return ""
    return "its images lie where texts lay, and its texts where images lay"


def _lies_at(rows: Any, *, own: Any, other: Any) -> bool:
    """Whether the mean of some of the rows is at the other modality's."""
    some = np.asarray(rows)[:1_000] if np.ndim(rows) == 2 else np.empty((0, 0))
    if not len(some) or some.dtype.kind != "f" or some.shape[1:] != own.shape:
        return False
    with np.errstate(all="ignore"):
        lengths = np.linalg.norm(some.astype(np.float64), axis=1, keepdims=True)
        mean = (some / lengths).mean(0)
    near, far = (float(np.linalg.norm(mean - each)) for each in (other, own))
    return near < SWAPPED * far  # false where the rows hold NaN: the monitor says so better
