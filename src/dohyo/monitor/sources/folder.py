"""A folder into which somebody puts one corpus a batch."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError, MissingExtra, UsageError
from dohyo.io.read import read
from dohyo.monitor.batch import Batch
from dohyo.monitor.plain import plain_id
from dohyo.monitor.sources.protocol import Known

SUFFIXES = frozenset(
    {".npz", ".parquet", ".arrow", ".feather", ".lance", ".csv", ".tsv", ".jsonl", ".ndjson"}
)
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart", ".inprogress")
"""A name with one of these in it is of a file that is still being written."""
SETTLED = 2.0
"""Seconds since a file last changed after which it is taken for whole."""
DATED = re.compile(
    r"(?<!\d)((?:19|20|21)\d{2})-?(\d{2})-?(\d{2})"
    r"(?:[T_ -]?(\d{2})(?:[-:h]?(\d{2})(?:[-:m]?(\d{2}))?)?Z?(?!\d))?"
)


@dataclass(eq=False, kw_only=True)
class FolderSource:
    """The files of a folder, each a batch.

    Its time is the date in its name, `2026-11-24` or `2026-11-24T13-00` (UTC), or else when it was
    last written. A file that has changed a moment ago, or is called like one that is being
    written, is left for the next look.

    Attributes
    ----------
    folder : where; folders in it are not entered, but a folder of Parquet or Lance is a batch
    pattern : of the names that count, as a shell writes it
    settled : seconds since a file last changed after which it is taken for whole
    now : seconds since 1970
    """

    folder: Path
    pattern: str = "*"
    settled: float = SETTLED
    now: Callable[[], float] = time.time
    waiting: bool = field(default=False, init=False)
    bookmark: bytes | None = field(default=None, init=False)
    _looks: dict[str, tuple[int, int]] = field(default_factory=dict, init=False)
    _done: set[str] = field(default_factory=set, init=False)
    _unpaired: bool = field(default=False, init=False)

    @property
    def name(self) -> str:
        """The folder's own."""
        return self.folder.resolve().name or "folder"

    def look(self, known: Known) -> Iterator[Batch]:
        """Yield every whole file that was not taken yet, by time and name.

        Raises
        ------
        UsageError
            If the folder cannot be read.
        """
        before, self._looks, self.waiting = self._looks, {}, False
        fresh = [path for path in self._files() if path.name not in self._done]
        for at, path in sorted((time_of(path), path) for path in fresh):
            id = plain_id(path.name)
            if known(id, at):
                self._done.add(path.name)
                continue
            shape = _shape(path)
            self._looks[path.name] = shape
            still = shape[1] > (self.now() - self.settled) * 1e9
            if _unfinished(path) or (still and before.get(path.name) != shape):
                self.waiting = True
                continue
            yield self._batch(path, id, at)

    def read(self, id: str) -> Batch | None:
        """Read a batch again; None where its file is gone or broken."""
        path = next((each for each in self._files() if plain_id(each.name) == id), None)
        found = None if path is None else self._batch(path, id, time_of(path))
        return None if found is None or found.why else found

    def _files(self) -> list[Path]:
        if not self.folder.is_dir():
            raise UsageError(f"The folder {self.folder} is gone.", hint="Bring it back.")
        try:
            return [
                path
                for path in self.folder.glob(self.pattern)
                if path.suffix.lower() in SUFFIXES and path.name[0] not in ".~"
            ]
        except OSError as error:
            raise UsageError(
                f"Cannot read {self.folder}: {error.strerror}.", hint="Check its permissions."
            ) from error

    def _batch(self, path: Path, id: str, at: datetime) -> Batch:
        try:
            return Batch.of(self._corpus(path), id=id, at=at)
        except MissingExtra:
            raise  # the file may be fine: it is not refused because something is not installed
        except Exception as error:  # whatever a stranger's file does to a library: it is counted
            return Batch(id=id, at=at, why=str(error) or type(error).__name__)

    def _corpus(self, path: Path) -> Corpus:
        """Read a file, its pairs too where it has some."""
        if self._unpaired:
            return read(path, unpaired=True)
        try:
            return read(path)
        except CorpusError:
            found = read(path, unpaired=True)
            self._unpaired = True  # the next ones will be alike: they are read once
            return found


def time_of(path: Path) -> datetime:
    """Return the time in a file's name, UTC, or else when it was last written."""
    for match in DATED.finditer(path.name):
        parts = [int(part or 0) for part in match.groups()]
        for known in (parts, parts[:3]):  # behind the date may stand another number
            try:
                return datetime(*known, tzinfo=UTC)  # type: ignore[arg-type, misc]
            except ValueError:
                continue
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.fromtimestamp(0, UTC)


def _shape(path: Path) -> tuple[int, int]:
    """Return bytes and the time of the last change (ns) of a file, or of all in a folder."""
    try:
        parts = [path, *path.rglob("*")] if path.is_dir() else [path]
        found = [part.stat() for part in parts]
    except FileNotFoundError:
        return -1, 2**62  # it is being moved at this moment
    return sum(each.st_size for each in found), max(each.st_mtime_ns for each in found)


def _unfinished(path: Path) -> bool:
    names = [path.name, *(part.name for part in path.iterdir())] if path.is_dir() else [path.name]
    return any(
        mark in name.lower() or name == "_temporary" for name in names for mark in UNFINISHED
    )
