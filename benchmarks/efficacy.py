"""Hold every correction, and what other libraries offer, to held-out data on every corpus.

    make bench

Each correction is fitted anew on the parts of four folds that it may see, under both protocols;
figures carry 95 % intervals clustered by group. `auto` is what `dohyo align` does when it is told
nothing: it chooses anew for each fold from the other folds alone. The table of the design is
reproduced first. The measuring sets are used where they lie beside the checkout; the pictures and
captions of `dohyo demo` always.
"""

import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np

from corrections import Entry, in_columns, libraries
from dohyo import Corpus
from dohyo.corpus import Modality, Role
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.recipe import LADDER, NOTHING, Recipe
from dohyo.decision.decide import decide
from dohyo.io.read import read
from dohyo.rows import F32, unit_rows
from dohyo.verification.compare import resampled, resampled_change, share_departure
from dohyo.verification.cross_fit import calibrated
from dohyo.verification.evaluate import Pool, evaluate
from dohyo.verification.protocols import PROTOCOLS, Protocol
from dohyo.verification.retrieval import Ranked

DATA = Path(__file__).parents[2] / "shared" / "data" / "embeddings"
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "efficacy.svg"
SETS = ("coco500", "msrvtt100-videoclip", "flickr8k-100x5")
CONTROLS = ("coco500-untrained", "uniprot99-clasp")
LIBRARIES = ("POT", "scikit-")
MIXED, RECALL = "mixed_ndcg_at_10", "recall_at_1"

ROWS: dict[str, Recipe] = {
    "none": NOTHING,
    "center": Recipe(method="center"),
    "standardize": Recipe(method="standardize"),
    "whiten .9": Recipe(method="whiten"),
    "whiten .7": Recipe(method="whiten", parameters={"shrinkage": 0.7}),
    "gaussian_ot": Recipe(method="gaussian_ot"),
    "spectral": Recipe(method="spectral"),
    "ot": Recipe(method="ot"),
    "displacement": Recipe(method="displacement"),
    **{
        rung.label + (", λ from data" if "ledoit_wolf" in rung.parameters else ""): rung
        for recipe in LADDER
        for rung in (recipe.uncalibrated(), recipe)
        if rung.parameters or rung.calibrates
    },
    "displacement+calibrate+hubs": Recipe(
        method="displacement", parameters={"calibrate": 1.0, "hubs": 0.5}
    ),
}

REFERENCE: dict[str, dict[str, tuple[float, float, float, float]]] = {
    "coco500": {
        "none": (0.000, 0.529, 0.000, 0.699),
        "calibrate": (0.499, 0.529, 0.656, 0.699),
        "center+calibrate": (0.490, 0.523, 0.677, 0.695),
        "center": (0.173, 0.523, 0.369, 0.695),
        "whiten .7": (0.403, 0.546, 0.568, 0.689),
        "gaussian_ot": (0.548, 0.538, 0.656, 0.666),
        "spectral": (0.701, 0.621, 0.471, 0.350),
        "displacement": (0.695, 0.636, 0.707, 0.705),
    },
    "msrvtt100-videoclip": {
        "none": (0.000, 0.305, 0.000, 0.520),
        "calibrate": (0.284, 0.305, 0.470, 0.520),
        "center+calibrate": (0.409, 0.405, 0.613, 0.615),
        "center": (0.216, 0.405, 0.471, 0.615),
        "gaussian_ot": (0.542, 0.440, 0.438, 0.580),
        "displacement": (0.568, 0.415, 0.566, 0.575),
    },
    "flickr8k-100x5": {
        "none": (0.000, 0.881, 0.000, 0.969),
        "calibrate": (0.678, 0.881, 0.543, 0.969),
        "center+calibrate": (0.728, 0.891, 0.510, 0.960),
        "center": (0.430, 0.891, 0.352, 0.960),
        "gaussian_ot": (0.841, 0.885, 0.425, 0.949),
        "displacement": (0.919, 0.923, 0.490, 0.961),
    },
}
"""The design's table, section 5: mixed nDCG@10 and R@1, unseen query, then unseen corpus."""


@dataclass(frozen=True)
class Foreign:
    """Another library's method in a recipe's place."""

    entry: Entry
    strength: float = 1.0

    def fit(self, evidence: Evidence) -> "ForeignMap":
        return ForeignMap(self.entry.fit(evidence))


