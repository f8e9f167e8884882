"""How held-out data is made: *unseen query* and *unseen corpus* (design, section 6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dohyo.corpus import Corpus, Modality
from dohyo.rows import I64

Protocol = Literal["unseen_query", "unseen_corpus", "judged"]
"""How figures came about; `judged` are those of queries that people judged, see `judged`."""
PROTOCOLS: tuple[Protocol, Protocol] = ("unseen_query", "unseen_corpus")
FOLDS = 4


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Split:
    """Rows of the corpus: what is fitted on, what is in the gallery, what is asked.

    Attributes
    ----------
    fold : which fold was held out
    fit_image, fit_text : rows that the fit may see
    gallery_image, gallery_text : rows that can be found
    query_image, query_text : rows that ask; one is empty in *unseen query*
    queries_in_gallery : whether each query is itself an item of the gallery, to be excluded
    """

    fold: int
    fit_image: I64
    fit_text: I64
    gallery_image: I64
    gallery_text: I64
    query_image: I64
    query_text: I64
    queries_in_gallery: bool


def splits(corpus: Corpus, protocol: Protocol, *, k: int = FOLDS, seed: int = 0) -> Iterator[Split]:
    """Yield the splits of a protocol: 2k for *unseen query* (images ask, texts ask), k otherwise.

    Raises
    ------
    CorpusError
        If the corpus is unpaired or has fewer groups than folds.
    """
    of_text = corpus.groups("text")
    every_image, every_text = np.arange(len(corpus.image)), np.arange(len(corpus.text))
    nobody = np.empty(0, np.int64)
    for fold, held in enumerate(corpus.folds(k, seed)):
        image_out = np.zeros(len(corpus.image), dtype=np.bool_)
        image_out[held] = True
        text_out = image_out[of_text]
        image_in, text_in = np.flatnonzero(~image_out), np.flatnonzero(~text_out)
        text_held = np.flatnonzero(text_out)
        if protocol == "unseen_corpus":
            yield Split(
                fold=fold,
                fit_image=image_in,
                fit_text=text_in,
                gallery_image=held,
                gallery_text=text_held,
                query_image=held,
                query_text=text_held,
                queries_in_gallery=True,
            )
            continue
        for asks_image in (True, False):
            yield Split(
                fold=fold,
                fit_image=image_in if asks_image else every_image,
                fit_text=every_text if asks_image else text_in,
                gallery_image=image_in if asks_image else every_image,
                gallery_text=every_text if asks_image else text_in,
                query_image=held if asks_image else nobody,
                query_text=nobody if asks_image else text_held,
                queries_in_gallery=False,
            )


def sides(split: Split) -> tuple[tuple[Modality, I64, I64], tuple[Modality, I64, I64]]:
    """Return (modality, gallery rows, query rows) for both modalities."""
    return (
        ("image", split.gallery_image, split.query_image),
        ("text", split.gallery_text, split.query_text),
    )
