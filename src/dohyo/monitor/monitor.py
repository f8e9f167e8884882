"""Watch batches as they come: `Monitor.update`."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from dohyo.corpus import MODALITIES, Modality
from dohyo.errors import UsageError
from dohyo.monitor.detector import Detector
from dohyo.monitor.ranks import Ranks
from dohyo.monitor.reference import Reference
from dohyo.monitor.streams import STREAMS, values_of
from dohyo.rows import F32, has_direction, unit_rows

LEAST_ROWS = 10
Phase = Literal["learning", "calibrating", "watching", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something has changed.

    Attributes
    ----------
    stream : what shows it most, see `dohyo.monitor.streams.STREAMS`
    share : of the evidence that this stream holds
    began, earliest, latest : batches ago; 1 is the latest batch
    """

    stream: str
    share: float
    began: int
    earliest: int
    latest: int

    def to_json(self) -> dict[str, Any]:
        """Return every field."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one batch was to the monitor.

    Attributes
    ----------
    number : of the batch, from 1, refused ones included
    phase : "learning" the reference, "calibrating" what is usual, "watching"; or "refused"
    why : it was refused; empty otherwise
    evidence : that something has changed; an alarm where it reaches the promise
    values : of each stream; empty while learning
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

    The first `learn` batches make the reference, the next `calibrate` of each season say what is
    usual, and then every batch is judged. Nothing is assumed of the distribution: where batches
    of one season are exchangeable, false alarms are at least `every` batches apart on average.
    After an alarm it calibrates anew, so that one change is told once.

    Parameters
    ----------
    every : batches between false alarms on average, at least
    learn : batches that make the reference; their rows are kept until then, and no longer
    calibrate : batches of each season before the first is judged
    seed : of the ties

    Raises
    ------
    UsageError
        If a parameter is out of range.
    """

    def __init__(
        self, *, every: float = 180.0, learn: int = 10, calibrate: int = 20, seed: int = 0
    ) -> None:
        if every < 1 or learn < 1 or calibrate < 5:
            raise UsageError(
                f"Cannot promise {every:g} batches after {learn} and {calibrate}.",
                hint="Take 1 batch or more between false alarms, 1 to learn, 5 to calibrate.",
            )
        self._learn, self._calibrate = learn, calibrate
        self._rng = np.random.default_rng(seed)
        self._first: list[dict[Modality, F32]] = []
        self._reference: Reference | None = None
        self._ranks: dict[tuple[str, str], Ranks] = {}
        self._detector = Detector(every, STREAMS)
        self._number = 0
        self._dimension: int | None = None

    def update(self, images: ArrayLike, texts: ArrayLike, *, season: str = "") -> Seen:
        """Take in one batch; a bad one is refused, counted, and changes nothing.

        Parameters
        ----------
        images, texts : (n, d) and (m, d) floats, as the encoder made them, not corrected
        season : what must be compared with its like alone, such as the weekday
        """
        self._number += 1
        sides: dict[Modality, F32] = {}
        for side, given in zip(MODALITIES, (images, texts), strict=True):
            rows = np.asarray(given)
            why = self._refused(rows, side)
            if why:
                return Seen(number=self._number, phase="refused", why=why)
            sides[side] = rows.astype(np.float32)
        if sides["image"].shape[1] != sides["text"].shape[1]:
            why = "the two sides have different dimensions"
            return Seen(number=self._number, phase="refused", why=why)
        self._dimension = sides["image"].shape[1]
        unit = {side: unit_rows(rows) for side, rows in sides.items()}
        if self._reference is None:
            return self._learning(unit)
        lengths = {side: np.linalg.norm(rows, axis=1) for side, rows in sides.items()}
        return self._judged(values_of(unit, lengths, self._reference), season)

    def refuse(self, why: str) -> Seen:
        """Count a batch that could not even be read; it changes nothing."""
        self._number += 1
        return Seen(number=self._number, phase="refused", why=why)

    def _learning(self, unit: dict[Modality, F32]) -> Seen:
        self._first.append(unit)
        if len(self._first) == self._learn:
            self._reference = Reference.of(self._first)
            self._first = []
        return Seen(number=self._number, phase="learning")

    def _judged(self, values: dict[str, float], season: str) -> Seen:
        places = {}
        for name, value in values.items():
            ranks = self._ranks.setdefault((name, season), Ranks(self._calibrate))
            place = ranks.place(value, self._rng)
            if place is not None:
                places[name] = place
        if not places:
            return Seen(number=self._number, phase="calibrating", values=values)
        loud = self._detector.update(places)
        evidence = self._detector.evidence
        alarm = None
        if loud:
            (stream, share), (began, earliest, latest) = (
                self._detector.blamed(),
                self._detector.started(),
            )
            alarm = Alarm(stream=stream, share=share, began=began, earliest=earliest, latest=latest)
            self._detector.reset()
            self._ranks.clear()  # what it is now becomes usual: one change, one alarm
        return Seen(
            number=self._number, phase="watching", evidence=evidence, values=values, alarm=alarm
        )

    def _refused(self, rows: np.ndarray, side: str) -> str:
        """Return why a side cannot be used; empty where it can."""
        if rows.ndim != 2 or rows.dtype.kind != "f":
            return f"the {side}s are no matrix of floats"
        if len(rows) < LEAST_ROWS:
            return f"{len(rows)} {side}s are fewer than {LEAST_ROWS}"
        if self._dimension not in (None, rows.shape[1]):
            return f"the {side}s have {rows.shape[1]} dimensions, not {self._dimension}"
        if not has_direction(unit_rows(rows.astype(np.float32))).all():
            return f"a row of the {side}s holds NaN, infinity or only zeros"
        return ""
