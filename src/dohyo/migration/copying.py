"""Make one collection the corrected copy of another, from whatever state it is in.

Nothing is remembered between runs: each pass reads the raw rows, asks the copy for the same keys
and writes those that are not as they must be. So a run that was killed anywhere is finished by
the next one, and rows that changed meanwhile are brought up to date.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Modality
from dohyo.errors import StoreError
from dohyo.migration.correction import Correction, chosen
from dohyo.migration.tally import Tally, written
from dohyo.progress import Progress, silent
from dohyo.stores.protocol import Id, Rows, Store

PASSES = 6
"""After so many, a collection that is still different each time is refused."""
EXACT = 1e-6
"""What the float32 arithmetic of the same row in another batch may differ by."""
COARSEST = 4e-3
"""A store may round what it keeps (half precision: 5e-4 of a unit vector), but not by more."""
EXAMPLES = 5
"""Keys of skipped rows that are named."""
STEPS = 50
"""Progress is told about so often in a pass: of millions of rows, nobody reads every batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy that was found to be whole.

    Attributes
    ----------
    raw : rows of the raw collection, as read in the last pass
    verified : rows of the copy, got by the keys of the raw ones and compared one by one with
        what they must be
    found : rows of the copy, scanned whole; equals `verified`
    kinds : how many of each modality
    written : rows written in this run
    removed : rows removed, whose raw one is gone
    skipped : rows left out, which have no direction, with the first of their keys
    passes : over the raw collection
    """

    raw: Tally
    verified: Tally
    found: Tally
    kinds: dict[Modality, int]
    written: int
    removed: int
    skipped: int
    skipped_ids: tuple[Id, ...]
    passes: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """What to copy, and how.

    Attributes
    ----------
    source, target : collections of the store; both exist
    correction : from rows of the one to rows of the other
    batch : rows that travel at once
    """

    store: Store
    source: str
    target: str
    correction: Correction
    batch: int
    progress: Progress = silent


@dataclass(slots=True, kw_only=True)
class _Pass:
    """What one pass over the raw rows has seen so far.

    Attributes
    ----------
    tolerance : how far the store rounds what it keeps
    example : one of the rows written
    """

    tolerance: float
    raw: Tally = field(default_factory=Tally)
    verified: Tally = field(default_factory=Tally)
    kinds: Counter[Modality] = field(default_factory=Counter)
    written: int = 0
    example: Id | None = None
    skipped: int = 0
    skipped_ids: tuple[Id, ...] = ()


def copy(job: Job) -> Copied:
    """Make the target the corrected copy of the source, and verify that it is.

    Returns
    -------
    What was verified: a pass that found every row as it must be, and a scan of the copy with the
    same number of rows and the same checksum.

    Raises
    ------
    StoreError
        If the store fails, a row cannot be corrected, or the collection keeps changing while it
        is read.
    """
    empty = job.store.describe(job.target).rows == 0
    sent, removed, tolerance = 0, 0, EXACT
    for number in range(1, PASSES + 1):
        last = _pass(job, tolerance, empty, "migrate_copy" if number == 1 else "migrate_compare")
        empty, tolerance = False, last.tolerance
        sent += last.written
        if number > 1 and job.store.describe(job.target).rows < last.raw.rows - last.skipped:
            _refuse_doubles(job)
        if last.written:
            continue
        found = _tally(job, last.verified.rows)
        if found == last.verified and job.store.describe(job.source).rows == last.raw.rows:
            return Copied(
                raw=last.raw,
                verified=last.verified,
                found=found,
                kinds={modality: last.kinds[modality] for modality in MODALITIES},
                written=sent,
                removed=removed,
                skipped=last.skipped,
                skipped_ids=last.skipped_ids,
                passes=number,
            )
        gone = _sweep(job)
        removed += gone
    example = "" if last.example is None else f", the last time row {last.example!r}"
    raise StoreError(
        f"{job.source} changed while it was read, {PASSES} times over{example}; nothing was "
        "switched.",
        hint="Pause what writes to it and run the same command again; only what differs is copied.",
    )


def _pass(job: Job, tolerance: float, empty: bool, what: str) -> _Pass:
    """Read every raw row, and write those that the copy lacks or holds otherwise.

    Parameters
    ----------
    empty : whether there is nothing in the copy to ask for
    """
    seen = _Pass(tolerance=tolerance)
    tell = Seldom(job.progress, what, job.store.describe(job.source).rows)
    for rows in job.store.scan(job.source, size=job.batch):
        wanted = job.correction(rows)
        there = chosen(wanted.rows, ()) if empty else _there(job, wanted.rows.ids)
        differing = _differing(wanted.rows, there, seen.tolerance)
        if len(set(rows.ids)) < len(rows):
            _refuse_doubles(job)
        if len(differing):
            fresh = chosen(wanted.rows, differing)
            job.store.upsert(job.target, fresh)
            if not seen.written:
                seen.tolerance = max(tolerance, _rounding(job, fresh))
            seen.example = fresh.ids[0]
            seen.written += len(fresh)
        else:
            seen.verified = seen.verified.and_rows(there)
        seen.raw = seen.raw.and_rows(rows)
        seen.kinds.update(wanted.kinds)
        seen.skipped += len(wanted.skipped)
        seen.skipped_ids = (*seen.skipped_ids, *wanted.skipped)[:EXAMPLES]
        tell(seen.raw.rows)
    return seen


def _refuse_doubles(job: Job) -> None:
    """Refuse a collection that holds several rows under one key; some databases let them in."""
    count: Counter[Id] = Counter()
    for part in job.store.scan(job.source, size=job.batch):
        count.update(part.ids)
    doubles = [key for key, times in count.items() if times > 1]
    if doubles:
        raise StoreError(
            f"{job.source} holds {count.total():,} rows under {len(count):,} keys; "
            f"{doubles[0]!r} is the first that comes {count[doubles[0]]} times.",
            hint="Every row needs a key of its own: remove the doubles, or name another field "
            "with --id-field.",
        )


def _there(job: Job, ids: tuple[Id, ...]) -> Rows:
    """Return the rows whose key the copy holds once, and remove those that it holds more often.

    A database without unique keys can let two programs insert the same one.
    """
    found = job.store.get(job.target, ids)
    often = {key for key, count in Counter(found.ids).items() if count > 1}
    if not often:
        return found
    job.store.delete(job.target, sorted(often, key=str))
    return chosen(found, [at for at, key in enumerate(found.ids) if key not in often])


def _differing(wanted: Rows, there: Rows, tolerance: float) -> NDArray[np.int64]:
    """Return the places of rows that the copy lacks, or holds otherwise."""
    place = {key: at for at, key in enumerate(there.ids)}
    at = np.array([place.get(key, -1) for key in wanted.ids], np.int64)
    same = at >= 0
    if same.any():
        far = np.abs(there.vectors[at[same]] - wanted.vectors[same]).max(axis=1)
        same[same] = far <= tolerance  # NaN in the copy is no such thing
    for row in np.flatnonzero(same):
        mine, its = wanted.payload[row], there.payload[at[row]]
        same[row] = mine == its or written(mine) == written(its)
    return np.flatnonzero(~same)


def _rounding(job: Job, fresh: Rows) -> float:
    """Return how far the store rounds, from rows that were just written to it."""
    kept = job.store.get(job.target, fresh.ids)
    place = {key: at for at, key in enumerate(kept.ids)}
    missing = next((key for key in fresh.ids if key not in place), None)
    if missing is not None:
        raise StoreError(
            f"{job.target} was sent row {missing!r} and does not return it.",
            hint="Check that nothing else writes to it, and run the same command again.",
        )
    off = float(np.abs(kept.vectors[[place[key] for key in fresh.ids]] - fresh.vectors).max())
    if not off <= COARSEST:
        raise StoreError(
            f"{job.target} changes the vectors that it is sent, by up to {off:.2g}.",
            hint="It must keep them as they are, in float16 at the least.",
        )
    return 0.0 if off <= EXACT else 2 * off


def _tally(job: Job, rows: int) -> Tally:
    """Count and sum up the whole copy."""
    tell = Seldom(job.progress, "migrate_count", rows)
    found = Tally()
    for part in job.store.scan(job.target, size=job.batch):
        found = found.and_rows(part)
        tell(found.rows)
    return found


def _sweep(job: Job) -> int:
    """Remove rows of the copy whose raw row is gone, or has become one to skip."""
    gone: list[Id] = []
    for part in job.store.scan(job.target, size=job.batch):
        kept = set(job.correction(job.store.get(job.source, part.ids)).rows.ids)
        gone += [key for key in part.ids if key not in kept]
    for start in range(0, len(gone), job.batch):  # after the scan, which deletions might upset
        job.store.delete(job.target, gone[start : start + job.batch])
    return len(gone)


@dataclass(slots=True)
class Seldom:
    """Tells progress a bounded number of times."""

    progress: Progress
    what: str
    total: int
    said: int = -1

    def __call__(self, done: int) -> None:
        """Say how many rows are done, if it is worth saying."""
        step = done * STEPS // max(self.total, 1)
        if step != self.said:
            self.said = step
            self.progress(min(done, self.total), self.total, self.what)
