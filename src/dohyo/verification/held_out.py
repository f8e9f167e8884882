"""One fold before and after, moved by a map that was fitted without it."""

from dataclasses import replace

from dohyo.corpus import Corpus
from dohyo.verification.evaluate import Corrector, Pool, fitted_on
from dohyo.verification.protocols import FOLDS, splits


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
    evidence = Pool(corpus).evidence(split.fit_image, split.fit_text)
    ((fitted, strength),) = fitted_on([corrector], evidence)
    before = corpus.subset(split.query_image)
    after = replace(
        before,
        image=fitted.moved(before.unit("image"), "image", strength),
        text=fitted.moved(before.unit("text"), "text", strength),
    )
    return before, after
