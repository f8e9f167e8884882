"""Draw, for every measure, the toy corpora on which it is lowest and highest.

    .venv/bin/python docs/draw_measures.py

Eight small corpora differ from a well-mixed one in one respect each. Every measure is taken on all
of them; the two that it sets farthest apart are drawn, with the figures it gave.
"""

import sys
from pathlib import Path

import altair as alt
import numpy as np
from PIL import Image

from dohyo import Corpus, CorpusError, Estimate
from dohyo.measures.registry import MEASURES
from dohyo.measures.view import View, view
from dohyo.reports.projection import project

IMAGES = Path(__file__).parent / "images" / "measures"
GROUPS, DIM = 240, 12
BLUE, ORANGE = "#2274a5", "#c1571f"


def worlds() -> dict[str, Corpus]:
    """Return the toy corpora by name."""
    rng = np.random.default_rng(0)
    subject = rng.integers(0, 4, GROUPS)
    centres = rng.normal(size=(4, DIM))
    meaning = centres[subject] + 0.6 * rng.normal(size=(GROUPS, DIM))
    owner = np.repeat(np.arange(GROUPS), 2)
    near = [0.25 * rng.normal(size=(rows, DIM)) for rows in (GROUPS, len(owner))]
    image, text = meaning + near[0], meaning[owner] + near[1]
    away = np.zeros(DIM)
    away[0] = 2.5
    turn = np.linalg.qr(rng.normal(size=(DIM, DIM)))[0]
    wide = np.linspace(0.2, 2.0, DIM)
    hubs = rng.normal(size=(6, DIM))
    crowd = rng.integers(0, 6, len(owner))
    made = {
        "mixed": (image, text),
        "shifted": (image + away, text - away),
        "slightly shifted": (image + away / 5, text - away / 5),
        "texts in a narrow cone": (image, 0.3 * text + away),
        "texts stretched": (image, text * wide),
        "texts rotated": (image, text @ turn),
        "texts crowd around hubs": (image, 0.2 * text + hubs[crowd]),
        "texts of other pictures": (image, text[rng.permutation(len(owner))]),
    }
    return {
        name: Corpus.from_arrays(x.astype(np.float32), y.astype(np.float32), owner, labels=subject)
        for name, (x, y) in made.items()
    }


def panel(name: str, corpus: Corpus, estimate: Estimate) -> alt.Chart:
    """Return one corpus in the plane, titled with its name and figure."""
    shown = project(corpus, points=120)
    rows = [
        {"x": float(x), "y": float(y), "kind": kind}
        for kind, side in (("image", shown.image), ("text", shown.text))
        for x, y in side
    ]
    figure = f"{estimate.value:.3g}  ({estimate.low:.3g} … {estimate.high:.3g})"
    return (
        alt.Chart(alt.InlineData(values=rows))
        .mark_point(filled=True, size=28, opacity=0.75)
        .encode(
            x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-1.3, 1.3])),
            y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-1.3, 1.3])),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=["image", "text"], range=[BLUE, ORANGE]),
                legend=alt.Legend(title=None, orient="bottom"),
            ),
            shape=alt.Shape(
                "kind:N",
                scale=alt.Scale(domain=["image", "text"], range=["circle", "triangle-up"]),
                legend=alt.Legend(title=None, orient="bottom"),
            ),
        )
        .properties(width=250, height=220, title=[name, figure])
    )


def main() -> None:
    """Draw every measure, or those named on the command line."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    corpora = worlds()
    views: dict[str, View] = {name: view(corpus) for name, corpus in corpora.items()}
    for name in sys.argv[1:] or MEASURES:
        figures: dict[str, Estimate] = {}
        for world, seen in views.items():
            try:
                figures[world] = MEASURES[name].compute(seen)
            except CorpusError:
                continue
        low = min(figures, key=lambda world: figures[world].value)
        high = max(figures, key=lambda world: figures[world].value)
        chart = panel(low, corpora[low], figures[low]) | panel(high, corpora[high], figures[high])
        file = IMAGES / f"{name}.png"
        chart.configure_view(stroke="#ddd").configure_title(fontSize=12, anchor="start").save(
            str(file), ppi=110
        )
        # Thirty pictures of two colours need no more than these.
        with Image.open(file) as full:
            full.convert("RGB").quantize(32).save(file, optimize=True)
        print(f"{name}: {low} … {high}")


if __name__ == "__main__":
    main()
