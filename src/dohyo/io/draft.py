"""Work that is finished in part, kept beside what it will become until it is whole."""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from dohyo.errors import DohyoError, Interrupted, UsageError
from dohyo.io.atomic import DISK_REFUSES, new_file

FACTS, LOCK, DONE = "facts.json", "lock", "done"
SYNCED, SEALS = "synced.json", "seals"
"""What tells finished work: how many rows of a file are on the disk; finished files of a folder."""
OURS = frozenset({FACTS, LOCK, DONE})
SEEN_BYTES = 1 << 20
"""Of the beginning and the end of a source: enough to know it by, with its size and time."""

Facts = Mapping[str, Any]
"""All that the bytes of an outcome depend on, in the types of JSON."""


def parts_of(target: Path) -> Path:
    """Return where the finished parts of a file or folder are kept."""
    return target.with_name(f"{target.name}.parts")


@contextmanager
def open_draft(target: Path, facts: Facts) -> Iterator[Path]:
    """Yield a folder for finished parts of `target`: an earlier run's with the same facts, or new.

    It goes when the block ends well, and where nothing in it is finished. It stays when the
    process is killed, interrupted by hand, or the disk refuses; finished files of a folder also
    when the block refuses another one. Rows of a single file that is refused go: it will change.

    Raises
    ------
    Interrupted
        For Ctrl-C, where something is finished.
    UsageError
        If somebody else works at the same target, a foreign folder is in the way, or the disk
        refuses.
    """
    folder = parts_of(target)
    _refuse_foreign(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder, target):
            yield _begin(folder, facts)
        shutil.rmtree(folder, ignore_errors=True)
    except _Busy:
        raise
    except KeyboardInterrupt as error:
        if _dropped_if_empty(folder):
            raise
        raise Interrupted(
            f"Interrupted; what is finished is kept in {folder}.",
            hint="Run the same command again to go on.",
        ) from error
    except (OSError, DohyoError) as error:
        refusal = error if isinstance(error, OSError) else error.__cause__
        if not isinstance(refusal, OSError) or refusal.errno not in DISK_REFUSES:
            if isinstance(error, DohyoError) and (folder / DONE / SEALS).is_dir():
                told = f"{error.hint} Finished files are kept in {folder}."
                raise type(error)(error.what, hint=told) from error
            shutil.rmtree(folder, ignore_errors=True)
            raise
        hint = "Check the disk's space and the folder's permissions; nothing was written."
        if not _dropped_if_empty(folder):
            hint = (
                f"What is finished is kept in {folder}: make room, and run the same command again."
            )
        raise UsageError(
            f"Cannot write {target}: {refusal.strerror or refusal}.", hint=hint
        ) from error


def stamp(source: Path) -> dict[str, Any]:
    """Return by what a file is known again: size, time of the last change, both its ends' hash.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    held = source.stat()
    ends = sha256()
    with source.open("rb") as file:
        ends.update(file.read(SEEN_BYTES))
        file.seek(max(0, held.st_size - SEEN_BYTES))
        ends.update(file.read(SEEN_BYTES))
    return {"bytes": held.st_size, "changed": held.st_mtime_ns, "ends": ends.hexdigest()}


def keep(file: Path, document: Facts) -> None:
    """Write a small document, whole or not at all."""
    with new_file(file, overwrite=True) as draft:
        draft.write_text(json.dumps(document, sort_keys=True))


def kept(file: Path) -> dict[str, Any]:
    """Return what `keep` wrote; empty if it is not there, or is something else."""
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _refuse_foreign(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is in the way.", hint="Move it, or choose another OUT.")
    foreign = sorted(e.name for e in folder.iterdir()) if folder.is_dir() else []
    # A killed run may leave the scratch folder of a small document.
    foreign = [name for name in foreign if name not in OURS and not name.startswith(".")]
    if foreign:
        raise UsageError(
            f"{folder} holds {foreign[0]}, which dohyo did not write there.",
            hint="Move it, or choose another OUT.",
        )


def _dropped_if_empty(folder: Path) -> bool:
    """Remove a draft in which nothing is finished; return whether that was so."""
    if any((folder / DONE / name).exists() for name in (SYNCED, SEALS)):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True


def _begin(folder: Path, facts: Facts) -> Path:
    done = folder / DONE
    if kept(folder / FACTS) != json.loads(json.dumps(facts)):
        shutil.rmtree(done, ignore_errors=True)
        keep(folder / FACTS, facts)
    done.mkdir(exist_ok=True)
    return done


@contextmanager
def _locked(folder: Path, target: Path) -> Iterator[None]:
    """Let one process alone work at a draft; the system takes the lock from a dead one."""
    with (folder / LOCK).open("w") as file:
        _lock(file, target)
        yield


def _lock(file: IO[str], target: Path) -> None:
    if sys.platform == "win32":  # pragma: no cover
        return
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise _Busy(
            f"Another dohyo is writing {target}.", hint="Wait for it, or choose another OUT."
        ) from error


class _Busy(UsageError):
    """The draft is somebody else's: nothing of it may go."""


def into_place(draft: Path, target: Path) -> None:
    """Put a whole file on the disk, and where it belongs."""
    with draft.open("rb") as handle:
        os.fsync(handle.fileno())
    os.replace(draft, target)
