"""Does one threshold serve for scores within a kind and across, for pairs that do not match?"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.pair_scores import Pairing, PairScores, Relation, one_threshold, pair_scores
from dohyo.measures.view import View
from dohyo.stats.half_samples import half_samples


def score_overlap_random(view: View) -> Estimate:
    """Overlap of the cosine scores of random pairs within a modality and across.

    Returns
    -------
    Estimate in [0, 1]. 1: any threshold lets as many random pairs pass within a kind as across;
    0: there is a threshold that all of the one pass and none of the other.

    Raises
    ------
    CorpusError
        Without two groups with images and two with texts (the interval: three).

    Notes
    -----
    1 − max_t |F(t) − G(t)|, exact by ranks (grid of 0.001), no kernel or bin width to choose. It
    is the overlap coefficient (Inman & Bradley 1989) where the densities cross once, and above it
    where they cross again. F is the mean of both kinds; pairs of one group are left out. 2,000
    rows of a side at most. Half-sampling over 20 blocks of groups (`half_samples`): a maximum is
    not smooth enough for a jackknife. It is taken over noise too, so the figure is too low near 1;
    the interval spans what the halves tell of that, but may stay below an overlap of exactly 1.
    """
    scores = pair_scores(view)
    return overlap(scores, [("image", "random"), ("text", "random")], ("cross", "random"))


def overlap(
    scores: PairScores, within: list[tuple[Pairing, Relation]], cross: tuple[Pairing, Relation]
) -> Estimate:
    """Return the overlap of some scores with others, with its interval."""

    def share(keep: NDArray[np.bool_]) -> float:
        histograms = [scores.histogram(*each, keep) for each in [*within, cross]]
        if not all(each.any() for each in histograms):
            raise CorpusError(
                "The overlap of scores needs pairs to score in three groups.",
                hint="Give more items.",
            )
        return one_threshold(histograms[:-1], histograms[-1:])

    blocks = len(scores.counts[cross])
    whole = half_samples(share, blocks, seed=scores.part.seed, inside=(0.0, 1.0), corrected=True)
    return replace(whole, n=scores.part.groups)
