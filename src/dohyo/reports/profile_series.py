"""What the charts of a profile show, as rows."""

import math
from collections.abc import Mapping, Sequence

from dohyo.estimate import Estimate
from dohyo.measures.cluster_heterogeneity import ClusterPoint
from dohyo.measures.components import Component
from dohyo.measures.pair_scores import ScoreDistributions
from dohyo.measures.profile import Profile
from dohyo.measures.registry import MEASURES, Kind
from dohyo.measures.spectrum import Spectrum
from dohyo.reports.series import Rows
from dohyo.words import Words

KINDS: tuple[Kind, ...] = ("shift", "spread", "shape", "neighbourhood", "signal")
"""In the order of a page."""

SHOWN_DENSITY = 0.01
"""Share of the peak below which a density is not drawn."""


def by_kind(names: Mapping[str, object]) -> dict[Kind, list[str]]:
    """Return the names under each kind, in the registry's order; kinds without any left out."""
    found = {
        kind: [name for name, each in MEASURES.items() if name in names and each.kind == kind]
        for kind in KINDS
    }
    return {kind: own for kind, own in found.items() if own}


def scale_end(name: str) -> float | None:
    """Return the figure of the largest gap (of a full signal); None where no corpus comes near.

    Distances between distributions have a far end that is a formality, and a figure that is
    good neither way has none.
    """
    each = MEASURES[name]
    if each.kind == "shape" or each.better == "neither":
        return None
    far_up = (each.better == "lower") != (each.kind == "signal")
    end = each.range[1] if far_up else each.range[0]
    return end if math.isfinite(end) else None


def scale_rows(profile: Profile, words: Words) -> Rows:
    """Return each measure as a share of the way from no gap to the largest, signals likewise."""
    rows: Rows = []
    for kind, names in by_kind(profile.estimates).items():
        for name in names:
            end, start = scale_end(name), profile.references[name]
            if end is None or abs(end - start) < 1e-9:
                continue
            figure = profile.estimates[name]
            value, *ends = (
                min(max((each - start) / (end - start), 0.0), 1.0)
                for each in (figure.value, figure.low, figure.high)
            )
            rows.append(
                {
                    "label": words.measure(name),
                    "group": words(
                        "profile.chart.signal" if kind == "signal" else "profile.chart.gap"
                    ),
                    "value": value,
                    "low": min(ends),
                    "high": max(ends),
                }
            )
    return rows


def spectrum_rows(spectrum: Spectrum, words: Words) -> Rows:
    """Return the summed share of variance in the widest directions, for each side."""
    rows: Rows = []
    for kind, shares in (("image", spectrum.image), ("text", spectrum.text)):
        summed = shares.cumsum().tolist()
        places = sorted({*range(1, 33), *(round(2 ** (k / 4)) for k in range(20, 60))})
        rows += [
            {"kind": words.name(kind), "place": place, "share": round(summed[place - 1], 4)}
            for place in places
            if place <= len(summed)
        ]
    return rows


def angle_rows(spectrum: Spectrum) -> Rows:
    """Return the principal angles, smallest first."""
    return [
        {"place": place, "angle": round(angle, 2)}
        for place, angle in enumerate(spectrum.angles.tolist(), start=1)
    ]


def component_rows(components: Sequence[Component], words: Words) -> Rows:
    """Return a point for each component whose paired correlation is known."""
    return [
        {
            "share": each.gap_share,
            "correlation": abs(each.correlation),
            "kind": words(f"profile.component.{each.kind}"),
            "name": component_name(each, words),
            "told": each.name == "gap",
        }
        for each in components
        if each.correlation is not None
    ]


def component_name(component: Component, words: Words) -> str:
    """Return what a reader calls a component."""
    if component.name == "gap":
        return words("profile.component.gap")
    return words("profile.component.numbered", number=component.name)


def cluster_rows(clusters: Sequence[ClusterPoint], words: Words) -> Rows:
    """Return the mixing at each k, as found and in the two extremes."""
    return [
        {"k": point.k, "what": words(f"profile.chart.{what}"), "mixing": getattr(point, field)}
        for what, field in (("found", "entropy"), ("mixed", "mixed"), ("separated", "separated"))
        for point in clusters
    ]


def score_rows(scores: ScoreDistributions, words: Words) -> Rows:
    """Return the four densities at the middles of their bins, where any is worth drawing."""
    densities = {
        "within_image": scores.within_image,
        "within_text": scores.within_text,
        "cross_random": scores.cross_random,
        "cross_match": scores.cross_match,
    }
    known = {name: each for name, each in densities.items() if each is not None}
    worth = sum((each > SHOWN_DENSITY * each.max()).astype(int) for each in known.values())
    drawn = worth.nonzero()[0] if hasattr(worth, "nonzero") else []
    if not len(drawn):
        return []
    first, last = max(int(drawn[0]) - 1, 0), min(int(drawn[-1]) + 2, len(scores.edges) - 1)
    middles = ((scores.edges[:-1] + scores.edges[1:]) / 2).tolist()
    return [
        {
            "score": round(middles[place], 4),
            "what": words(f"profile.chart.{name}"),
            "density": round(float(each[place]), 4),
        }
        for name, each in known.items()
        for place in range(first, last)
    ]


def compared_rows(
    estimates: Sequence[Estimate | None], references: Sequence[float | None], letters: str
) -> Rows:
    """Return the figure of each profile that has one, under its letter, and its reference."""
    return [
        {
            "who": letter,
            "value": each.value,
            "low": each.low,
            "high": each.high,
            "reference": reference,
        }
        for letter, each, reference in zip(letters, estimates, references, strict=True)
        if each is not None
    ]
