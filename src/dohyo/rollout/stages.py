"""off → shadow → canary p % → on, for each collection: durable, audited, sticky by key."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from dohyo.rollout.ledger import Ledger, now
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
            raise _senseless(f"There is no stage {changed.stage!r}.", ", ".join(STAGES))
        if not 0 <= changed.percent <= 100 or not 0 <= changed.interleave <= 1:
            raise _senseless("A share is out of range.", "percent 0 to 100, interleave 0 to 1")
        if changed.stage == "canary" and changed.percent == 0:
            raise _senseless("A canary of 0 % corrects nothing.", "percent above 0, or shadow")
        if changed.stage != "off" and changed.map is None:
            raise _senseless("There is no map to roll out.", "activate a map first")
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
        self, collection: str, wanted: Wanted, by: Caller, why: str, *, action: str = "rollout"
    ) -> Rollout:
        """Change a roll-out; durable, with its audit, when this returns.

        Returning to raw is anybody's who runs the service; everything else is an approver's.

        Raises
        ------
        Refusal
            403 if the role may not, 422 if the change makes no sense.
        """
        to_raw = wanted == Wanted(stage="off")
        by.require("operator" if to_raw else "approver")
        check_why(why)
        with self._ledger.change():
            before = self.of(collection)
            after = wanted.applied(before)
            self._ledger.rows(
                "INSERT OR REPLACE INTO rollouts VALUES (?, ?, ?, ?, ?, ?)",
                *(after.collection, after.stage, after.percent),
                *(after.map, after.strength, after.interleave),
            )
            detail = {"before": before.to_json(), "after": after.to_json()}
            self._ledger.audit(by, action, collection, why, detail)
        self._version = -1
        return after

    def propose(self, collection: str, wanted: Wanted, by: Caller, why: str) -> int:
        """Ask an approver for a change; return the proposal's number.

        Raises
        ------
        Refusal
            403, 422.
        """
        by.require("operator")
        check_why(why)
        wanted.applied(self.of(collection))
        asked = {name: value for name, value in asdict(wanted).items() if value is not None}
        with self._ledger.change():
            self._ledger.rows(
                "INSERT INTO proposals (at, by, collection, wanted, why) VALUES (?, ?, ?, ?, ?)",
                *(now(), by.name, collection, json.dumps(asked), why),
            )
            number: int = self._ledger.rows("SELECT last_insert_rowid() AS n")[0]["n"]
            self._ledger.audit(by, "proposed", collection, why, {"proposal": number} | asked)
        return number

    def proposals(self, *, only_open: bool = False) -> list[dict[str, Any]]:
        """Return the proposals, the latest first."""
        rows = self._ledger.rows("SELECT * FROM proposals ORDER BY number DESC LIMIT 200")
        return [
            row | {"wanted": json.loads(row["wanted"])}
            for row in rows
            if not only_open or row["state"] == "open"
        ]

    def decide(self, number: int, by: Caller, why: str, *, approve: bool) -> dict[str, Any]:
        """Approve a proposal, which carries it out, or reject it.

        Raises
        ------
        Refusal
            403, 404 if there is none, 409 if it was decided already.
        """
        by.require("approver")
        check_why(why, needed=not approve)
        with self._ledger.change():
            found = self._ledger.rows("SELECT * FROM proposals WHERE number = ?", number)
            if not found:
                raise Refusal(404, "no_proposal", "There is no such proposal.", hint="List them.")
            row = found[0]
            if row["state"] != "open":
                what = f"The proposal is {row['state']} already."
                raise Refusal(409, "decided", what, hint="Make a new one.")
            state = "approved" if approve else "rejected"
            self._ledger.rows(
                "UPDATE proposals SET state = ?, decided_at = ?, decided_by = ?, reason = ? "
                "WHERE number = ?",
                *(state, now(), by.name, why, number),
            )
            self._ledger.audit(by, state, row["collection"], why, {"proposal": number})
            if approve:
                wanted = Wanted(**json.loads(row["wanted"]))
                self.change(row["collection"], wanted, by, why or row["why"])
        return self._ledger.rows("SELECT * FROM proposals WHERE number = ?", number)[0]


def part_of(key: str, salt: str) -> float:
    """Return where in [0, 1) a key falls; salted, so that two questions are independent."""
    found = hashlib.blake2b(f"{salt}\0{key}".encode("utf-8", "surrogateescape"), digest_size=8)
    return int.from_bytes(found.digest()) / 2**64


def check_why(why: str, *, needed: bool = False) -> None:
    """Refuse a reason that is missing where one is needed, or of a book's length."""
    if needed and not why.strip():
        raise _senseless("There is no reason.", "say why in a sentence")
    if len(why) > LONGEST_WHY:
        raise _senseless("The reason is too long.", f"at most {LONGEST_WHY} characters")


def _senseless(what: str, hint: str) -> Refusal:
    return Refusal(422, "senseless", what, hint=f"Take {hint}.")
