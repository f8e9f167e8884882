"""off → shadow → canary p % → on, for each collection: durable, audited, sticky by key."""

import hashlib
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from dohyo.rollout.ledger import Ledger
from dohyo.rollout.refusal import Refusal
from dohyo.rollout.roles import Caller

Stage = Literal["off", "shadow", "canary", "on"]
STAGES: tuple[Stage, ...] = get_args(Stage)
LONGEST_WHY = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """How far a correction is rolled out in one collection.

    Attributes
    ----------
    collection : its name
    stage : "off" answers raw; "shadow" too, and compares; "canary" corrects a share; "on" all
    percent : of the request keys that a canary corrects
    map : identity of the active map; None if there is none
    strength : at which the corrected copy was made
    interleave : share of the searches, 0 to 1, that get both lists in one to learn from clicks
    """

    collection: str
    stage: Stage = "off"
    percent: float = 0.0
    map: str | None = None
    strength: float = 1.0
    interleave: float = 0.0

    def corrects(self, key: str) -> bool:
        """Whether the answer to a request key is the corrected one; the same key, the same answer.

        A key that a canary of p % corrects stays corrected when p grows.
        """
        if self.stage == "canary":
            return part_of(key, self.collection) * 100 < self.percent
        return self.stage == "on"

    def interleaves(self, key: str) -> bool:
        """Whether the answer to a request key mixes both lists."""
        return self.stage != "off" and part_of(key, f"interleave {self.collection}") < (
            self.interleave
        )

    @property
    def share(self) -> float:
        """Percent of the request keys that are answered with the correction."""
        return {"canary": self.percent, "on": 100.0}.get(self.stage, 0.0)

    def exceeds(self, other: "Rollout") -> bool:
        """Whether anybody gets an answer of this one that the other one would not have given."""
        if self.stage == "off" or (self.share == 0 and self.interleave == 0):
            return False
        same = (self.map, self.strength) == (other.map, other.strength)
        mixed = self.interleave > (0.0 if other.stage == "off" else other.interleave)
        return not same or self.share > other.share or mixed

    def to_json(self) -> dict[str, Any]:
        """Return every field."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A change of a roll-out; None leaves a field as it is."""

    stage: Stage | None = None
    percent: float | None = None
    map: str | None = None
    strength: float | None = None
    interleave: float | None = None

    def applied(self, to: Rollout) -> Rollout:
        """Return a roll-out with this change made.

        A canary's percent belongs to it alone. Another map begins at "off": what was proved of
        the old one says nothing of the new one.

        Raises
        ------
        Refusal
            422 if it makes no sense.
        """
        asked = {name: value for name, value in asdict(self).items() if value is not None}
        other = "map" in asked and (asked["map"], asked.get("strength", to.strength)) != (
            to.map,
            to.strength,
        )
        if other and "stage" not in asked:
            asked["stage"] = "off"
        changed = replace(to, **asked)
        if changed.stage not in STAGES:
            raise senseless(f"There is no stage {changed.stage!r}.", ", ".join(STAGES))
        if not 0 <= changed.percent <= 100 or not 0 <= changed.interleave <= 1:
            raise senseless("A share is out of range.", "percent 0 to 100, interleave 0 to 1")
        if changed.stage == "canary" and changed.percent == 0:
            raise senseless("A canary of 0 % corrects nothing.", "percent above 0, or shadow")
        if changed.stage != "off" and changed.map is None:
            raise senseless("There is no map to roll out.", "activate a map first")
        return changed if changed.stage == "canary" else replace(changed, percent=0.0)


