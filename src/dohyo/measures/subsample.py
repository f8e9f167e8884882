"""Fewer rows of a view, for the measures that look at every pair of rows."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dohyo.measures.view import View


def subsample(view: View, rows: int) -> View:
    """Return a view with about `rows` rows at most on each side: whole groups, by the view's seed.

    A view that is small enough comes back as another view of the same rows: a result that is kept
    in the view must not refer to it, or both live until the collector of cycles comes by.
    """
    images, texts = len(view.image), len(view.text)
    if max(images, texts) <= rows:
        return replace(view)
    rng = np.random.default_rng(view.seed)
    if view.text_to_image is None:
        image, text = _some(rng, images, rows), _some(rng, texts, rows)
        pairs = None
    else:
        image = _some(rng, images, max(1, int(images * min(1.0, rows / max(images, texts)))))
        place = np.full(images, -1, dtype=np.int64)
        place[image] = np.arange(len(image))
        text = np.flatnonzero(place[view.text_to_image] >= 0)
        pairs = place[view.text_to_image[text]]
    return View(
        image=view.image[image],
        text=view.text[text],
        text_to_image=pairs,
        label=None if view.label is None else view.label[image],
        seed=view.seed,
        sampled=True,
    )


def _some(rng: np.random.Generator, rows: int, wanted: int) -> NDArray[np.int64]:
    chosen = rng.choice(rows, min(rows, wanted), replace=False)
    return np.sort(chosen).astype(np.int64)
