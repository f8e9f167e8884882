"""What people clicked and judged, credited to the list that showed it to them."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from dohyo.rollout.ledger import Ledger, now
from dohyo.rollout.refusal import Refusal
from dohyo.serve.interleaving import Preference, preference, share_of

KEEP = "INSERT OR IGNORE INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING 1"
LONGEST = 1_024
MARK = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a search showed, as its identifier carries it.

    Attributes
    ----------
    nonce : tells this search from all others
    collection : that was searched
    arm : "raw", "corrected" or "interleaved"
    team : for each rank, "r" or "c": the list that put it there
    """

    nonce: str
    collection: str
    arm: str
    team: str


class Feedback:
    """Signs what was shown, so that nobody can credit a click to a list of his choice.

    The identifier carries everything: the service remembers no search, and a restart forgets none.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._key = ledger.secret("feedback", secrets.token_bytes(32))

    def identifier(self, collection: str, arm: str, team: str) -> str:
        """Return the identifier of a new search."""
        shown = [secrets.token_hex(8), collection, arm, team]
        plain = json.dumps(shown, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._sign(plain) + plain).decode().rstrip("=")

    def shown(self, identifier: str) -> Shown:
        """Return what an identifier says.

        Raises
        ------
        Refusal
            400 if this service did not sign it.
        """
        try:
            if len(identifier) > LONGEST:
                raise ValueError
            padded = identifier + "=" * (-len(identifier) % 4)
            whole = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
            mark, plain = whole[:MARK], whole[MARK:]
            if not hmac.compare_digest(mark, self._sign(plain)):
                raise ValueError
            nonce, collection, arm, team = json.loads(plain)
        except ValueError as error:
            raise Refusal(
                400,
                "bad_search",
                "No search of this service has that identifier.",
                hint="Send the `search` of an answer.",
            ) from error
        return Shown(nonce=nonce, collection=collection, arm=arm, team=team)

    def take(self, identifier: str, clicked: list[int], judged: dict[int, float]) -> int:
        """Keep clicks and judgements; return how many were new.

        The same click twice counts once, so a page may send it again when it got no answer.

        Raises
        ------
        Refusal
            400 if a rank was not shown.
        """
        shown = self.shown(identifier)
        ranks = {*clicked, *judged}
        if any(not 1 <= rank <= len(shown.team) for rank in ranks):
            raise Refusal(
                400, "bad_rank", "A rank was not shown.", hint=f"Send 1 to {len(shown.team)}."
            )
        at, new = now(), 0
        entries: list[tuple[int, str, float | None]] = [(rank, "clicked", None) for rank in clicked]
        entries += [(rank, "judged", grade) for rank, grade in judged.items()]
        with self._ledger.change():
            for rank, kind, grade in entries:
                new += len(
                    self._ledger.rows(
                        KEEP,
                        *(shown.nonce, rank, kind, shown.collection),
                        *(shown.arm, shown.team[rank - 1], grade, at),
                    )
                )
        return new

    def benefit(self, collection: str) -> dict[str, Any]:
        """Return what feedback says of the corrected list against the raw one."""
        return {
            "interleaved": self.preferred(collection).to_json(),
            "judged": self._judged(collection),
        }

    def preferred(self, collection: str) -> Preference:
        """Return which list people click, from interleaved answers alone."""
        rows = self._ledger.rows(
            "SELECT SUM(team = 'r') AS raw, SUM(team = 'c') AS corrected FROM feedback "
            "WHERE collection = ? AND arm = 'interleaved' AND kind = 'clicked' GROUP BY search",
            collection,
        )
        return preference([(row["raw"], row["corrected"]) for row in rows])

    def _judged(self, collection: str) -> dict[str, Any]:
        rows = self._ledger.rows(
            "SELECT team, COUNT(*) AS n, SUM(grade > 0) AS relevant FROM feedback "
            "WHERE collection = ? AND kind = 'judged' GROUP BY team",
            collection,
        )
        names = {"r": "raw", "c": "corrected"}
        return {names[row["team"]]: share_of(row["relevant"], row["n"]).to_json() for row in rows}

    def _sign(self, plain: bytes) -> bytes:
        return hmac.new(self._key, plain, hashlib.sha256).digest()[:MARK]
