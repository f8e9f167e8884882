"""How large a gap may be, as a pipeline states it."""

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dohyo.errors import CorpusError, UsageError
from dohyo.estimate import Estimate
from dohyo.measures.profile import Profile
from dohyo.measures.registry import MEASURES

Side = Literal["max", "min"]
Standing = Literal["within", "crossing", "past"]
SIDES: tuple[Side, Side] = ("max", "min")
ALIASES = {
    "rmg": "relative_modality_gap",
    "centroid": "centroid_distance",
    "frechet": "frechet_distance",
    "energy": "energy_distance",
    "sinkhorn": "sinkhorn_divergence",
    "separability": "linear_separability",
    "auc": "linear_separability_auc",
    "silhouette": "silhouette_by_modality",
    "own_kind": "same_modality_share",
    "signal": "pairing_signal",
}
"""Short names that a limit may use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The largest or smallest figure that is allowed.

    Attributes
    ----------
    measure : full name of the measure
    side : "max" or "min"
    at : the figure
    """

    measure: str
    side: Side
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A limit and the figure that was held against it.

    Attributes
    ----------
    standing : "past" when the whole interval lies past the limit, "crossing" when a part of it
        does, so that the data leave it open, "within" otherwise
    """

    limit: Limit
    estimate: Estimate
    standing: Standing

    def to_json(self) -> dict[str, Any]:
        """Return the limit, the figure and the standing, flat."""
        own = {
            "measure": self.limit.measure,
            "side": self.limit.side,
            "limit": self.limit.at,
            "standing": self.standing,
        }
        return own | self.estimate.to_json()


def limit(side: Side, name: str, at: object) -> Limit:
    """Return a limit, its name and figure checked.

    Raises
    ------
    UsageError
        If there is no such measure, or it cannot take such a figure.
    """
    measure = ALIASES.get(name, name)
    if measure not in MEASURES:
        near = difflib.get_close_matches(name, [*MEASURES, *ALIASES], n=3)
        known = near or list(MEASURES)
        raise UsageError(f"There is no measure {name}.", hint=f"Choose among {', '.join(known)}.")
    try:
        figure = math.nan if isinstance(at, bool) else float(str(at))
    except ValueError:
        figure = math.nan
    low, high = MEASURES[measure].range
    if not (math.isfinite(figure) and low <= figure <= high):
        ends = f"{low:g} to {high:g}" if math.isfinite(high) else f"{low:g} upwards"
        raise UsageError(f"{at} is no limit for {measure}.", hint=f"Its figures go from {ends}.")
    return Limit(measure=measure, side=side, at=figure)


def from_tables(document: Mapping[str, Any], *, source: str) -> tuple[Limit, ...]:
    """Return the limits of the tables [max] and [min].

    Raises
    ------
    UsageError
        If there is anything else, or a limit is none.
    """
    for key, table in document.items():
        if key not in SIDES or not isinstance(table, Mapping):
            raise UsageError(
                f"{source} holds {key}, which is no table of limits.",
                hint="Write limits under [max] and [min].",
            )
    return tuple(
        limit(side, name, at) for side in SIDES for name, at in document.get(side, {}).items()
    )


def check(profile: Profile, limits: tuple[Limit, ...]) -> tuple[Checked, ...]:
    """Hold a profile against limits.

    Raises
    ------
    CorpusError
        If the profile has no figure for a limit: a check that cannot be made has not passed.
    """
    return tuple(_check(profile, each) for each in limits)


def _check(profile: Profile, each: Limit) -> Checked:
    estimate = profile.estimates.get(each.measure)
    if estimate is None:
        why = profile.absent.get(each.measure, "The profile does not hold it.")
        raise CorpusError(
            f"{each.measure} cannot be checked: {why}", hint="Drop this limit or give such data."
        )
    # Both ends measured as how far they lie past the limit, whichever side that is.
    ends = (estimate.low, estimate.high)
    past = [end - each.at if each.side == "max" else each.at - end for end in ends]
    standing: Standing = "past" if min(past) > 0 else "crossing" if max(past) > 0 else "within"
    return Checked(limit=each, estimate=estimate, standing=standing)
