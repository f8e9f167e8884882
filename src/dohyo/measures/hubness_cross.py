"""Are a few items near to everybody of the other kind?"""

import numpy as np
from numpy.typing import NDArray

from dohyo.estimate import Estimate
from dohyo.measures.hubness_within import hubness_within, skewness
from dohyo.measures.k_occurrence import occurrences
from dohyo.measures.view import View
from dohyo.stats.half_samples import half_samples


def hubness_cross(view: View) -> Estimate:
    """Skewness of the 10-occurrences across modalities, the mean of both directions.

    Returns
    -------
    Estimate, usually 0 to 20. Compare with `as_within`: what exceeds it comes from the gap, whose
    direction makes the same few texts the nearest to all images, or the other way round.

    Raises
    ------
    CorpusError
        With 20 items of a kind or fewer.

    Notes
    -----
    N₁₀ of texts by images and of images by texts (Radovanović et al. 2010, JMLR 11; across
    modalities, Lazaridou et al. 2015), on 1,000 rows of a side at most, since it grows with their
    number. Jackknife over groups around the plain figure, as for `hubness_within`. No pairs needed.
    """
    found = occurrences(view)

    def skew(keep: NDArray[np.bool_]) -> float:
        return float(np.mean([skewness(side.counts(keep)) for side in found.cross]))

    part = found.part
    return half_samples(skew, part.groups, stratum=part.held, seed=view.seed)


def as_within(view: View) -> float:
    """Return the hubness within the modalities: what it would be across if there were no gap."""
    return hubness_within(view).value
