"""The part of a large corpus by which corrections are tried and judged."""

import numpy as np

from dohyo.corpus import Corpus
from dohyo.decision.policy import Policy
from dohyo.decision.reason import Reason
from dohyo.rows import I64

LONE_FOR_EACH = 4
"""Images without a text that are drawn for one with, at most: they are found, but ask nothing."""


def judged_part(corpus: Corpus, policy: Policy, seed: int) -> tuple[Corpus, tuple[Reason, ...]]:
    """Return a sample of whole groups where there are more than the policy asks for.

    The time of a verdict grows with the square of the groups, its intervals shrink with the root.
    Every item of the sample searches the sample, so the figures are those of a collection of that
    size: in a larger one less is found, before the correction and after it.

    Parameters
    ----------
    corpus : with pairs; one without comes back as it is
    seed : of the draw

    Returns
    -------
    The sample, which holds images without a text in the share that the corpus has, up to four for
    each group; and the reason that says so. The corpus itself and no reason where it is small.
    """
    if corpus.text_to_image is None:
        return corpus, ()
    asked = np.unique(corpus.text_to_image[corpus.text_to_image >= 0])
    if len(asked) <= policy.most_groups:
        return corpus, ()
    rng = np.random.default_rng(seed)
    chosen = rng.choice(asked, policy.most_groups, replace=False)
    lone = _lone(corpus, asked, policy.most_groups, rng)
    told = Reason("sampled", {"groups": policy.most_groups, "of": len(asked), "seed": seed})
    return corpus.subset(np.sort(np.concatenate([chosen, lone]))), (told,)


def _lone(corpus: Corpus, asked: I64, groups: int, rng: np.random.Generator) -> I64:
    lone = np.setdiff1d(np.arange(len(corpus.image)), asked, assume_unique=True)
    wanted = min(len(lone) * groups // len(asked), LONE_FOR_EACH * groups)
    return rng.choice(lone, wanted, replace=False).astype(np.int64)
