"""Two dimensions of many, for the gap map."""

from dataclasses import dataclass

import numpy as np

from dohyo.corpus import Corpus
from dohyo.rows import F32, I64

POINTS_EACH = 300


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class GapMap:
    """Both modalities in one plane.

    Attributes
    ----------
    image, text : (some, 2) positions of a seeded sample of the rows
    image_row, text_row : their rows in the corpus that was projected, each image with one text
    explained : share of the total variance that the plane shows
    paired : whether each text is that of the image beside it
    """

    image: F32
    text: F32
    image_row: I64
    text_row: I64
    explained: float
    paired: bool = True


def project(corpus: Corpus, *, seed: int = 0, points: int = POINTS_EACH) -> GapMap:
    """Return the first two principal components of both modalities together.

    A sample of the images with one text each, where pairs are known. Signs are fixed by letting
    the images lie to the left, so that two maps can be compared at a glance.
    """
    rng = np.random.default_rng(seed)
    images = np.sort(rng.choice(len(corpus.image), min(points, len(corpus.image)), replace=False))
    if corpus.text_to_image is not None:
        owners, first = np.unique(corpus.text_to_image, return_index=True)
        texts = first[np.isin(owners, images)]
    else:
        texts = np.sort(rng.choice(len(corpus.text), min(points, len(corpus.text)), replace=False))
    image, text = corpus.unit("image", images), corpus.unit("text", texts)
    union = np.concatenate([image, text]).astype(np.float64)
    centred = union - union.mean(0)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    plane = centred @ axes[:2].T
    if plane.shape[1] < 2:
        plane = np.pad(plane, ((0, 0), (0, 2 - plane.shape[1])))
    if plane[: len(image), 0].mean() > plane[len(image) :, 0].mean():
        plane[:, 0] *= -1
    total = float((sizes**2).sum())
    return GapMap(
        image=plane[: len(image)].astype(np.float32),
        text=plane[len(image) :].astype(np.float32),
        image_row=images.astype(np.int64),
        text_row=texts.astype(np.int64),
        explained=float((sizes[:2] ** 2).sum()) / total if total > 0 else 1.0,
        paired=corpus.paired,
    )
