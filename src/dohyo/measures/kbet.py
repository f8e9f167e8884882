"""Whose neighbourhood has the kinds in the proportion of the whole corpus?"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, gammaln  # scipy.stats takes half a second to import

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.view import View
from dohyo.stats.bootstrap import bootstrap_mean

F64 = NDArray[np.float64]
NEIGHBOURS = 50
LEVEL = 0.05


def kbet(view: View) -> Estimate:
    """Acceptance rate of kBET with the modality as the batch.

    Returns
    -------
    Estimate in [0, 1]: the share of items whose 50 nearest hold texts and images in about the
    proportion of the corpus. 0: no neighbourhood looks like the whole; compare with
    `well_mixed`, about 0.95.

    Raises
    ------
    CorpusError
        Where one kind is so rare, or the neighbours so few, that even an item with none of the
        rarer kind around it would pass.

    Notes
    -----
    Büttner et al. 2019: Pearson's chi-square test at 5 % on the counts of each neighbourhood, the
    expected ones from the whole corpus, as in scib-metrics (no `adapt`). The value is
    the mean of the images' and the texts' rate. Bootstrap over groups of the per-item verdict,
    the neighbours held fixed; it speaks of corpora of this size.
    """
    search = view.search
    size = min(NEIGHBOURS, search.index.shape[1])
    texts = (search.index[:, :size] >= search.images).sum(1)
    verdict = _accepted(size, search.images, search.texts)[texts].astype(np.float64)
    return bootstrap_mean(verdict, search.group, stratum=search.modality, seed=view.seed).share()


def well_mixed(view: View) -> float:
    """Return the exact acceptance rate with the kinds dealt at random to the same items."""
    search = view.search
    images, texts = search.images, search.texts
    size = min(NEIGHBOURS, search.index.shape[1])
    accepted = _accepted(size, images, texts)
    rates = [
        chance_of_counts(size, images - own, texts - (1 - own))[accepted].sum() for own in (1, 0)
    ]
    return float(np.mean(rates))


def acceptance(texts: NDArray[np.int64], size: int, share: float) -> NDArray[np.bool_]:
    """Say which counts of texts among `size` neighbours pass against the texts' `share`."""
    expected = size * share
    statistic = (texts - expected) ** 2 / expected + (texts - expected) ** 2 / (size - expected)
    passed: NDArray[np.bool_] = chdtrc(1, statistic) >= LEVEL
    return passed


def chance_of_counts(size: int, images: int, texts: int) -> F64:
    """Return the hypergeometric chance of 0 … size texts among `size` of the items."""
    drawn = np.arange(size + 1)
    possible = (drawn <= texts) & (size - drawn <= images)
    some = drawn[possible]
    chance = np.zeros(size + 1)
    chance[possible] = np.exp(
        _choose(texts, some) + _choose(images, size - some) - _choose(images + texts, size)
    )
    return chance


def _choose(n: int, k: NDArray[np.int64] | int) -> F64:
    logarithm: F64 = gammaln(n + 1) - gammaln(np.add(k, 1)) - gammaln(n - np.asarray(k) + 1)
    return logarithm


def _accepted(size: int, images: int, texts: int) -> NDArray[np.bool_]:
    """Return which counts of texts pass, (size + 1,)."""
    accepted = acceptance(np.arange(size + 1), size, texts / (images + texts))
    if accepted[0 if texts <= images else size]:
        raise CorpusError(
            f"kBET cannot tell {images} images from {texts} texts by {size} neighbours.",
            hint="Give more items of the rarer kind.",
        )
    return accepted
