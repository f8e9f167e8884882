"""A change that waits for people: proposed, approved, rejected, put off, under four eyes or two."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from dohyo.rollout.ledger import Ledger, now
from dohyo.rollout.refusal import Refusal
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import Rollouts, Wanted, check_why, senseless

MONITOR = Caller("monitor", "operator")
"""By whom a monitor's proposals are; an operator may propose, and may not approve."""
LONGEST_SNOOZE = timedelta(days=366)


class Proposals:
    """All proposals of a ledger.

    Where four eyes are asked for (`Rollouts.four_eyes`), nobody approves what he proposed
    himself, and what a monitor proposed needs two approvers of different names.
    """

    def __init__(self, ledger: Ledger, rollouts: Rollouts) -> None:
        self._ledger, self._rollouts = ledger, rollouts

    def propose(
        self,
        collection: str,
        wanted: Wanted,
        by: Caller,
        why: str,
        *,
        alarm: int | None = None,
        report: str | None = None,
    ) -> int:
        """Ask an approver for a change; return the proposal's number.

        Parameters
        ----------
        alarm : that it answers; an alarm has one proposal at most, and its number is returned
        report : folder with the proof, within the state's folder

        Raises
        ------
        Refusal
            403, 422.
        """
        by.require("operator")
        check_why(why)
        asked = _asked(wanted)
        with self._ledger.change():
            before = self._rollouts.of(collection)
            wanted.applied(before)
            if alarm is not None and (there := self.of_alarm(alarm)) is not None:
                return int(there["number"])
            self._ledger.rows(
                "INSERT INTO proposals (at, by, collection, wanted, why, alarm, report, before) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                *(now(), by.name, collection, json.dumps(asked), why, alarm, report),
                json.dumps(before.to_json()),
            )
            number: int = self._ledger.rows("SELECT last_insert_rowid() AS n")[0]["n"]
            told = {"proposal": number} | asked | ({} if alarm is None else {"alarm": alarm})
            self._ledger.audit(by, "proposed", collection, why, told)
        return number

    def listed(self, *, only_open: bool = False) -> list[dict[str, Any]]:
        """Return the proposals, the latest first; `state` is "snoozed" until that time is over.

        Each row has `wanted` as a dict, `approvals` (who, at, why) and how many are `needed`.

        Parameters
        ----------
        only_open : those alone that wait for somebody now
        """
        rows = self._ledger.rows("SELECT * FROM proposals ORDER BY number DESC LIMIT 200")
        shown = [self._shown(row) for row in rows]
        return [row for row in shown if not only_open or row["state"] == "open"]

    def one(self, number: int) -> dict[str, Any]:
        """Return a proposal as `listed` does.

        Raises
        ------
        Refusal
            404.
        """
        found = self._ledger.rows("SELECT * FROM proposals WHERE number = ?", number)
        if not found:
            raise Refusal(404, "no_proposal", "There is no such proposal.", hint="List them.")
        return self._shown(found[0])

    def of_alarm(self, alarm: int) -> dict[str, Any] | None:
        """Return the proposal that answers an alarm."""
        found = self._ledger.rows("SELECT * FROM proposals WHERE alarm = ?", alarm)
        return self._shown(found[0]) if found else None

    def decide(self, number: int, by: Caller, why: str, *, approve: bool) -> dict[str, Any]:
        """Approve a proposal, or reject it for a reason.

        The last approval that is needed carries it out; until then its state stays "open".

        Raises
        ------
        Refusal
            403; 404 if there is none; 409 if it was decided already, if these eyes have seen it
            already, or if the roll-out is no longer what the proposal was about.
        """
        by.require("approver")
        check_why(why, needed=not approve)
        with self._ledger.change():
            row = self._undecided(number)
            if not approve:
                self._settle(row, "rejected", by, why)
                return self.one(number)
            self._check_eyes(row, by)
            self._check_ground(row)
            self._ledger.rows(
                "INSERT OR IGNORE INTO approvals VALUES (?, ?, ?, ?)", number, by.name, now(), why
            )
            if len(self._approvals(number)) < row["needed"]:
                told = {"proposal": number, "needed": row["needed"]}
                self._ledger.audit(by, "approved_first", row["collection"], why, told)
                return self.one(number)
            self._settle(row, "approved", by, why)
            wanted = Wanted(**row["wanted"])
            self._rollouts.change(row["collection"], wanted, by, why or row["why"], agreed=True)
        return self.one(number)

    def snooze(self, number: int, until: datetime, by: Caller, why: str = "") -> dict[str, Any]:
        """Put a proposal off; it comes back by itself. An operator's.

        Raises
        ------
        Refusal
            403, 404; 409 if it was decided already; 422 if that is not ahead, or beyond a year.
        """
        by.require("operator")
        check_why(why)
        ahead = until - datetime.now(UTC)
        if not timedelta(0) < ahead <= LONGEST_SNOOZE:
            raise senseless("That is no time to put it off to.", "a time within a year")
        with self._ledger.change():
            row = self._undecided(number)
            shown = until.astimezone(UTC).isoformat(timespec="milliseconds")
            self._ledger.rows(
                "UPDATE proposals SET snoozed_until = ? WHERE number = ?", shown, number
            )
            told = {"proposal": number, "until": shown}
            self._ledger.audit(by, "snoozed", row["collection"], why, told)
        return self.one(number)

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        wanted = json.loads(row["wanted"])
        by_monitor = row["by"] == MONITOR.name
        shown = row | {
            "wanted": wanted,
            "before": None if row["before"] is None else json.loads(row["before"]),
            "approvals": self._approvals(row["number"]),
            "needed": 2 if by_monitor and self._rollouts.four_eyes else 1,
        }
        until = row["snoozed_until"]
        if row["state"] == "open" and until is not None and until > now():
            shown["state"] = "snoozed"
        return shown

    def _approvals(self, number: int) -> list[dict[str, Any]]:
        return self._ledger.rows(
            "SELECT who, at, why FROM approvals WHERE proposal = ? ORDER BY at", number
        )

    def _undecided(self, number: int) -> dict[str, Any]:
        row = self.one(number)
        if row["state"] not in ("open", "snoozed"):
            what = f"The proposal is {row['state']} already."
            raise Refusal(409, "decided", what, hint="Make a new one.")
        return row

    def _check_eyes(self, row: dict[str, Any], by: Caller) -> None:
        if not self._rollouts.four_eyes:
            return
        seen = {_name(row["by"]), *(_name(each["who"]) for each in row["approvals"])}
        if _name(by.name) in seen:
            raise Refusal(
                409,
                "four_eyes",
                f"{by.name} has proposed or approved this already.",
                hint="Somebody else must approve.",
            )

    def _check_ground(self, row: dict[str, Any]) -> None:
        """Refuse what was proposed for a roll-out that is another one by now.

        Another map's proof is none of this one's; and a proposal that names a map also says how
        far it goes, which holds for the stage that it was made at: who has returned to raw since
        must not find the correction on again.
        """
        before, wanted = row["before"], row["wanted"]
        if before is None or wanted == {"stage": "off"}:
            return
        now_ = self._rollouts.of(row["collection"]).to_json()
        fields = ("map", "strength", *(("stage",) if "map" in wanted else ()))
        if any(before[name] != now_[name] for name in fields):
            raise Refusal(
                409,
                "changed",
                "The roll-out is no longer what this was proposed for.",
                hint="Reject it; activate the map and roll it out step by step if it is wanted.",
            )

    def _settle(self, row: dict[str, Any], state: str, by: Caller, why: str) -> None:
        self._ledger.rows(
            "UPDATE proposals SET state = ?, decided_at = ?, decided_by = ?, reason = ? "
            "WHERE number = ?",
            *(state, now(), by.name, why, row["number"]),
        )
        told = {"proposal": row["number"]}
        self._ledger.audit(by, state, row["collection"], why, told)


def _asked(wanted: Wanted) -> dict[str, Any]:
    return {name: value for name, value in asdict(wanted).items() if value is not None}


def _name(who: str) -> str:
    return who.strip().casefold()
