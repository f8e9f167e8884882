"""Watch batches as they come: `Monitor.update`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dohyo.corpus import MODALITIES
from dohyo.errors import UsageError
from dohyo.monitor.detector import Detector
from dohyo.monitor.gathered import Gathered
from dohyo.monitor.ranks import Ranks
from dohyo.monitor.reference import Learning, Reference
from dohyo.monitor.saved import packed, unpacked
from dohyo.monitor.seasons import SEASONS, Season, season_of
from dohyo.monitor.streams import STREAMS, values_of

LEAST_ROWS = 10
MOST_SEASONS = 1_000
Phase = Literal["learning", "calibrating", "watching", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something has changed.

    Attributes
    ----------
    stream : what shows it most, see `dohyo.monitor.streams.STREAMS`, or a figure's name
    share : of the evidence that this stream holds
    began, earliest, latest : judged batches ago; 1 is the latest batch
    blamed : (stream, share of the evidence) of the eight with most, most first
    """

    stream: str
    share: float
    began: int
    earliest: int
    latest: int
    blamed: tuple[tuple[str, float], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return every field."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one batch was to the monitor.

    Attributes
    ----------
    number : of the batch, from 1, refused ones included
    phase : "learning" the reference, "calibrating" what is usual, both a warm-up in which nothing
        is judged; "watching"; or "refused"
    why : it was refused; empty otherwise
    evidence : that something has changed; an alarm where it reaches the promise
    values : of each stream that the batch has; empty while learning
    alarm : None where there is none
    """

    number: int
    phase: Phase
    why: str = ""
    evidence: float = 0.0
    values: dict[str, float] = field(default_factory=dict)
    alarm: Alarm | None = None

    def to_json(self) -> dict[str, Any]:
        """Return every field."""
        return asdict(self)


class Monitor:
    """Notices when the data is no longer what it was.

    The first `learn` batches make the reference, the next `calibrate` say what is usual, and then
    every batch is judged. Nothing is assumed of the distribution: where batches, less what is
    usual in their season, are exchangeable, false alarms are at least `every` judged batches
    apart on average; `dohyo.monitor.ranks.Ranks` says where that is exact and where near. After
    an alarm it calibrates anew, so that one change is told once.

    Parameters
    ----------
    every : judged batches between false alarms on average, at least
    learn : batches that make the reference, of which sums are kept and no rows
    calibrate : values of a stream before the first is judged; and three of the season at hand
    season : whose usual values are learned: "weekday", "hour", both ("weekhour") or "none"
    extra : names of live figures that are watched too, see `dohyo.monitor.streams.FIGURES`
    seed : of the ties, and of the samples of large batches

    Raises
    ------
    UsageError
        If a parameter is out of range.
    """

    def __init__(
        self,
        *,
        every: float = 180.0,
        learn: int = 10,
        calibrate: int = 20,
        season: Season = "none",
        extra: tuple[str, ...] = (),
        seed: int = 0,
    ) -> None:
        if not 1 <= every < np.inf or learn < 1 or calibrate < 5:
            raise UsageError(
                f"Cannot promise {every:g} batches after {learn} and {calibrate}.",
                hint="Take 1 batch or more between false alarms, 1 to learn, 5 to calibrate.",
            )
        if season not in SEASONS:
            raise UsageError(f"{season!r} is no season.", hint=f"Name one of {', '.join(SEASONS)}.")
        if len({*STREAMS, *extra}) < len(STREAMS) + len(extra):
            raise UsageError(
                f"{', '.join(extra)}: a name is taken.", hint="Give every live figure its own."
            )
        self._every, self._learn, self._calibrate = every, learn, calibrate
        self._season: Season = season
        self._extra, self._seed = tuple(extra), seed
        self._rng = np.random.default_rng(seed)
        self._learning: Learning | None = Learning()
        self._reference: Reference | None = None
        self._ranks: dict[str, Ranks] = {}
        self._seasons: list[str] = []
        self._detector = Detector(every, self.streams)
        self._number = 0
        self._dimension: int | None = None

    @property
    def every(self) -> float:
        """Judged batches between false alarms that were promised."""
        return self._every

    @property
    def number(self) -> int:
        """Batches so far, refused ones included."""
        return self._number

    @property
    def season(self) -> Season:
        """Whose usual values are learned."""
        return self._season

    @property
    def streams(self) -> tuple[str, ...]:
        """All that is watched, by name."""
        return (*STREAMS, *self._extra)

    @property
    def reference(self) -> Reference | None:
        """What batches are compared to; None while it is being learned."""
        return self._reference

    @property
    def evidence(self) -> float:
        """That something has changed, after the last batch."""
        return self._detector.evidence

    @property
    def warming(self) -> int:
        """Good batches until the first is judged, at least; 0 while watching."""
        held = max((len(ranks.values) for ranks in self._ranks.values()), default=0)
        learned = self._learn if self._learning is None else self._learning.batches
        return self._learn - learned + max(0, self._calibrate - held)

    def gather(self) -> Gathered:
        """Return an empty place in which to gather the next batch, bit by bit."""
        return Gathered(seed=self._seed + self._number)

    def update(
        self,
        images: ArrayLike | None,
        texts: ArrayLike | None,
        *,
        at: datetime | None = None,
        season: str = "",
        figures: Mapping[str, float] | None = None,
    ) -> Seen:
        """Take in one batch; a bad one is refused, counted, and changes nothing.

        Parameters
        ----------
        images, texts : (n, d) and (m, d) floats, as the encoder made them, not corrected; None
            for a batch of one modality, whose streams alone are then judged
        at : when the batch was made, which gives its season
        season : the season by another name, such as that of a sale
        figures : live figures by name; one that was not declared, or is not finite, is not watched
        """
        gathered = self.gather()
        for side, given in zip(MODALITIES, (images, texts), strict=True):
            if given is None:
                continue
            rows = np.asanyarray(given)
            why = gathered.add(side, rows)
            if not why and len(rows) < LEAST_ROWS:
                why = f"{len(rows)} {side}s are fewer than {LEAST_ROWS}"
            if why:
                return self.refuse(self._wrong_dimension(side, rows) or why)
        return self.judge(gathered, at=at, season=season, figures=figures)

    def judge(
        self,
        gathered: Gathered,
        *,
        at: datetime | None = None,
        season: str = "",
        figures: Mapping[str, float] | None = None,
    ) -> Seen:
        """Take in a batch that was gathered bit by bit, like `update`.

        Raises
        ------
        UsageError
            If there are seasons, and neither a time nor a season is given.
        """
        if self._season != "none" and not season:
            if at is None:
                raise UsageError(
                    f"A batch without a time has no {self._season}.",
                    hint="Give the time at which it was made, or its season.",
                )
            season = season_of(at, self._season)
        if season not in self._seasons and len(self._seasons) == MOST_SEASONS:
            raise UsageError(
                f"{season!r} would be the {MOST_SEASONS + 1}st season.",
                hint="Name seasons that come again, three times at least.",
            )
        live = {
            name: float(value)
            for name, value in ({} if figures is None else figures).items()
            if name in self._extra and np.isfinite(value)
        }
        why = self._unusable(gathered, live)
        if why:
            return self.refuse(why)
        self._number += 1
        if gathered.modalities:
            self._dimension = gathered.dimension
        if self._reference is None:
            return self._learned(gathered)
        return self._judged(values_of(gathered, self._reference) | live, season)

    def refuse(self, why: str) -> Seen:
        """Count a batch that cannot be used or could not even be read; it changes nothing."""
        self._number += 1
        return Seen(number=self._number, phase="refused", why=why)

    def effects(self) -> Mapping[str, Mapping[str, float]]:
        """Return for each stream how far each season's usual value is from the mean of them all.

        Learned from the values that are held; a season with fewer than three is left out, and so
        is a stream that has none.
        """
        found = {
            name: {self._seasons[code]: away for code, away in ranks.effects().items()}
            for name, ranks in self._ranks.items()
        }
        return {name: each for name, each in found.items() if each}

    def save(self) -> bytes:
        """Return all of it as bytes: safetensors, no code, less than 20 MB at 512 dimensions."""
        arrays: dict[str, NDArray[Any]] = {}
        parts = {"detector": self._detector.arrays()}
        if self._learning is not None:
            parts["learning"] = self._learning.sums
        if self._reference is not None:
            parts["reference"] = self._reference.arrays()
        for part, held in parts.items():
            arrays |= {f"{part}.{name}": array for name, array in held.items()}
        for name, ranks in self._ranks.items():
            arrays |= {f"values.{name}": ranks.values, f"codes.{name}": ranks.codes}
        meta = {
            "every": self._every,
            "learn": self._learn,
            "calibrate": self._calibrate,
            "season": self._season,
            "extra": self._extra,
            "seed": self._seed,
            "streams": self.streams,
            "number": self._number,
            "dimension": self._dimension,
            "seasons": self._seasons,
            "learned": None if self._learning is None else self._learning.batches,
            "rng": self._rng.bit_generator.state,
        }
        return packed(meta, arrays)

    @classmethod
    def load(cls, data: bytes) -> "Monitor":
        """Return the monitor that was saved; it goes on bit for bit as the old one would have.

        Raises
        ------
        UsageError
            If these bytes are no saved monitor, damaged, or of another version.
        """
        meta, arrays = unpacked(data)
        options = ("every", "learn", "calibrate", "season", "seed")
        try:
            found = cls(extra=tuple(meta["extra"]), **{name: meta[name] for name in options})
            if tuple(meta["streams"]) != found.streams:
                raise ValueError("other streams")
            found._take_up(meta, arrays)
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(
                "This monitor watches other things than this version of dohyo.",
                hint="Load it with the version that saved it, or begin a new one.",
            ) from error
        return found

    def _take_up(self, meta: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        def part(name: str) -> dict[str, NDArray[Any]]:
            start = f"{name}."
            return {k.removeprefix(start): v for k, v in arrays.items() if k.startswith(start)}

        self._number, self._dimension = meta["number"], meta["dimension"]
        self._seasons = list(meta["seasons"])
        self._rng.bit_generator.state = meta["rng"]
        self._detector.restore(part("detector"))
        self._learning = None
        if meta["learned"] is None:
            self._reference = Reference.of(part("reference"))
        else:
            self._learning = Learning(batches=meta["learned"], sums=part("learning"))
        values, codes = part("values"), part("codes")
        # In the order of the streams: ties are drawn in it.
        self._ranks = {
            name: Ranks(self._calibrate, values[name], codes[name])
            for name in self.streams
            if name in values
        }

    def _learned(self, gathered: Gathered) -> Seen:
        if self._learning is not None and gathered.modalities:
            self._learning.add(gathered)
            if self._learning.batches == self._learn:
                self._reference, self._learning = self._learning.reference(), None
        return Seen(number=self._number, phase="learning")

    def _judged(self, values: dict[str, float], season: str) -> Seen:
        if season not in self._seasons:
            self._seasons.append(season)
        code = self._seasons.index(season)
        places = {}
        for name in self.streams:
            if name not in values:
                continue
            ranks = self._ranks.setdefault(name, Ranks(self._calibrate))
            place = ranks.place(values[name], self._rng, code)
            if place is not None:
                places[name] = place
        if not places:
            return Seen(number=self._number, phase="calibrating", values=values)
        loud = self._detector.update(places)
        evidence = self._detector.evidence
        return Seen(
            number=self._number,
            phase="watching",
            evidence=evidence,
            values=values,
            alarm=self._alarm() if loud else None,
        )

    def _alarm(self) -> Alarm:
        """Return the alarm, and begin anew: what it is now becomes usual."""
        blamed = self._detector.blamed()
        began, earliest, latest = self._detector.started()
        self._detector.reset()
        self._ranks.clear()
        return Alarm(
            stream=blamed[0][0],
            share=blamed[0][1],
            began=began,
            earliest=earliest,
            latest=latest,
            blamed=blamed,
        )

    def _unusable(self, gathered: Gathered, live: Mapping[str, float]) -> str:
        """Return why a batch cannot be used; empty where it can."""
        for side in gathered.modalities:
            if gathered.rows(side) < LEAST_ROWS:
                return f"{gathered.rows(side)} {side}s are fewer than {LEAST_ROWS}"
            if self._dimension not in (None, gathered.dimension):
                return f"the {side}s have {gathered.dimension} dimensions, not {self._dimension}"
        return "" if gathered.modalities or live else "there are neither images nor texts"

    def _wrong_dimension(self, side: str, rows: NDArray[Any]) -> str:
        if rows.ndim != 2 or self._dimension in (None, rows.shape[1]):
            return ""
        return f"the {side}s have {rows.shape[1]} dimensions, not {self._dimension}"
