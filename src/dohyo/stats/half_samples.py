"""Half-sampling, for figures that depend on the size of the corpus and on a search within it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit  # scipy.stats takes half a second to import

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate

SPLITS = 10
SMALLEST = 8


def half_samples(
    statistic: Callable[[NDArray[np.bool_]], float],
    groups: int,
    *,
    stratum: NDArray[np.int64] | None = None,
    seed: int = 0,
    splits: int = SPLITS,
    inside: tuple[float, float] = (-np.inf, np.inf),
    corrected: bool = False,
) -> Estimate:
    """Return the statistic on all groups, with its error read off random halves of them.

    Parameters
    ----------
    statistic : takes a (groups,) mask of groups to keep, returns the figure on them
    groups : how many groups there are
    stratum : (groups,) kind of each group; the groups of a kind are halved evenly
    splits : how often the groups are split in two; both halves are read
    inside : smallest and largest value the figure can take
    corrected : whether the figure has a limit as the corpus grows, from which the halves are
        about twice as far as the whole; the interval then spans the plain figure and that limit

    Raises
    ------
    CorpusError
        With fewer than eight groups.

    Notes
    -----
    The spread of a figure over halves drawn without replacement, σ²/(n/2)·(1 − 1/2), is its
    variance on the whole, σ²/n (McCarthy 1969; Politis, Romano & Wolf 1999, sec. 2). Each half
    is searched or clustered anew, so what those choices add is in it; no row meets a copy of
    itself as in a bootstrap, and no neighbourhood is judged by the loss of one row as in a
    jackknife. Unless `corrected`, the interval is centred on the plain figure and speaks of
    corpora of this size. t quantile with 2·splits − 1 degrees of freedom.
    """
    if groups < SMALLEST:
        raise CorpusError(
            f"An interval from halves needs {SMALLEST} groups, there are {groups}.",
            hint="Give more items.",
        )
    value = statistic(np.ones(groups, dtype=np.bool_))
    rng = np.random.default_rng(seed)
    figures = []
    for _ in range(splits):
        order = rng.permutation(groups)
        if stratum is not None:
            order = order[np.argsort(stratum[order], kind="stable")]
        for start in (0, 1):
            keep = np.zeros(groups, dtype=np.bool_)
            keep[order[start::2]] = True
            figures.append(statistic(keep))
    reach = float(stdtrit(2 * splits - 1, 0.975)) * float(np.std(figures, ddof=1))
    limit = 2 * value - float(np.mean(figures)) if corrected else value
    low, high = np.clip([min(value, limit) - reach, max(value, limit) + reach], *inside)
    return Estimate(value=value, low=float(low), high=float(high), n=groups, seed=seed)
