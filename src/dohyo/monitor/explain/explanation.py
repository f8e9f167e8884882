"""What an explanation of an alarm holds."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self

from dohyo.corpus import Modality
from dohyo.estimate import Estimate

Kind = Literal["label", "source"]
Standing = Literal["more", "fewer", "new", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How far one modality has moved.

    Attributes
    ----------
    modality : which
    share : of the evidence that its own streams hold; None if that is not known
    n_before, n_after : rows compared
    distance : between the two means of unit rows, in [0, 2]
    distance_z : standard errors by which its square exceeds what chance would make it, as if rows
        were drawn one by one
    spread_before, spread_after : mean squared distance from the mean, in [0, 1]
    spread_z : their difference in standard errors
    """

    modality: Modality
    share: float | None
    n_before: int
    n_after: int
    distance: float
    distance_z: float
    spread_before: float
    spread_after: float
    spread_z: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """How one modality has moved along one direction.

    Attributes
    ----------
    modality : which
    name : "gap", or "wide_1" to "wide_4", the widest first
    by : of its mean, in standard deviations of before
    by_z : in standard errors
    width : standard deviation after over that before
    width_z : logarithm of that in standard errors, as of a normal distribution
    """

    modality: Modality
    name: str
    by: float
    by_z: float
    width: float
    width_z: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How the share of a label or of a source has changed.

    Attributes
    ----------
    kind, name : of what
    standing : "more", "fewer", "new" (never seen before) or "gone" (not seen since)
    before, after : share of the items, 0 to 1
    low, high : 95 % interval of after − before (Newcombe 1998, method 10), of this one alone
    p : two-sided, corrected for all that were compared (Holm)
    """

    kind: Kind
    name: str
    standing: Standing
    before: float
    after: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One item.

    Attributes
    ----------
    caption, label, source : None where unknown
    picture : data URI of a thumbnail, or None
    along : how far it lies along the change, in standard deviations of the items of before
    cosine : to the new item that it is shown beside; None for that one itself
    """

    caption: str | None
    label: str | None
    source: str | None
    picture: str | None
    along: float
    cosine: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A typical new item, and the old ones nearest to it."""

    modality: Modality
    new: Shown
    old: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A retrieval figure before and after, each in a collection of so many pairs.

    Attributes
    ----------
    name : "recall_at_1" or "mixed_ndcg_at_10"
    before, after, change : with 95 % intervals; the two sets of pairs are independent
    corrected : whether under the served map; raw otherwise
    """

    name: str
    before: Estimate
    after: Estimate
    change: Estimate
    corrected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What has changed.

    Attributes
    ----------
    kind : of the alarm: "drift", "encoder", "silence" or "refused"; "canary" where that noticed
        another encoder
    batches : that the change is seen in
    since : id of the first of them; None if it is not known
    moved, components, shares : the largest first; only what stands out of chance among the last
        two, at the level of 1 % for all together
    compared : labels and sources that were compared
    examples : typical new items
    figures : of retrieval; empty where no pairs are known
    notes : codes of what could not be said, and why; see `explain.note` in the words
    """

    kind: str
    batches: int
    since: str | None
    moved: tuple[Moved, ...] = ()
    components: tuple[Component, ...] = ()
    shares: tuple[Share, ...] = ()
    compared: int = 0
    examples: tuple[Example, ...] = ()
    figures: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return every field."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Return what `to_json` told."""
        return cls(
            **{
                **told,
                "moved": _each(Moved, told["moved"]),
                "components": _each(Component, told["components"]),
                "shares": _each(Share, told["shares"]),
                "notes": tuple(told["notes"]),
                "examples": tuple(
                    Example(
                        modality=each["modality"],
                        new=Shown(**each["new"]),
                        old=_each(Shown, each["old"]),
                    )
                    for each in told["examples"]
                ),
                "figures": tuple(_figure(each) for each in told["figures"]),
            }
        )


def _figure(told: Mapping[str, Any]) -> Figure:
    names = [each.name for each in fields(Estimate)]
    parts = {
        name: Estimate(**{key: told[name][key] for key in names})
        for name in ("before", "after", "change")
    }
    return Figure(name=told["name"], corrected=told["corrected"], **parts)


def _each(of: type[Any], told: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    return tuple(of(**each) for each in told)