@dataclass(frozen=True)
class ForeignMap:
    """Another library's fitted method in a map's place."""

    move: Any
    tells_roles_apart: bool = False

    def apply(self, x: F32, modality: Modality, role: Role = "item", strength: float = 1.0) -> F32:
        return in_columns(self.move(unit_rows(x), modality), x)

    def moved(self, x: F32, modality: Modality, strength: float = 1.0) -> F32:
        return self.apply(x, modality)


@dataclass(frozen=True)
class Figures:
    """What one correction did on one corpus under one protocol, against none."""

    ranked: Ranked
    before: Ranked
    protocol: Protocol

    def value(self, metric: str) -> Any:
        return resampled(self.ranked, metric, self.protocol, seed=0).estimate()

    def change(self, metric: str) -> Any:
        return resampled_change(self.before, self.ranked, metric, self.protocol, seed=0)

    def departure(self) -> float:
        """Return the cross share less its base rate, by whichever query kind it is farthest."""
        return max(share_departure(self.ranked).values(), key=abs)


Results = Mapping[str, Mapping[Protocol, Figures]]


def main() -> None:
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    by_set: dict[str, Results] = {}
    for name, corpus in corpora():
        by_set[name] = results(corpus)
        table(name, corpus, by_set[name])
    controls()
    reproduced(by_set)
    means(by_set)
    draw(by_set)
    print(f"\n{time.perf_counter() - start:.0f} s in all")


def corpora() -> Iterator[tuple[str, Corpus]]:
    """Yield the corpora that can be had here, and say which cannot."""
    for name in SETS:
        if (DATA / f"{name}.npz").is_file():
            yield name, read(DATA / f"{name}.npz")
        else:
            print(f"{name}: skipped, the measuring data is not there")
    from dohyo.demo import build
    from dohyo.encoders.builtin import load

    world = build(load("shapes-world"))
    yield "shapes world", Corpus.from_arrays(world.image, world.text, world.text_to_image)


def results(corpus: Corpus) -> Results:
    """Return the figures of every row, of every library's, and of `auto`."""
    rows: dict[str, Any] = ROWS | {entry.name: Foreign(entry) for entry in libraries()}
    rows["displacement+hubs"] = ROWS["displacement+calibrate+hubs"].uncalibrated()
    plain = {
        name: row for name, row in rows.items() if not (isinstance(row, Recipe) and row.calibrates)
    }
    outcomes = {
        protocol: dict(
            zip(plain, evaluate(Pool(corpus), list(plain.values()), protocol), strict=True)
        )
        for protocol in PROTOCOLS
    }
    decision = decide(corpus)
    chosen = decision.chosen_by_fold
    found: dict[str, dict[Protocol, Figures]] = {}
    for name, row in rows.items():
        base = name if name in plain else named(row.uncalibrated(), plain)
        tried = {protocol: each[base] for protocol, each in outcomes.items()}
        if name not in plain:
            tried, _ = calibrated(tried, 0.5)
        found[name] = {
            protocol: Figures(tried[protocol].ranked, outcomes[protocol]["none"].ranked, protocol)
            for protocol in PROTOCOLS
        }
    found["auto"] = {}
    for protocol in PROTOCOLS:
        (after,) = evaluate(Pool(corpus), lambda fold: (chosen[fold],), protocol)
        found["auto"][protocol] = Figures(after.ranked, outcomes[protocol]["none"].ranked, protocol)
    picked = ", ".join(recipe.label for recipe in chosen)
    print(f"\nauto says {decision.verdict}, {decision.recipe.label}; by fold it chose {picked}")
    return found


def named(recipe: Recipe, plain: Mapping[str, Any]) -> str:
    """Return under which name a recipe is among the plain rows."""
    return next(name for name, row in plain.items() if row == recipe)


def table(name: str, corpus: Corpus, found: Results) -> None:
    print(
        f"\n### {name}\n\n{len(corpus.image)} images, {len(corpus.text)} texts, {corpus.dim} "
        "dimensions\n\n| correction | unseen query: mixed nDCG@10 | R@1 | share − base "
        "| unseen corpus: mixed nDCG@10 | R@1 | share − base |\n|---|---|---|---|---|---|---|"
    )
    for row, by_protocol in found.items():
        cells = [row]
        for protocol in PROTOCOLS:
            figures = by_protocol[protocol]
            mixed, recall = figures.value(MIXED), figures.value(RECALL)
            harmed = figures.change(RECALL).lower_bound() <= -0.03
            cells += [
                f"{mixed.value:.3f} [{mixed.low:.3f}, {mixed.high:.3f}]",
                f"{recall.value:.3f}{' ↓' if harmed else ''}",
                f"{figures.departure():+.2f}",
            ]
        print(f"| {' | '.join(cells)} |")
    print("\n↓: a loss of R@1 of .03 or more cannot be excluded (one-sided 95 %)", flush=True)


