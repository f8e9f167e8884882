"""Texts that stand with another picture."""

from dataclasses import replace

import numpy as np

from dohyo.corpus import Corpus


def wrong_pairs(corpus: Corpus, level: float, rng: np.random.Generator) -> Corpus:
    """Deal the texts of some groups anew among these, so that none keeps its own picture.

    It spoils the yardstick too: a search that finds what belongs together is then counted as a
    miss, before and after a correction alike.

    Parameters
    ----------
    level : share of the groups with texts
    """
    owner = corpus.groups("text")
    asked = np.unique(owner)
    count = round(level * len(asked))
    if count < 2:
        return corpus
    chosen = rng.permutation(asked)[:count]
    dealt = np.arange(len(corpus.image), dtype=np.int64)
    dealt[chosen] = np.roll(chosen, 1)  # a ring in random order: everyone gets a neighbour's
    return replace(corpus, text_to_image=dealt[owner])
