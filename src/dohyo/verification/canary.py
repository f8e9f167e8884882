"""Judge a corpus without pairs by a small set of known ones that no fit has seen."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dohyo.corpus import Corpus, Modality
from dohyo.corrections.evidence import NO_IMAGE
from dohyo.rows import F32, I64
from dohyo.verification.evaluate import Pool
from dohyo.verification.protocols import Protocol, Split


@dataclass(frozen=True, eq=False, slots=True)
class CanaryPool(Pool):
    """A corpus without pairs and, behind it, the canary: known pairs of the same encoder.

    Attributes
    ----------
    images, texts : how many rows of either side come before the canary's
    """

    images: int = 0
    texts: int = 0

    def splits(self, protocol: Protocol, *, k: int, seed: int) -> Iterator[Split]:
        """Yield the splits of a protocol; no fold is needed where no fit sees the canary.

        *Unseen query*: the canary's images ask the corpus and the canary's texts, then the mirror
        image. *Unseen corpus*: the canary alone asks and is asked.
        """
        image, own_image = _parts(len(self.corpus.image), self.images)
        text, own_text = _parts(len(self.corpus.text), self.texts)
        if protocol == "unseen_corpus":
            yield Split(
                fold=0,
                fit_image=image,
                fit_text=text,
                gallery_image=own_image,
                gallery_text=own_text,
                query_image=own_image,
                query_text=own_text,
                queries_in_gallery=True,
            )
            return
        nobody = np.empty(0, np.int64)
        for asks_image in (True, False):
            yield Split(
                fold=0,
                fit_image=image,
                fit_text=text,
                gallery_image=image if asks_image else np.concatenate([image, own_image]),
                gallery_text=np.concatenate([text, own_text]) if asks_image else text,
                query_image=own_image if asks_image else nobody,
                query_text=nobody if asks_image else own_text,
                queries_in_gallery=False,
            )

    def alone(self, *, k: int, seed: int) -> Iterator[Split]:
        """Yield for each fold of the canary a split of it alone; the fit is of the whole corpus."""
        image, own_image = _parts(len(self.corpus.image), self.images)
        text, own_text = _parts(len(self.corpus.text), self.texts)
        order = np.random.default_rng(seed).permutation(len(own_image))
        for fold in range(k):
            held = np.sort(own_image[order[fold::k]])
            asking = own_text[np.isin(self.corpus.groups("text")[own_text], held)]
            yield Split(
                fold=fold,
                fit_image=image,
                fit_text=text,
                gallery_image=held,
                gallery_text=asking,
                query_image=held,
                query_text=asking,
                queries_in_gallery=True,
            )

    def _pairs(self, images: I64, texts: I64) -> I64 | None:
        """Return None: no pair of the corpus is known, and no fit sees one of the canary's."""
        return None


def canary_pool(corpus: Corpus, canary: Corpus) -> CanaryPool:
    """Lay a canary behind a corpus without pairs.

    Rows of the corpus that are also in the canary are left out: a fit would have seen them, and
    in the gallery the counterpart would stand twice, once as a wrong answer.

    Parameters
    ----------
    canary : with pairs, same dimension
    """
    image = _others(corpus, canary, "image")
    text = _others(corpus, canary, "text")
    of_text = np.full(len(text), NO_IMAGE, np.int64)
    label = None
    if canary.label is not None:
        label = np.concatenate([np.full(len(image), -1, np.int64), canary.label])
    both = Corpus(
        image=np.concatenate([image, canary.unit("image")]),
        text=np.concatenate([text, canary.unit("text")]),
        text_to_image=np.concatenate([of_text, len(image) + canary.groups("text")]),
        label=label,
        class_text=canary.class_text,
        class_name=canary.class_name,
        caption=_behind(len(text), canary.caption),
        source=_behind(len(image), canary.source),
        encoder=corpus.encoder,
    )
    return CanaryPool(both, images=len(image), texts=len(text))


def _others(corpus: Corpus, canary: Corpus, modality: Modality) -> F32:
    """Return the unit rows of the corpus that are not in the canary."""
    known = {row.tobytes() for row in canary.unit(modality)}
    rows = corpus.unit(modality)
    return rows[[row.tobytes() not in known for row in rows]]


def _behind(rows: int, known: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return what is known of the canary's rows, behind as many rows of which nothing is."""
    return None if known is None else ("",) * rows + known


def _parts(rows: int, first: int) -> tuple[I64, I64]:
    return np.arange(first, dtype=np.int64), np.arange(first, rows, dtype=np.int64)
