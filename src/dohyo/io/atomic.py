"""Write under a temporary name, then rename: nothing is ever half-written."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dohyo.errors import UsageError

DISK_REFUSES = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG, errno.EIO}
    | {errno.ENOTDIR, errno.EEXIST}  # a file stands where a folder is needed
)


@contextmanager
def new_file(target: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield a path to write to; it becomes `target` when the block ends without an error.

    Raises
    ------
    UsageError
        If the file is in the way, or the disk refuses.
    """
    check_file(target, overwrite=overwrite)
    with _room_beside(target) as room:
        draft = room / target.name
        with _told(target):
            yield draft
            _flush(draft)
            os.replace(draft, target)


@contextmanager
def new_folder(
    target: Path, *, overwrite: bool = False, ours: frozenset[str] = frozenset()
) -> Iterator[Path]:
    """Yield an empty folder to fill; it becomes `target` when the block ends without an error.

    Parameters
    ----------
    overwrite : whether an existing folder may be replaced
    ours : names that such a folder may hold; one with any other name in it is never replaced

    Raises
    ------
    UsageError
        If something is in the way, or the disk refuses.
    """
    check_folder(target, overwrite=overwrite, ours=ours)
    with _room_beside(target) as room:
        draft, old = room / "new", room / "old"
        with _told(target):
            draft.mkdir()
            yield draft
            for file in draft.rglob("*"):
                if file.is_file():
                    _flush(file)
            if target.exists():
                os.replace(target, old)
            try:
                os.replace(draft, target)
            except OSError:
                if old.exists():
                    os.replace(old, target)
                raise


def check_file(target: Path, *, overwrite: bool) -> None:
    """Refuse a file that is in the way, before any long work begins.

    Raises
    ------
    UsageError
        If `target` is a folder, or exists and `overwrite` is false.
    """
    if target.is_dir():
        raise UsageError(f"{target} is a folder.", hint="Name a file.")
    if target.exists() and not overwrite:
        raise UsageError(
            f"{target} exists already.", hint="Choose another name or add --overwrite."
        )


def check_folder(target: Path, *, overwrite: bool, ours: frozenset[str] = frozenset()) -> None:
    """Refuse a folder that is in the way, before any long work begins.

    Raises
    ------
    UsageError
        If `target` is a file or the current folder, or has something in it that may not go.
    """
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file, not a folder.", hint="Choose another name.")
    if not target.is_dir():
        return
    if target.samefile(Path.cwd()):
        raise UsageError(
            f"{target} is the folder you are in.", hint="Name a new folder, for example ./out."
        )
    held = sorted(entry.name for entry in target.iterdir())
    foreign = [name for name in held if name not in ours]
    if overwrite and foreign:
        raise UsageError(
            f"{target} holds {foreign[0]}, which dohyo did not write there.",
            hint="Choose another folder; --overwrite replaces only dohyo's own.",
        )
    if held and not overwrite:
        raise UsageError(
            f"{target} exists and is not empty.", hint="Choose another folder or add --overwrite."
        )


@contextmanager
def _room_beside(target: Path) -> Iterator[Path]:
    """Yield a scratch folder on the same disk, where a rename is atomic; remove it afterwards."""
    with _told(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in DISK_REFUSES:
            raise
        raise UsageError(
            f"Cannot write {target}: {error.strerror or error}.",
            hint="Check the disk's space and the folder's permissions; nothing was written.",
        ) from error


def _flush(file: Path) -> None:
    """Put the bytes on the disk, or a crash after the rename could leave an empty file."""
    with file.open("rb") as handle:
        os.fsync(handle.fileno())
