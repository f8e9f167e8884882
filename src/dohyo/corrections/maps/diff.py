"""What differs between two maps, and what that does to vectors and to searches."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Corpus, Modality
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.encoder import check_encoder
from dohyo.corrections.maps.typical_rows import Origin, typical_rows
from dohyo.engine.topk import topk
from dohyo.errors import MapError
from dohyo.estimate import Estimate
from dohyo.rows import F32, blocks
from dohyo.stats.bootstrap import bootstrap_mean
from dohyo.stats.jackknife import jackknife

SAMPLE = 1_000
NEIGHBOURS = 10
QUERIES_PER_BLOCK = 512
FACTS = ("method", "parameters", "dimension", "encoder", "corpus", "images", "texts", "offset")
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How far the vectors of one modality end apart under the two maps.

    Attributes
    ----------
    mean, most : degrees between both outcomes: their mean, and what 95 % of them stay below
    largest : the widest of those looked at
    shift : length by which the mean of the corrected vectors moves
    stay : share of a query's ten nearest items, of either modality, that both maps agree on
    """

    mean: Estimate
    most: Estimate
    largest: float
    shift: Estimate
    stay: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class MapDiff:
    """Two maps side by side.

    Attributes
    ----------
    facts : what the first and the second map say of themselves, for each of `FACTS`
    origin : where the vectors come from that both were applied to
    moved : by modality
    """

    facts: Mapping[str, tuple[Any, Any]]
    origin: Origin
    moved: Mapping[Modality, Moved]

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the facts that differ."""
        return tuple(name for name, (first, second) in self.facts.items() if first != second)

    @property
    def same(self) -> bool:
        """Whether both maps did the very same to everything that was looked at."""
        return all(each.largest == 0 and each.stay.value == 1 for each in self.moved.values())

    def to_json(self) -> dict[str, Any]:
        """Return facts, changed names and figures."""
        return {
            "changed": list(self.changed),
            "facts": {name: list(both) for name, both in self.facts.items()},
            "origin": self.origin,
            "moved": {
                side: {
                    name: value.to_json() if isinstance(value, Estimate) else value
                    for name, value in ((field, getattr(each, field)) for field in Moved.__slots__)
                }
                for side, each in self.moved.items()
            },
        }


def diff(
    first: AlignmentMap, second: AlignmentMap, corpus: Corpus | None = None, *, seed: int = 0
) -> MapDiff:
    """Compare two maps by what they say of themselves and by what they do to the same vectors.

    Parameters
    ----------
    corpus : to apply both to; else it is done with what the maps hold: half of the vectors such
        as the first, half such as the second was fitted on
    seed : of the sample of at most 1,000 vectors of each modality, and of the resampling

    Raises
    ------
    MapError
        If the maps, or the corpus, are of different dimensions or encoders.
    """
    _check_alike(first, second, corpus)
    rows, group, origin = _vectors(first, second, corpus, seed)
    stay = _neighbours_kept(first, second, rows)
    moved = {}
    for side in MODALITIES:
        here, there = (each.moved(rows[side], side) for each in (first, second))
        moved[side] = _moved(here, there, stay[side], group[side], seed)
    return MapDiff(
        facts={name: (_fact(first, name), _fact(second, name)) for name in FACTS},
        origin=origin,
        moved=moved,
    )


def angles(here: F32, there: F32) -> F64:
    """Return the angle between rows of the same number, (n,) degrees in [0, 180].

    From the chord: the arccos of a cosine near 1 would round small angles to nothing.
    """
    chord = np.linalg.norm(here.astype(np.float64) - there.astype(np.float64), axis=1)
    found: F64 = np.degrees(2 * np.arcsin(np.minimum(chord / 2, 1.0)))
    return found


def quantile(values: F64, level: float, seed: int) -> Estimate:
    """Return a quantile with the 95 % interval of order statistics (Conover 1999, sec. 3.2)."""
    ordered, n = np.sort(values), len(values)
    reach = 1.96 * np.sqrt(n * level * (1 - level))
    low, high = (int(np.clip(np.floor(n * level + s * reach), 0, n - 1)) for s in (-1, 1))
    value = float(np.quantile(ordered, level))
    return Estimate(
        value=value,
        low=min(float(ordered[low]), value),
        high=max(float(ordered[high]), value),
        n=n,
        seed=seed,
    )


def _check_alike(first: AlignmentMap, second: AlignmentMap, corpus: Corpus | None) -> None:
    if first.dimension != second.dimension:
        raise MapError(
            f"One map takes {first.dimension} columns, the other {second.dimension}.",
            hint="Only maps of the same vectors can be compared.",
        )
    if None not in (first.encoder, second.encoder) and first.encoder != second.encoder:
        raise MapError(
            f"One map is for vectors of {first.encoder}, the other of {second.encoder}.",
            hint="Only maps of the same vectors can be compared.",
        )
    if corpus is None:
        return
    if corpus.dim != first.dimension:
        raise MapError(
            f"The maps take {first.dimension} columns, the corpus has {corpus.dim}.",
            hint="Use vectors of the encoder they were fitted on.",
        )
    check_encoder(first.encoder or second.encoder, corpus.encoder)


def _vectors(
    first: AlignmentMap, second: AlignmentMap, corpus: Corpus | None, seed: int
) -> tuple[dict[Modality, F32], dict[Modality, I64], Origin]:
    """Return the unit rows to compare by, what belongs together among them, and their origin."""
    rows: dict[Modality, F32] = {}
    group: dict[Modality, I64] = {}
    origins: list[Origin] = ["corpus"]
    for side in MODALITIES:
        if corpus is None:
            halves = [typical_rows(each, side, SAMPLE // 2, seed) for each in (first, second)]
            rows[side] = np.concatenate([half for half, _ in halves])
            group[side] = np.arange(len(rows[side]))
            origins += [origin for _, origin in halves]
        else:
            total = len(corpus.image if side == "image" else corpus.text)
            chosen = np.sort(np.random.default_rng(seed).permutation(total)[:SAMPLE])
            rows[side] = corpus.unit(side, chosen)
            group[side] = corpus.groups(side)[chosen] if corpus.paired else chosen
    return rows, group, max(origins, key=("corpus", "items", "statistics", "directions").index)


def _moved(here: F32, there: F32, stay: F64, group: I64, seed: int) -> Moved:
    apart = angles(here, there)
    step = there.astype(np.float64) - here

    def shift(keep: NDArray[np.bool_]) -> float:
        return float(np.linalg.norm(step[keep].mean(axis=0)))

    return Moved(
        mean=bootstrap_mean(apart, group, seed=seed).estimate(),
        most=quantile(apart, 0.95, seed),
        largest=float(apart.max()),
        shift=jackknife(shift, len(step), seed=seed, floor=0.0),
        stay=bootstrap_mean(stay, group, seed=seed).share(),
    )


def _neighbours_kept(
    first: AlignmentMap, second: AlignmentMap, rows: dict[Modality, F32]
) -> dict[Modality, F64]:
    """Return for each row, asking, the share of its ten nearest items that both maps agree on."""
    items = [_items(each, rows) for each in (first, second)]
    total = len(items[0])
    deep = min(NEIGHBOURS, total - 1)
    kept: dict[Modality, F64] = {}
    start = 0
    for side in MODALITIES:
        asking = [each.apply(rows[side], side, "query") for each in (first, second)]
        shares = []
        for block in blocks(len(rows[side]), QUERIES_PER_BLOCK):
            found = []
            for queries, held in zip(asking, items, strict=True):
                scores = queries[block] @ held.T
                scores[np.arange(len(scores)), start + np.arange(block.start, block.stop)] = -np.inf
                found.append(topk(scores, deep))
            shares.append((found[0][:, :, None] == found[1][:, None, :]).sum(axis=(1, 2)) / deep)
        kept[side] = np.concatenate(shares)
        start += len(rows[side])
    return kept


def _items(fitted: AlignmentMap, rows: dict[Modality, F32]) -> F32:
    return np.concatenate([fitted.apply(rows[side], side) for side in MODALITIES])


def _fact(fitted: AlignmentMap, name: str) -> Any:
    if name in ("images", "texts"):
        return int(fitted.figures.get(name, 0))
    if name == "offset":
        return [round(each, 4) for each in fitted.offset]
    if name == "parameters":
        return dict(fitted.parameters)
    return getattr(fitted, name)