class Rollouts:
    """All roll-outs of a service, as the ledger holds them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._held: dict[str, Rollout] = {}
        self._version = -1

    def of(self, collection: str) -> Rollout:
        """Return the roll-out of a collection, read again when another process changed it."""
        version = self._ledger.version()
        if version != self._version:
            rows = self._ledger.rows("SELECT * FROM rollouts")
            self._held = {row["collection"]: Rollout(**row) for row in rows}
            self._version = version
        return self._held.get(collection) or Rollout(collection=collection)

    def change(
        self,
        collection: str,
        wanted: Wanted,
        by: Caller,
        why: str,
        *,
        action: str = "rollout",
        agreed: bool = False,
    ) -> Rollout:
        """Change a roll-out; durable, with its audit, when this returns.

        Returning to raw is anybody's who runs the service; everything else is an approver's.

        Parameters
        ----------
        agreed : whether it was proposed by one and approved by another, see `Proposals`, or is
            a return to what was agreed on before

        Raises
        ------
        Refusal
            403 if the role may not, 409 if four eyes are asked for and only two have seen it,
            422 if the change makes no sense.
        """
        to_raw = wanted == Wanted(stage="off")
        by.require("operator" if to_raw else "approver")
        check_why(why)
        with self._ledger.change():
            before = self.of(collection)
            after = wanted.applied(before)
            if not agreed and after.exceeds(before) and self.four_eyes:
                raise Refusal(
                    409,
                    "four_eyes",
                    "Two people must agree on this.",
                    hint="Propose it, and let somebody else approve.",
                )
            self._write(before, after, by, why, action)
        return after

    def lower(self, collection: str, strength: float, by: Caller, why: str) -> Rollout:
        """Weaken the correction and leave all else as it is, the map first of all; an operator's.

        This and the return to raw are all that a monitor may do by itself.

        Raises
        ------
        Refusal
            403; 422 if the strength is not above 0 and below the present one.
        """
        by.require("operator")
        check_why(why)
        with self._ledger.change():
            before = self.of(collection)
            if before.map is None or not 0 < strength < before.strength:
                raise senseless("That would not weaken the correction.", "a lower strength")
            after = replace(before, strength=strength)
            self._write(before, after, by, why, "lowered")
        return after

    @property
    def four_eyes(self) -> bool:
        """Whether nobody gets more of the correction unless two people agree."""
        found = self._ledger.rows("SELECT value FROM settings WHERE name = 'four_eyes'")
        return bool(found) and found[0]["value"] == "on"

    def set_four_eyes(self, wanted: bool, by: Caller, why: str) -> None:
        """Say whether two people must agree; an approver's, and giving it up needs a reason.

        Raises
        ------
        Refusal
            403, 422.
        """
        by.require("approver")
        check_why(why, needed=not wanted)
        with self._ledger.change():
            value = "on" if wanted else "off"
            self._ledger.rows("INSERT OR REPLACE INTO settings VALUES ('four_eyes', ?)", value)
            self._ledger.audit(by, f"four_eyes_{value}", "settings", why, {})

    def _write(self, before: Rollout, after: Rollout, by: Caller, why: str, action: str) -> None:
        self._ledger.rows(
            "INSERT OR REPLACE INTO rollouts VALUES (?, ?, ?, ?, ?, ?)",
            *(after.collection, after.stage, after.percent),
            *(after.map, after.strength, after.interleave),
        )
        detail = {"before": before.to_json(), "after": after.to_json()}
        self._ledger.audit(by, action, after.collection, why, detail)
        self._version = -1


def part_of(key: str, salt: str) -> float:
    """Return where in [0, 1) a key falls; salted, so that two questions are independent."""
    found = hashlib.blake2b(f"{salt}\0{key}".encode("utf-8", "surrogateescape"), digest_size=8)
    return int.from_bytes(found.digest()) / 2**64


def check_why(why: str, *, needed: bool = False) -> None:
    """Refuse a reason that is missing where one is needed, or of a book's length."""
    if needed and not why.strip():
        raise senseless("There is no reason.", "say why in a sentence")
    if len(why) > LONGEST_WHY:
        raise senseless("The reason is too long.", f"at most {LONGEST_WHY} characters")


def senseless(what: str, hint: str) -> Refusal:
    """Return the refusal of something that makes no sense."""
    return Refusal(422, "senseless", what, hint=f"Take {hint}.")