def controls() -> None:
    print("\n### Negative controls\n")
    for name in CONTROLS:
        if not (DATA / f"{name}.npz").is_file():
            print(f"{name}: skipped, the measuring data is not there")
            continue
        decision = decide(read(DATA / f"{name}.npz"))
        print(f"{name}: {decision.verdict} ({', '.join(r.code for r in decision.reasons)})")


def reproduced(by_set: Mapping[str, Results]) -> None:
    """Print how far the figures are from those of the design."""
    print("\n### Against the design's table\n")
    print("| set | correction | largest difference |\n|---|---|---|")
    for name, rows in REFERENCE.items():
        for row, wanted in rows.items() if name in by_set else ():
            got = [
                by_set[name][row][p].value(metric).value
                for p in PROTOCOLS
                for metric in (MIXED, RECALL)
            ]
            off = float(np.abs(np.subtract(got, wanted)).max())
            print(f"| {name} | {row} | {off:.3f}{'' if off <= 0.02 else ' (beyond .02)'} |")


def means(by_set: Mapping[str, Results]) -> None:
    """Print the averages over the sets, which are what a default is judged by."""
    print("\n### Averaged over the sets\n")
    print(
        "| correction | unseen query: mixed nDCG@10 | R@1 | farthest share "
        "| unseen corpus: mixed nDCG@10 | R@1 | farthest share |\n|---|---|---|---|---|---|---|"
    )
    for row in next(iter(by_set.values())):
        cells = [row]
        for protocol in PROTOCOLS:
            each = [found[row][protocol] for found in by_set.values()]
            mixed, recall = (
                np.mean([figures.value(metric).value for figures in each])
                for metric in (MIXED, RECALL)
            )
            farthest = max((figures.departure() for figures in each), key=abs)
            cells += [f"{mixed:.3f}", f"{recall:.3f}", f"{farthest:+.2f}"]
        print(f"| {' | '.join(cells)} |")


def draw(by_set: Mapping[str, Results]) -> None:
    """Draw gain against change of R@1, a panel for each protocol and set."""
    points = []
    for name, found in by_set.items():
        for row, by_protocol in found.items():
            for protocol, figures in by_protocol.items():
                mixed, harm = figures.value(MIXED), figures.change(RECALL).estimate()
                kind = (
                    "other library"
                    if row.startswith(LIBRARIES)
                    else "auto"
                    if row == "auto"
                    else "ours"
                )
                points.append(
                    {
                        "set": name,
                        "protocol": protocol.replace("_", " "),
                        "correction": row,
                        "kind": kind,
                        "mixed": mixed.value,
                        "low": mixed.low,
                        "high": mixed.high,
                        "change": harm.value,
                    }
                )
    base = alt.Chart().encode(
        x=alt.X("mixed:Q", title="mixed nDCG@10"),
        y=alt.Y("correction:N", sort=list(next(iter(by_set.values()))), title=None),
    )
    bars = base.mark_rule(color="#999").encode(x=alt.X("low:Q", title="mixed nDCG@10"), x2="high:Q")
    colour = alt.Color(
        "change:Q",
        title="change of R@1",
        scale=alt.Scale(domain=[-0.3, 0, 0.1], range=["#b2182b", "#dddddd", "#2166ac"], clamp=True),
    )
    shape = alt.Shape("kind:N", title=None)
    dots = base.mark_point(filled=True, size=60, opacity=1, stroke="#555", strokeWidth=0.5).encode(
        color=colour, shape=shape
    )
    chart = (
        alt.layer(bars, dots, data=alt.Data(values=points))
        .properties(width=190, height=380)
        .facet(
            column=alt.Column("set:N", title=None, sort=list(by_set)),
            row=alt.Row("protocol:N", title=None, sort=["unseen query", "unseen corpus"]),
        )
        .configure_view(stroke="#ddd")
    )
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    chart.save(PICTURE)
    print(f"\n{PICTURE.name} drawn", file=sys.stderr)


if __name__ == "__main__":
    main()
