"""Where finished parts of an embedding are kept, so that an interruption loses little."""

import re
import shutil
import zipfile
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dohyo.io.atomic import new_file
from dohyo.rows import F32, I64

NAME = re.compile(r"[0-9a-f]{64}\.npz|\.[0-9a-f]{64}\.npz\..+")
"""Files of a shelf, and the scratch folders that a killed run leaves beside them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """The vectors of some items that follow one another.

    Attributes
    ----------
    row : (k,) which of the part's items have a vector, ascending
    vector : (k, d) float32
    picture : (k, side, side, 3) uint8 thumbnails; None where none were asked for
    broken : why an item has none, by its place in the part
    """

    row: I64
    vector: F32
    picture: NDArray[np.uint8] | None = None
    broken: dict[int, str] = field(default_factory=dict)


class Shelf(Protocol):
    """Parts by a key that says all that went into them."""

    def get(self, key: str) -> Part | None:
        """Return a part, None if it is not there or damaged."""

    def put(self, key: str, part: Part) -> None:
        """Keep a part; after a crash it is there whole or not at all."""


class MemoryShelf:
    """Keeps parts as long as the process lives."""

    def __init__(self) -> None:
        self._parts: dict[str, Part] = {}

    def get(self, key: str) -> Part | None:
        """Return a part, None if it is not there."""
        return self._parts.get(key)

    def put(self, key: str, part: Part) -> None:
        """Keep a part."""
        self._parts[key] = part


@dataclass(frozen=True, slots=True)
class FolderShelf:
    """Keeps each part as a file of a folder."""

    folder: Path

    def get(self, key: str) -> Part | None:
        """Return a part, None if it is not there or damaged."""
        try:
            with np.load(self._file(key), allow_pickle=False) as held:
                return Part(
                    row=held["row"],
                    vector=held["vector"],
                    picture=held.get("picture"),
                    broken=dict(zip(held["broken"].tolist(), held["reason"].tolist(), strict=True)),
                )
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def put(self, key: str, part: Part) -> None:
        """Keep a part; after a crash it is there whole or not at all.

        Raises
        ------
        UsageError
            If the disk refuses.
        """
        held = {
            "row": part.row,
            "vector": part.vector,
            "broken": np.array(list(part.broken), np.int64),
            "reason": np.array(list(part.broken.values()), np.str_),
        }
        if part.picture is not None:
            held["picture"] = part.picture
        with new_file(self._file(key), overwrite=True) as draft, draft.open("wb") as handle:
            np.savez(handle, **held)  # type: ignore[arg-type]

    def clear(self) -> None:
        """Remove every part, and the folder unless something foreign is in it."""
        if not self.folder.is_dir():
            return
        for entry in [entry for entry in self.folder.iterdir() if NAME.fullmatch(entry.name)]:
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.npz"


def key_of(*facts: str) -> str:
    """Return the key of a part made from these facts; each one's own hash keeps the seams."""
    return sha256(b"".join(sha256(fact.encode()).digest() for fact in facts)).hexdigest()
