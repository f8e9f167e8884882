"""What part of all search results do the most found items take?"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc  # scipy.stats takes half a second to import

from dohyo.estimate import Estimate
from dohyo.measures.k_occurrence import NEIGHBOURS, occurrences
from dohyo.measures.view import View
from dohyo.stats.half_samples import half_samples

HUBS = 0.01


def hub_share(view: View) -> Estimate:
    """Share of all first-ten places that the most found 1 % of the items take, in the union.

    Returns
    -------
    Estimate in [0, 1]. 0.01 if all were found equally often; `by_chance`, about 0.02, if the
    neighbours were drawn by lot; at 0.1 one result in ten comes from one item in a hundred.

    Raises
    ------
    CorpusError
        With 20 items of a kind or fewer.

    Notes
    -----
    Top end of the Lorenz curve of N₁₀ (k-occurrences: Radovanović et al. 2010, JMLR 11), the item
    at the edge of the 1 % counted in part, so that the figure does not jump with the number of
    items; 1,000 rows of a side at most, since it grows with their number. Jackknife over groups
    around the plain figure.
    """
    found = occurrences(view)

    def share(keep: NDArray[np.bool_]) -> float:
        return top_share(found.union.counts(keep))

    part = found.part
    return half_samples(share, part.groups, stratum=part.held, seed=view.seed, inside=(0.0, 1.0))


def by_chance(view: View) -> float:
    """Return the share were the ten nearest drawn by lot: that of binomial counts."""
    part = occurrences(view).part
    items = len(part.image) + len(part.text)
    # How many items are found more than c times is the survival function; stack it up to 1 %.
    more = bdtrc(np.arange(items - 1), items - 1, NEIGHBOURS / (items - 1))
    return float(np.minimum(more, HUBS).sum() / NEIGHBOURS)


def top_share(counts: NDArray[np.int64]) -> float:
    """Return the share of all counts that the largest hundredth has, the last one in part."""
    ranked = np.sort(counts)[::-1]
    weight = np.clip(HUBS * len(counts) - np.arange(len(counts)), 0.0, 1.0)
    total = ranked.sum()
    return float(ranked @ weight / total) if total else HUBS
