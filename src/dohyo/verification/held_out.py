"""One fold before and after, moved by a map that was fitted without it."""

from dataclasses import replace

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import Recipe
from dohyo.verification.evaluate import Pool
from dohyo.verification.protocols import FOLDS, splits


def held_out_fold(
    corpus: Corpus, recipe: Recipe, *, k: int = FOLDS, seed: int = 0
) -> tuple[Corpus, Corpus]:
    """Return the first fold of *unseen corpus* as it is, and as the recipe moves it.

    One fold and not all of them pooled: each fold's map has the other folds for anchors, so items
    of different folds would be drawn towards each other and look mixed up when they are not.

    Raises
    ------
    CorpusError
        If the corpus is unpaired or has fewer groups than folds.
    """
    split = next(splits(corpus, "unseen_corpus", k=k, seed=seed))
    fitted = recipe.fit(Pool(corpus).evidence(split.fit_image, split.fit_text))
    before = corpus.subset(split.query_image)
    after = replace(
        before,
        image=fitted.apply(before.unit("image"), "image", strength=recipe.strength),
        text=fitted.apply(before.unit("text"), "text", strength=recipe.strength),
    )
    return before, after
