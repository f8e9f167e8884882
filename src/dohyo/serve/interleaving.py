"""Which of two lists do people prefer: team-draft interleaving."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from dohyo.estimate import Estimate

Item = TypeVar("Item", bound=Hashable)
Z = 1.959963984540054


def team_draft(
    first: Sequence[Item], second: Sequence[Item], k: int, rng: np.random.Generator
) -> tuple[list[Item], str]:
    """Return one list of k items out of two, and for each which list put it there.

    In each round a coin says which side picks first, then each picks its best item that is not
    in the list yet: Radlinski, Kurup & Joachims 2008, algorithm 2.

    Returns
    -------
    The items, and a string with "r" (first, raw) or "c" (second, corrected) for each.
    """
    sides = {"r": list(first), "c": list(second)}
    chosen: list[Item] = []
    seen: set[Item] = set()
    teams = ""
    while len(chosen) < k:
        order = "rc" if rng.random() < 0.5 else "cr"
        before = len(chosen)
        for team in order:
            pick = next((item for item in sides[team] if item not in seen), None)
            if pick is not None and len(chosen) < k:
                chosen.append(pick)
                seen.add(pick)
                teams += team
        if len(chosen) == before:
            break
    return chosen, teams


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """What clicks on interleaved lists say.

    Attributes
    ----------
    corrected, raw, ties : searches in which that list's items got more clicks, or as many
    share : of the searches with a winner that the corrected list won; None without any
    """

    corrected: int
    raw: int
    ties: int
    share: Estimate | None

    def to_json(self) -> dict[str, Any]:
        """Return the counts and the share with its interval."""
        return {
            "corrected": self.corrected,
            "raw": self.raw,
            "ties": self.ties,
            "share": None if self.share is None else self.share.to_json(),
        }


def preference(won: Sequence[tuple[int, int]]) -> Preference:
    """Return the preference from the clicks on raw and on corrected items of each search.

    Parameters
    ----------
    won : for each search, clicks on what the raw list picked, and on what the corrected did
    """
    corrected = sum(after > before for before, after in won)
    raw = sum(after < before for before, after in won)
    return Preference(
        corrected=corrected,
        raw=raw,
        ties=len(won) - corrected - raw,
        share=share_of(corrected, corrected + raw) if corrected + raw else None,
    )


def share_of(count: int, n: int) -> Estimate:
    """Return a share with Wilson's 95 % interval (Wilson 1927)."""
    p, z2 = count / n, Z * Z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * np.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    low, high = float(max(0.0, centre - half)), float(min(1.0, centre + half))
    return Estimate(value=p, low=low, high=high, n=n, seed=0)
