"""`--estimate`: what a command would take, said before anything is done."""

import os

from rich.table import Table

from dohyo.cli.options import Estimating, Source, meanings
from dohyo.cli.session import Session, size_words
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.linear import is_formula
from dohyo.corrections.registry import METHODS
from dohyo.errors import UsageError
from dohyo.io.extent import Extent, extent_of_corpus, extent_of_files
from dohyo.planning.cost import Cost, cost, error, largest
from dohyo.planning.rates import measured_rates
from dohyo.planning.work import Size

SUMMED = ("nothing", "mean", "variance", "scatter")


def size_of(source: Source) -> Size:
    """Return how large the corpus is that a command was given, from headers alone.

    Raises
    ------
    UsageError
        If there is none.
    CorpusError
        If it is unusable, or cannot be counted without reading it.
    """
    if source.source is not None:
        found = extent_of_corpus(source.source, meanings(source.columns))
    elif source.images is not None and source.texts is not None:
        found = extent_of_files(source.images, source.texts)
    else:
        raise UsageError(
            "There is no corpus.", hint="Name a file, or give both --images and --texts."
        )
    return sized(found)


def sized(extent: Extent, fitted: AlignmentMap | None = None) -> Size:
    """Return an extent as the model takes it, with the anchors of a map."""
    anchors = fitted.arrays.get("image_anchor") if fitted is not None else None
    held = 0 if anchors is None else len(anchors)
    return Size(extent.images, extent.texts, extent.dimension, held)


def stage_of_fit(method: str) -> str:
    """Return the stage that fits a method.

    Raises
    ------
    UsageError
        If the method is none whose time was measured.
    """
    keeps = METHODS[method].keeps if method in METHODS else None
    if keeps in SUMMED:
        return "align_linear"
    if method in ("displacement", "ot"):
        return "align_displacement"
    raise _unknown(method)


def stage_of_verdict(method: str | None, fitted: AlignmentMap | None) -> str:
    """Return the stage that verifies a method or a map.

    Raises
    ------
    UsageError
        If it is none whose time was measured.
    """
    named = fitted.method if fitted is not None else str(method)
    if stage_of_fit(named) != "align_linear":
        raise _unknown(named)
    return "verify_linear"


def stage_of_map(fitted: AlignmentMap, suffix: str) -> str:
    """Return the stage that applies a map to files with a suffix."""
    if not is_formula(fitted.arrays):
        return "apply_displacement"
    return "apply_linear_npy" if suffix == ".npy" else "apply_linear_parquet"


def _unknown(method: str) -> UsageError:
    return UsageError(
        f"The time of {method} was not measured, so there is no estimate.",
        hint="Name a method that is: center, standardize, whiten, gaussian_ot; align and apply "
        "also displacement and ot.",
    )


def tell_estimate(s: Session, stage: str, size: Size, asked: Estimating) -> None:
    """Measure this machine's rates for a second, and say what a stage would take here."""
    rates = measured_rates()
    found = cost(stage, size, rates)
    money = asked.hourly_price * found.seconds / 3600
    words, beyond = s.common.words, size.rows > largest(stage)
    table = Table(title=words(f"estimate.stage.{stage}"), title_justify="left", show_header=False)
    for name, value in _rows(s, found, size, money, asked):
        table.add_row(name, value)
    s.tell(table)
    missed = error(stage)
    key = "estimate.beyond" if beyond else "estimate.within"
    s.tell(words(key, rows=largest(stage)))
    if missed is not None:
        s.tell(words("estimate.missed", factor=missed))
    _tell_memory(s, found)
    s.answer(
        found.to_json()
        | {
            "stage": stage,
            "money": money,
            "currency": asked.currency,
            "hourly_price": asked.hourly_price,
            "images": size.images,
            "texts": size.texts,
            "rows": size.rows,
            "dimension": size.dimension,
            "largest_measured": largest(stage),
            "extrapolated": beyond,
            "error_factor": missed,
            "rates": {"flops": rates.flops, "disk": rates.disk},
        }
    )


def _rows(
    s: Session, found: Cost, size: Size, money: float, asked: Estimating
) -> list[tuple[str, str]]:
    words = s.common.words
    minutes, seconds = divmod(round(found.seconds), 60)
    hours, minutes = divmod(minutes, 60)
    time = (
        words("estimate.hours", h=hours, m=minutes)
        if hours
        else (words("cli.minutes", m=minutes, s=seconds))
    )
    return [
        (words("estimate.rows"), words("estimate.counts", rows=size.rows, d=size.dimension)),
        (words("estimate.time"), time),
        (words("estimate.memory"), size_words(found.bytes_memory)),
        (words("estimate.disk"), size_words(found.bytes_disk)),
        (
            words("estimate.money"),
            words("estimate.price", money=money, currency=asked.currency, hour=asked.hourly_price),
        ),
    ]


def _tell_memory(s: Session, found: Cost) -> None:
    """Say where the memory that there is, or is allowed, would not do."""
    there = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    limit = min(there, s.limit or there)
    if found.bytes_memory > limit:
        told = {"need": size_words(found.bytes_memory), "limit": size_words(limit)}
        s.tell(s.common.words("estimate.too_large", **told))
