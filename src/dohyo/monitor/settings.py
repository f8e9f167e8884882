"""How a watch is set: `WatchSettings`, kept beside its state."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, Self, get_args

from dohyo.errors import UsageError

Season = Literal["none", "weekday", "hour", "weekhour"]
Policy = Literal["notify", "propose", "auto-conservative"]
FIXED = ("every", "learn", "calibrate", "season", "extra", "seed")
"""What the statistics rest on: to change it is to learn anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """How a watch is set.

    Attributes
    ----------
    every : batches between false alarms on average, at least
    learn : batches that make the reference
    calibrate : further batches before the first is judged
    season : what may differ regularly and is no change: by weekday, by hour, or by both
    extra : names of live figures, each watched as a stream of its own
    seed : of ties and samples
    policy : what follows an alarm; "notify" only tells, "propose" also prepares a change for a
        person to approve, "auto-conservative" may also lower the strength by itself
    keep_days : what is known of single batches is kept so long; alarms are kept for ever
    reservoir : raw vectors of each modality that may be kept for explanations; 0 keeps none
    beat_seconds : usual time between batches; twice as long without one is an alarm. None: never
    most_refused : bad batches in a row that are an alarm
    most_rows : a batch with more rows in one modality is refused
    """

    every: float = 180.0
    learn: int = 10
    calibrate: int = 20
    season: Season = "none"
    extra: tuple[str, ...] = ()
    seed: int = 0
    policy: Policy = "propose"
    keep_days: float = 400.0
    reservoir: int = 0
    beat_seconds: float | None = 86_400.0
    most_refused: int = 3
    most_rows: int = 10_000_000

    def __post_init__(self) -> None:
        object.__setattr__(self, "extra", tuple(self.extra))
        least = {"every": 1, "learn": 1, "calibrate": 5, "keep_days": 1, "most_refused": 1}
        least |= {"reservoir": 0, "most_rows": 10, "seed": 0}
        for name, bound in least.items():
            value = getattr(self, name)
            if not isinstance(value, (int, float)) or not bound <= value < math.inf:
                raise UsageError(
                    f"A watch cannot have {name} {value!r}.", hint=f"Take {bound} or more."
                )
        beat = self.beat_seconds
        if beat is not None and (not isinstance(beat, (int, float)) or not 0 < beat < math.inf):
            raise UsageError(
                f"A watch cannot expect a batch every {beat!r} seconds.", hint="Take more than 0."
            )
        for name, known in (("season", get_args(Season)), ("policy", get_args(Policy))):
            if getattr(self, name) not in known:
                raise UsageError(
                    f"There is no {name} {getattr(self, name)!r}.",
                    hint=f"Choose one of: {', '.join(known)}.",
                )

    def to_json(self) -> str:
        """Return the settings as they are kept."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Return the usual settings but for those given.

        Raises
        ------
        UsageError
            If there is no such setting, or it makes no sense.
        """
        check_names(given)
        return cls(**given)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return kept settings; what another version kept beside them is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in json.loads(text).items() if name in known})

    def changed(self, name: str, given: Mapping[str, Any]) -> Self:
        """Return the settings of a watch that goes on with others.

        Parameters
        ----------
        name : of the watch, for the sentence
        given : only what was asked for

        Raises
        ------
        UsageError
            If that cannot change without learning anew.
        """
        check_names(given)
        after = replace(self, **given)
        for each in FIXED:
            before, now = getattr(self, each), getattr(after, each)
            if before != now:
                raise UsageError(
                    f"The watch {name} was begun with {each} {_shown(before)}, not {_shown(now)}, "
                    "and its promise rests on that.",
                    hint="Leave it as it was, learn anew (--anew), or take another name (--name).",
                )
        return after


def check_names(given: Mapping[str, Any]) -> None:
    """Refuse what is no setting of a watch."""
    known = [field.name for field in fields(WatchSettings)]
    for name in given:
        if name not in known:
            raise UsageError(
                f"A watch has no setting {name!r}.", hint=f"It has {', '.join(known)}."
            )


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
