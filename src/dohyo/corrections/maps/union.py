"""The map of several sets of items, from what is left of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from dohyo.corpus import MODALITIES, Modality
from dohyo.corrections import registry
from dohyo.corrections.evidence import Evidence, Side
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.recovered import recovered
from dohyo.corrections.maps.statistics import Keeps, kept_moments, statistics, summed
from dohyo.corrections.scores.hubs import BANK
from dohyo.engine.moments import Moments, moments
from dohyo.errors import MapError
from dohyo.rows import F32

MOST_ANCHORS = 1_000_000
"""Of both sides together: 2 GB at 512 columns, and half an hour of two cores."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Part:
    """Items, as far as they are known; a modality of which there are none is left out.

    Attributes
    ----------
    count : number of items
    rows : their unit rows, where the method needs them
    moments : their moments, where the method needs these alone
    bank : rows that stand for their queries, where the map has a bank
    """

    count: dict[Modality, int]
    rows: dict[Modality, F32] = field(default_factory=dict)
    moments: dict[Modality, Moments] = field(default_factory=dict)
    bank: dict[Modality, F32] = field(default_factory=dict)


def part_of_map(fitted: AlignmentMap) -> Part:
    """Return what a map still knows of the items it was fitted on.

    Raises
    ------
    MapError
        If the method cannot be added to, or the map does not hold what that takes.
    """
    arrays, keeps = fitted.arrays, keeps_of(fitted.method)
    bank = {side: arrays[f"{side}_bank"] for side in MODALITIES if f"{side}_bank" in arrays}
    if keeps == "rows":
        count = {side: len(arrays[f"{side}_anchor"]) for side in MODALITIES}
        rows = {side: recovered(arrays, side) for side in MODALITIES}
        return Part(count=count, rows=rows, bank=bank)
    if keeps == "nothing":
        return Part(count=sizes(fitted), bank=bank)
    known = {side: kept_moments(arrays, side, keeps) for side in MODALITIES}
    return Part(count={side: m.n for side, m in known.items()}, moments=known, bank=bank)


def part_of_rows(rows: dict[Modality, F32], keeps: Keeps) -> Part:
    """Return new items as a part, from their unit rows."""
    sums = keeps in ("mean", "variance", "scatter")
    return Part(
        count={side: len(each) for side, each in rows.items()},
        rows=rows if keeps == "rows" else {},
        moments={side: moments(each) for side, each in rows.items()} if sums else {},
        bank=rows,
    )


def keeps_of(method: str) -> Keeps:
    """Return what maps of this method keep.

    Raises
    ------
    MapError
        If they keep too little to be added to.
    """
    keeps = registry.method_named(method).keeps
    if keeps is None:
        raise MapError(
            f"A {method} map cannot take up other items than those it was fitted on.",
            hint="Fit it again on all of them.",
        )
    return keeps


def sizes(fitted: AlignmentMap) -> dict[Modality, int]:
    """Return how many items of each modality a map was fitted on, as it says itself."""
    return {"image": int(fitted.figures["images"]), "text": int(fitted.figures["texts"])}


def anchors_fit(counts: Sequence[dict[Modality, int]]) -> None:
    """Refuse more anchors than a map can hold, before any work is done.

    Raises
    ------
    MapError
        If there are more than a million.
    """
    total = sum(sum(each.values()) for each in counts)
    if total > MOST_ANCHORS:
        raise MapError(
            f"Together the map would hold {total:,} anchors, more than {MOST_ANCHORS:,}.",
            hint="Fit it on a sample of the items, and apply it to all of them.",
        )


def union(like: AlignmentMap, parts: Sequence[Part]) -> tuple[dict[str, F32], dict[str, float]]:
    """Return arrays and figures of the map of all parts' items.

    Parameters
    ----------
    like : a map whose method and parameters are taken; its offset is not looked at

    Notes
    -----
    The method's own `fit` runs on what the parts add up to, so nothing is approximated: means,
    matrices, temperature and potentials are those of a fit on all rows, up to rounding.
    """
    own, chosen = registry.checked(like.method, like.parameters)
    keeps = keeps_of(like.method)
    sides = {side: _side(parts, side, keeps, like.dimension) for side in MODALITIES}
    evidence = Evidence(sides["image"], sides["text"])
    fitted = registry.method_named(like.method).fit(evidence, **own)
    arrays = dict(fitted.arrays) | statistics(evidence, keeps)
    if chosen["hubs"]:
        arrays |= {f"{side}_bank": _bank(parts, side) for side in MODALITIES}
    counts = {side: sum(part.count.get(side, 0) for part in parts) for side in MODALITIES}
    return arrays, {"images": counts["image"], "texts": counts["text"]} | fitted.figures


def _side(parts: Sequence[Part], modality: Modality, keeps: Keeps, dimension: int) -> Side:
    if keeps == "nothing":
        return Side(np.empty((0, dimension), np.float32))
    if keeps == "rows":
        return Side(np.concatenate([p.rows[modality] for p in parts if modality in p.rows]))
    known = [part.moments[modality] for part in parts if modality in part.moments]
    return summed(reduce(Moments.merge, known))


def _bank(parts: Sequence[Part], modality: Modality) -> F32:
    """Return rows of every part, as many as its share of the items, evenly spread in each."""
    there = [part for part in parts if modality in part.bank]
    held = sum(len(part.bank[modality]) for part in there)
    items = sum(part.count[modality] for part in there)
    chosen = []
    for part in there:
        bank = part.bank[modality]
        wanted = len(bank) if held <= BANK else round(BANK * part.count[modality] / items)
        some = np.linspace(0, len(bank) - 1, min(len(bank), max(wanted, 1)))
        chosen.append(bank[some.round().astype(np.int64)])
    return np.concatenate(chosen)
