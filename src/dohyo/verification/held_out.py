"""One fold before and after, moved by a map that was fitted without it."""

from dataclasses import replace

import numpy as np

from dohyo.corpus import Corpus
from dohyo.rows import unit_rows
from dohyo.verification.classes import ClassPool, leading_prompts
from dohyo.verification.evaluate import Corrector, Pool, fitted_on
from dohyo.verification.information import lone_splits
from dohyo.verification.protocols import FOLDS, Split, sides, splits


def held_out_fold(
    corpus: Corpus, corrector: Corrector, *, k: int = FOLDS, seed: int = 0
) -> tuple[Corpus, Corpus]:
    """Return the first fold of *unseen corpus* as it is, and as a correction moves it.

    A recipe is fitted without the fold; a map is taken as it is.

    One fold and not all of them pooled: each fold's map has the other folds for anchors, so items
    of different folds would be drawn towards each other and look mixed up when they are not.

    Raises
    ------
    CorpusError
        If the corpus is unpaired or has fewer groups than folds.
    """
    split = next(splits(corpus, "unseen_corpus", k=k, seed=seed))
    before = corpus.subset(split.query_image)
    return _before_after(before, Pool(corpus), split, corrector)


def held_out_classes(
    corpus: Corpus, corrector: Corrector, *, k: int = FOLDS, seed: int = 0
) -> tuple[Corpus, Corpus]:
    """Return the first fold of images with every class prompt, as it is and as moved.

    Raises
    ------
    CorpusError
        If there are fewer images than folds.
    """
    pool = ClassPool(corpus)
    split = next(pool.alone(k=k, seed=seed))
    prompts = np.arange(leading_prompts(corpus))
    before = Corpus(
        image=corpus.unit("image", split.gallery_image),
        text=corpus.unit("text", np.union1d(prompts, split.gallery_text)),
    )
    if not len(before.text):  # prompts that are no part of the text side
        before = replace(before, text=unit_rows(np.asarray(corpus.class_text)))
    return _before_after(before, pool, split, corrector)


def held_out_items(
    corpus: Corpus, corrector: Corrector, *, k: int = FOLDS, seed: int = 0
) -> tuple[Corpus, Corpus]:
    """Return the first fold of either kind, as it is and as moved; needs no pairs.

    A kind of which too few are there to hold any out is returned whole.
    """
    split = next(lone_splits(corpus, k=k, seed=seed))
    image, text = (
        corpus.unit(modality, items if len(items) else None) for modality, items, _ in sides(split)
    )
    return _before_after(Corpus(image=image, text=text), Pool(corpus), split, corrector)


def _before_after(
    before: Corpus, pool: Pool, split: Split, corrector: Corrector
) -> tuple[Corpus, Corpus]:
    evidence = pool.evidence(split.fit_image, split.fit_text)
    ((fitted, strength),) = fitted_on([corrector], evidence)
    after = replace(
        before,
        image=fitted.moved(before.unit("image"), "image", strength),
        text=fitted.moved(before.unit("text"), "text", strength),
    )
    return before, after
