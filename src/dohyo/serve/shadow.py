"""What the correction would have changed: sums by the hour, never a query or a list."""

import json
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dohyo.corpus import Modality
from dohyo.rollout.ledger import Ledger
from dohyo.search.answer import Answer

TOP = 10
Z = 1.959963984540054


def compared(
    modality: Modality, raw: Answer, corrected: Answer, raw_ms: float, corrected_ms: float
) -> dict[str, float]:
    """Return in what two answers to one query differ.

    Returns
    -------
    overlap : share of the first ten that both hold
    first_same : 1 where the first hit is the same
    cross_raw, cross_corrected : share of the other modality in the first ten
    raw_ms, corrected_ms : how long each took
    """
    lists = {"raw": raw.hits[:TOP], "corrected": corrected.hits[:TOP]}
    items = {name: [hit.item for hit in hits] for name, hits in lists.items()}
    most = max(1, *(len(each) for each in items.values()))
    both = len(set(items["raw"]) & set(items["corrected"]))
    cross = {
        name: sum(hit.modality != modality for hit in hits) / max(1, len(hits))
        for name, hits in lists.items()
    }
    return {
        "overlap": both / most,
        "first_same": float(items["raw"][:1] == items["corrected"][:1]),
        "cross_raw": cross["raw"],
        "cross_corrected": cross["corrected"],
        "raw_ms": raw_ms,
        "corrected_ms": corrected_ms,
    }


@dataclass
class Shadow:
    """Sums of what was compared, in memory until `flush` writes them."""

    ledger: Ledger
    _sums: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)

    def add(self, collection: str, of_map: str, figures: dict[str, float]) -> None:
        """Add one comparison."""
        hour = datetime.now(UTC).strftime("%Y-%m-%dT%H")
        held = self._sums.setdefault((collection, of_map, hour), {"n": 0})
        held["n"] += 1
        for name, value in figures.items():
            total, squares = held.get(name, (0.0, 0.0))
            held[name] = total + value, squares + value * value

    def flush(self) -> None:
        """Write the sums and begin anew."""
        if not self._sums:
            return
        held, self._sums = self._sums, {}
        with self.ledger.change():
            for key, sums in held.items():
                before = self.ledger.rows(
                    "SELECT sums FROM shadow WHERE collection = ? AND map = ? AND hour = ?", *key
                )
                total = _added(json.loads(before[0]["sums"]), sums) if before else sums
                self.ledger.rows(
                    "INSERT OR REPLACE INTO shadow VALUES (?, ?, ?, ?)", *key, json.dumps(total)
                )

    def figures(self, collection: str, of_map: str | None) -> dict[str, Any]:
        """Return means with 95 % intervals over everything that was compared under a map."""
        whole: dict[str, Any] = {"n": 0}
        for row in self._rows(collection, of_map):
            whole = _added(whole, json.loads(row["sums"]))
        return means(whole)

    def trend(self, collection: str, of_map: str | None) -> list[dict[str, Any]]:
        """Return the means hour by hour, the earliest first, of two weeks at most."""
        rows = self._rows(collection, of_map)[-24 * 14 :]
        return [{"hour": row["hour"], **means(json.loads(row["sums"]))} for row in rows]

    def _rows(self, collection: str, of_map: str | None) -> list[dict[str, Any]]:
        self.flush()
        return self.ledger.rows(
            "SELECT hour, sums FROM shadow WHERE collection = ? AND map = ? ORDER BY hour",
            *(collection, of_map or ""),
        )


def means(sums: dict[str, Any]) -> dict[str, Any]:
    """Return the mean of each figure with its normal 95 % interval, and how many there are."""
    n = sums["n"]
    found: dict[str, Any] = {"n": n}
    for name, (total, squares) in ((k, v) for k, v in sums.items() if k != "n"):
        mean = total / n
        spread = max(0.0, squares / n - mean * mean) * n / max(1, n - 1)
        half = Z * math.sqrt(spread / n)
        low, high = mean - half, mean + half
        if not name.endswith("_ms"):  # all else is a share, and no share lies beyond 0 and 1
            low, high = max(0.0, low), min(1.0, high)
        found[name] = {"value": mean, "low": low, "high": high, "n": n}
    return found


def _added(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    total: dict[str, Any] = {"n": first["n"] + second["n"]}
    for name in (first.keys() | second.keys()) - {"n"}:
        a, b = first.get(name, (0.0, 0.0)), second.get(name, (0.0, 0.0))
        total[name] = a[0] + b[0], a[1] + b[1]
    return total
