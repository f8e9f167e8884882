"""What is kept of a canary: its vectors as a file of the state, the last check in the ledger."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError, UsageError
from dohyo.io.npz import read_npz, write_npz
from dohyo.monitor import book
from dohyo.rollout.ledger import Ledger

FOLDER = "canaries"
FIGURE = "canary_recall"
"""The live figure that a check gives to the next batch, see `dohyo.monitor.streams.FIGURES`."""
ANEW = "Take it anew, and the watch with it (--anew)."
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The row of a canary.

    Attributes
    ----------
    source : where its items come from, as the user named it
    digest : of them
    file : hash of the file that holds the vectors
    encoder : name of the encoder at the last check
    began, checked : when it was stored, and encoded last
    result : of the last check, see `dohyo.monitor.canary.CanaryFound.to_json`
    """

    source: str
    digest: str
    file: str
    encoder: str
    began: datetime
    checked: datetime
    result: Mapping[str, Any]

    @property
    def recall(self) -> float:
        """Recall@1 at the last check, the mean of both ways."""
        ways = [each["after"]["value"] for each in self.result["recall"].values()]
        return float(sum(ways) / len(ways))

    def to_json(self) -> dict[str, Any]:
        """Return source, encoder, times and the result."""
        return {
            "source": self.source,
            "encoder": self.encoder,
            "began": book.written(self.began),
            "checked": book.written(self.checked),
            "result": dict(self.result),
        }


def file_of(ledger: Ledger, watch: str) -> Path:
    """Return where the vectors of a watch's canary are kept, whatever the watch is called."""
    name = watch
    if not _SAFE.fullmatch(watch):
        name = f"watch-{hashlib.sha256(watch.encode()).hexdigest()[:16]}"
    return ledger.path.parent / FOLDER / f"{name}.npz"


def read_kept(ledger: Ledger, watch: str) -> Kept | None:
    """Return what the ledger holds of a watch's canary; None where it has none."""
    found = ledger.rows("SELECT * FROM canaries WHERE watch = ?", watch)
    if not found:
        return None
    row = found[0]
    del row["watch"]
    times = {name: datetime.fromisoformat(row[name]) for name in ("began", "checked")}
    return Kept(**(row | times | {"result": json.loads(row["result"])}))


def write_kept(ledger: Ledger, watch: str, kept: Kept) -> None:
    """Write down a canary, and give its recall to the next batch as a figure; inside a change."""
    ledger.rows(
        "INSERT OR REPLACE INTO canaries (watch, source, digest, file, encoder, began, checked, "
        "result) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(watch, kept.source, kept.digest, kept.file, kept.encoder),
        *(book.written(kept.began), book.written(kept.checked)),
        json.dumps(dict(kept.result), sort_keys=True),
    )
    book.update(ledger, watch, canary_recall=kept.recall)


def store(ledger: Ledger, watch: str, corpus: Corpus) -> str:
    """Write the vectors, whole or not at all, and return the hash of the file.

    Raises
    ------
    UsageError
        If the disk refuses.
    """
    path = file_of(ledger, watch)
    write_npz(corpus, path, overwrite=True)
    return _hash(path)


def stored(ledger: Ledger, watch: str, kept: Kept) -> Corpus:
    """Return the vectors that were stored.

    Raises
    ------
    UsageError
        If the file is gone or another than was stored.
    """
    path = file_of(ledger, watch)
    try:
        if _hash(path) == kept.file:
            return read_npz(path)
    except (OSError, CorpusError) as error:
        raise UsageError(f"The stored canary {path} cannot be read.", hint=ANEW) from error
    raise UsageError(f"The stored canary {path} is not what was stored.", hint=ANEW)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
