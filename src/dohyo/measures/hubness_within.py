"""Are a few items near to everybody of their own kind?"""

import numpy as np
from numpy.typing import NDArray

from dohyo.estimate import Estimate
from dohyo.measures.k_occurrence import NEIGHBOURS, occurrences
from dohyo.measures.view import View
from dohyo.stats.half_samples import half_samples


def hubness_within(view: View) -> Estimate:
    """Skewness of the 10-occurrences within a modality, the mean of both modalities.

    Returns
    -------
    Estimate, usually 0 to 20. Near `by_chance` every item is found about equally often; above 1
    a few hubs are found by everybody and many items by nobody.

    Raises
    ------
    CorpusError
        With 20 items of a kind or fewer.

    Notes
    -----
    Third standardised moment of N₁₀ (Radovanović et al. 2010, JMLR 11), cosine, itself excluded, on
    1,000 rows of a side at most, since it grows with their number. Half-samples of the groups
    around the plain figure (see `k_occurrence`): k-occurrences depend on one another, so rows
    cannot be resampled alone, and a bootstrap's twins would fill each other's lists. The figure
    grows with the number of items.
    """
    found = occurrences(view)

    def skew(keep: NDArray[np.bool_]) -> float:
        return float(np.mean([skewness(side.counts(keep)) for side in found.within]))

    part = found.part
    return half_samples(skew, part.groups, stratum=part.held, seed=view.seed)


def by_chance(view: View) -> float:
    """Return the skewness were the ten nearest drawn by lot: that of binomial counts."""
    part = occurrences(view).part
    sizes = np.array([len(part.image), len(part.text)])
    chance = NEIGHBOURS / (sizes - 1)
    variance = NEIGHBOURS * (1.0 - chance)
    return float(((1.0 - 2.0 * chance) / np.sqrt(variance)).mean())


def skewness(counts: NDArray[np.int64]) -> float:
    """Return the third standardised moment, (1/n)Σ(N−mean)³ / σ³; 0 where all are equal."""
    away = counts - counts.mean()
    variance = float((away**2).mean())
    return float((away**3).mean()) / variance**1.5 if variance > 0 else 0.0
