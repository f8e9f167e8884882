"""Live figures that no vector shows: volume, what was refused, what people clicked."""

from dohyo.rollout.ledger import Ledger
from dohyo.serve.metrics import Metrics
from dohyo.serve.traffic import POPULATIONS, Population, Window

ROUTES: dict[Population, tuple[str, ...]] = {
    "queries": ("/v1/search", "/v1/search/picture"),
    "items": ("/v1/transform",),
}
WRONG = ("400", "413", "415", "422")
"""Statuses that say that the input was wrong; who was busy or not allowed says nothing of it."""
LEAST = 30
"""Requests, or searches with a winner, below which a share says nothing."""


class Live:
    """Reads figures of a window from what the service counts anyway."""

    def __init__(self, metrics: Metrics, ledger: Ledger, collection: str) -> None:
        self._metrics, self._ledger, self._collection = metrics, ledger, collection
        self._before = {population: self._counted(population) for population in POPULATIONS}

    def of(self, window: Window) -> dict[str, float]:
        """Return volume (requests an hour), refused and benefit (shares) since the last window."""
        population = window.population
        now, before = self._counted(population), self._before[population]
        self._before[population] = now
        total, wrong = (after - first for after, first in zip(now, before, strict=True))
        found = {"volume": total / window.hours}
        if total >= LEAST:
            found["refused"] = wrong / total
        if population == "queries":
            found |= self._benefit(window)
        return found

    def _counted(self, population: Population) -> tuple[float, float]:
        """Return requests so far, and those whose input was wrong."""
        counts = [
            (status, n)
            for (route, status), n in self._metrics.counts().items()
            if route in ROUTES[population]
        ]
        return sum(n for _, n in counts), sum(n for status, n in counts if status in WRONG)

    def _benefit(self, window: Window) -> dict[str, float]:
        """Return the share of interleaved searches that the corrected list won by clicks."""
        rows = self._ledger.rows(
            "SELECT SUM(won > 0) AS won, SUM(won != 0) AS n FROM (SELECT SUM(team = 'c') - "
            "SUM(team = 'r') AS won FROM feedback WHERE collection = ? AND arm = 'interleaved' "
            "AND kind = 'clicked' AND at >= ? AND at < ? GROUP BY search)",
            self._collection,
            *(each.isoformat(timespec="milliseconds") for each in (window.began, window.ended)),
        )
        n = rows[0]["n"] or 0
        return {"benefit": rows[0]["won"] / n} if n >= LEAST else {}
