"""The bootstrap over groups, for averages of per-query or per-row figures."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.estimate import Estimate

F64 = NDArray[np.float64]
RESAMPLES = 2000
WEIGHTS_PER_BLOCK = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampled:
    """An average and its bootstrap replicates.

    Attributes
    ----------
    value : the average on the data
    replicates : (resamples,) the average on each resample of the groups
    groups : number of groups resampled
    seed : seed of the resampling
    """

    value: float
    replicates: F64
    groups: int
    seed: int

    def lower_bound(self, level: float = 0.95) -> float:
        """Return the one-sided lower bound at this level."""
        return float(np.quantile(self.replicates, 1 - level))

    def standard_error(self) -> float:
        """Return the standard deviation of the replicates."""
        return float(self.replicates.std(ddof=1))

    def averaged_with(self, other: "Resampled", weight: float = 0.5) -> "Resampled":
        """Return the mean of two figures that were resampled with the same draws.

        Parameters
        ----------
        weight : of the other one, in [0, 1]

        Raises
        ------
        ValueError
            If the draws differ, and so their joint spread is unknown.
        """
        self._check_draws(other)
        return Resampled(
            value=(1 - weight) * self.value + weight * other.value,
            replicates=(1 - weight) * self.replicates + weight * other.replicates,
            groups=self.groups,
            seed=self.seed,
        )

    def two_sided_p(self) -> float:
        """Return the two-sided p-value of the figure against 0, from its replicates.

        Twice the smaller tail beyond 0, the data itself counted in (Davison & Hinkley 1997,
        sec. 4.4): for figures that are no average, for which signs cannot be flipped.
        """
        draws = len(self.replicates) + 1
        below = 1 + int((self.replicates <= 0).sum())
        above = 1 + int((self.replicates >= 0).sum())
        return min(1.0, 2 * min(below, above) / draws)

    def less(self, other: "Resampled") -> "Resampled":
        """Return how much this figure is above another that was resampled with the same draws.

        Raises
        ------
        ValueError
            If the draws differ, and so their joint spread is unknown.
        """
        self._check_draws(other)
        return replace(
            self, value=self.value - other.value, replicates=self.replicates - other.replicates
        )

    def estimate(self, p: float | None = None) -> Estimate:
        """Return value and 95 % interval."""
        low, high = np.quantile(self.replicates, [0.025, 0.975])
        return Estimate(
            value=self.value, low=float(low), high=float(high), n=self.groups, seed=self.seed, p=p
        )

    def share(self, p: float | None = None) -> Estimate:
        """Return value and 95 % interval of an average of figures between 0 and 1.

        At exactly 0 or 1 the resamples show no spread, though another group might differ: the
        interval then reaches to where that many groups in a row would all agree once in forty
        times (Clopper & Pearson 1934), which for a mean of shares is conservative.
        """
        plain = self.estimate(p)
        reach = 1.0 - 0.025 ** (1.0 / self.groups)
        if plain.low == plain.high == 1.0:
            return replace(plain, low=1.0 - reach)
        if plain.low == plain.high == 0.0:
            return replace(plain, high=reach)
        return plain

    def _check_draws(self, other: "Resampled") -> None:
        if (self.groups, self.seed) != (other.groups, other.seed):
            raise ValueError("the two figures were not resampled together")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Credits:
    """What groups add to an average by being found, beside what they add by asking.

    Attributes
    ----------
    group : (c,) who is credited; groups that do not ask are passed over
    amount : (c,) by how much the sum of the figures would fall without them
    stratum : (c,) in which stratum; None where there are none
    """

    group: NDArray[np.int64]
    amount: F64
    stratum: NDArray[np.int64] | None = None


def bootstrap_mean(
    values: NDArray[Any],
    group: NDArray[np.int64],
    *,
    stratum: NDArray[np.int64] | None = None,
    credits: Credits | None = None,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Resampled:
    """Average per-row figures and resample their groups with replacement.

    Parameters
    ----------
    values : (q,) figures; NaN marks a row for which the figure is not defined, and is left out
    group : (q,) which rows belong together (an image and its captions): they are drawn together
    stratum : (q,) for instance the direction of the query; the result is then the plain mean of
        the strata's means, as when two directions are averaged
    credits : what each group does to the others' figures by being in the collection. It enters
        the resamples and not the average: a group that is drawn again is met again by all, to
        first order (the projection of Hájek 1968; Efron 1982, ch. 6)

    Returns
    -------
    Resampled, with the percentile interval widened by √(G/(G−1)) for G groups, without which
    the percentile bootstrap of a mean is too narrow in small samples (Hesterberg 2015, sec. 4.2).

    Raises
    ------
    ValueError
        If no value is defined, or a stratum has none.
    """
    known = ~np.isnan(values)
    strata = np.zeros(len(values), np.int64) if stratum is None else stratum
    _, member = np.unique(group[known], return_inverse=True)
    groups = int(member.max()) + 1 if known.any() else 0
    if groups == 0:
        raise ValueError("no figure to average")
    sums, counts, earned = [], [], []
    for each in np.unique(strata):
        here = strata[known] == each
        if not here.any():
            raise ValueError(f"no figure to average in stratum {each}")
        sums.append(np.bincount(member[here], values[known][here], groups))
        earned.append(np.zeros(groups) + _credited(credits, each, np.unique(group[known])))
        counts.append(np.bincount(member[here], minlength=groups))
    total: F64 = np.stack(sums, axis=1)
    count: F64 = np.stack(counts, axis=1).astype(np.float64)
    value = float((total.sum(0) / count.sum(0)).mean())
    replicates = _replicates(total + np.stack(earned, axis=1), count, seed, resamples)
    widen = np.sqrt(groups / (groups - 1)) if groups > 1 else 1.0
    # An average cannot leave the range of what it averages; widening could.
    inside = (values[known].min(), values[known].max())
    replicates = np.clip(value + widen * (replicates - value), *inside)
    return Resampled(value=value, replicates=replicates, groups=groups, seed=seed)


def _credited(credits: Credits | None, stratum: int, groups: NDArray[np.int64]) -> F64 | float:
    """Return the credits of each group in a stratum, less their mean: they move no average.

    Each row's credit is one draw of what its group does to everybody, so the spread of the
    groups' sums holds the chance of the rows as well, which the rows' own figures bring along
    already. It is taken out once, as from a variance clustered two ways (Cameron, Gelbach &
    Miller 2011).
    """
    if credits is None:
        return 0.0
    place = np.searchsorted(groups, credits.group)
    here = groups[np.minimum(place, len(groups) - 1)] == credits.group
    if credits.stratum is not None:
        here &= credits.stratum == stratum
    earned = np.bincount(place[here], credits.amount[here], len(groups))
    centred: F64 = earned - earned.mean()
    spread, chance = float(centred @ centred), float((credits.amount[here] ** 2).sum())
    return centred * np.sqrt(1 - chance / spread) if spread > chance else 0.0


def bootstrap_statistic(
    statistic: Callable[[F64], F64],
    group: NDArray[np.int64],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Resampled:
    """Take a figure that is no average, and resample its groups with replacement.

    Parameters
    ----------
    statistic : what the rows come to, for each of r weightings of them: (r, q) to (r,). A row of
        weight 2 counts as two rows, one of weight 0 as absent
    group : (q,) which rows belong together: they get the same weight

    Returns
    -------
    Resampled. The replicates are shifted so that their mean is the figure on the data: a figure
    that is no average has a bias that resampling would double (Efron & Tibshirani 1993, ch. 10).
    They are drawn as `bootstrap_mean` draws them, so that the difference of two figures of the
    same groups can be taken.

    Raises
    ------
    ValueError
        If there is no row, or the figure is not finite on the data or on a resample.
    """
    _, member = np.unique(group, return_inverse=True)
    if not len(member):
        raise ValueError("no row to resample")
    groups = int(member.max()) + 1
    value = float(statistic(np.ones((1, len(group))))[0])
    drawn = [statistic(weight[:, member]) for weight in _weights(groups, seed, resamples)]
    replicates = np.concatenate(drawn)
    if not (np.isfinite(value) and np.isfinite(replicates).all()):
        raise ValueError("the figure is not defined on every resample")
    widen = np.sqrt(groups / (groups - 1)) if groups > 1 else 1.0
    replicates = value + widen * (replicates - replicates.mean())
    return Resampled(value=value, replicates=replicates, groups=groups, seed=seed)


def _replicates(total: F64, count: F64, seed: int, resamples: int) -> F64:
    """Return (resamples,) means over strata of resampled sums over resampled counts."""
    means = []
    for weight in _weights(len(total), seed, resamples):
        drawn = weight @ count
        # A resample may miss a small stratum entirely; the others then speak alone.
        with np.errstate(invalid="ignore"):
            ratio = np.where(drawn > 0, weight @ total / drawn, np.nan)
        means.append(np.nanmean(ratio, axis=1))
    return np.concatenate(means)


def _weights(groups: int, seed: int, resamples: int) -> Iterator[F64]:
    """Yield how often each group is drawn in each resample, (some resamples, groups)."""
    if groups * resamples <= WEIGHTS_PER_BLOCK:
        yield _small_weights(groups, seed, resamples)
        return
    rng = np.random.default_rng(seed)
    step = max(1, WEIGHTS_PER_BLOCK // groups)
    for start in range(0, resamples, step):
        yield _draw(rng, groups, min(step, resamples - start))


@lru_cache(maxsize=4)
def _small_weights(groups: int, seed: int, resamples: int) -> F64:
    """Keep the draws: every figure of one corpus asks for the same ones."""
    return _draw(np.random.default_rng(seed), groups, resamples)


def _draw(rng: np.random.Generator, groups: int, rows: int) -> F64:
    return rng.multinomial(groups, np.full(groups, 1 / groups), size=rows).astype(np.float64)
