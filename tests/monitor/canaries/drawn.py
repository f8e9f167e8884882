"""A tiny canary: scenes of shapes world as files, with captions."""

import csv
from pathlib import Path

import numpy as np

from dohyo.demo.captions import describe
from dohyo.demo.drawing import draw
from dohyo.demo.scenes import series


def fill(folder: Path, count: int = 16) -> Path:
    """Draw pictures into a folder, with a `captions.csv` beside them."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    with (folder / "captions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file_name", "caption"))
        for number, scene in enumerate(series("demo", 3, count)):
            draw(scene).resize((64, 64)).save(folder / f"{number:02}.png")
            writer.writerow((f"{number:02}.png", describe(scene, rng).text))
    return folder
