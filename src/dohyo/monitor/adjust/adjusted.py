"""What came of following up an alarm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Self

from dohyo.decision.reason import Reason
from dohyo.words import Words

Outcome = Literal[
    "notified", "waiting", "too_few", "kept", "proposed", "proposed_raw", "encoder", "left"
]
BySelf = Literal["lowered", "returned"]


@dataclass(frozen=True, eq=False, slots=True)
class Told:
    """One sentence, to be said in any language.

    Attributes
    ----------
    code : key in the words' `adjust` table
    values : what its placeholders stand for; `method` is a recipe's label
    reasons : of the decision, that the sentence names
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()

    def say(self, words: Words) -> str:
        """Return the sentence."""
        spoken = dict(self.values)
        if "method" in spoken:
            spoken["method"] = words.name(spoken["method"])
        spoken["reasons"] = " ".join(reason.say(words) for reason in self.reasons)
        return words(f"adjust.{self.code}", **spoken)

    def to_json(self) -> dict[str, Any]:
        """Return every field."""
        told = [reason.to_json() for reason in self.reasons]
        return {"code": self.code, "values": dict(self.values), "reasons": told}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Return what `to_json` told."""
        reasons = tuple(Reason(each["code"], each["values"]) for each in told["reasons"])
        return cls(told["code"], told["values"], reasons)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Adjusted:
    """What came of it.

    Attributes
    ----------
    outcome : "notified", as the policy wants no more; "waiting" for more data, to be tried again;
        "too_few" when it gave up waiting; "kept", as the map in service still holds; "proposed"
        a new map; "proposed_raw", to return to raw; "encoder", as another one made the batches and
        nothing is corrected; "left", as nothing is in service and no map helps
    why : in sentences
    proposal : its number; None where there is none
    by_itself : what "auto-conservative" did at once; None for nothing
    groups, needed : since the change, and how many would decide; None where that is not the point
    contest : figures of new against old; None where nothing was compared
    report : folder within the state's folder; None where there is none
    copy : of the collection, see `Shop.copy`; "none" where no store is known
    """

    outcome: Outcome
    why: Sequence[Told]
    proposal: int | None = None
    by_itself: BySelf | None = None
    groups: int | None = None
    needed: int | None = None
    contest: Mapping[str, Any] | None = None
    report: str | None = None
    copy: str = "none"

    def say(self, words: Words) -> str:
        """Return why, in sentences."""
        return " ".join(each.say(words) for each in self.why)

    def to_json(self) -> dict[str, Any]:
        """Return every field."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        return plain | {"why": [each.to_json() for each in self.why]}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Return what `to_json` told."""
        why = tuple(Told.from_json(each) for each in told["why"])
        return cls(**{**told, "why": why})
