"""What surrounds a command's work: threads, memory, progress, and where output goes."""

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from threadpoolctl import threadpool_limits

from dohyo.cli.options import Common
from dohyo.cli.time_left import TimeLeft
from dohyo.corpus import Corpus
from dohyo.errors import UsageError
from dohyo.io.column_roles import Columns

Work = Literal["measure", "sum", "judge", "anchor"]
"""What is done with a corpus: measured; summed up for a linear correction; judged by a sample;
or also fitted by a correction that may keep its items as anchors."""
UNITS = {"": 1, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "KB": 10**3, "MB": 10**6, "GB": 10**9}
BASE = 350 * 2**20
"""What Python, its libraries and a sample take (measured)."""
COPIES = 6
"""Float32 copies of the vectors that the hungriest step holds at once (measured)."""
ANCHORS = 2.2
"""The same for the fit of a correction that keeps its items as anchors (measured at a million)."""
JUDGED_ROWS = 30_000
"""More rows than that are never judged: a sample of a large corpus stands for it."""
SUMS = 80
"""Matrices of d × d that a streamed measurement holds at once: 40 of sums, as many in work."""


@dataclass(frozen=True, eq=False)
class Session:
    """Where a command says what."""

    common: Common
    out: Console
    bar: Progress | None
    clock: TimeLeft = field(default_factory=TimeLeft)

    def progress(self, done: int, total: int, what: str) -> None:
        """Move the bar, or print a plain line where there is no terminal, now and then."""
        if self.common.quiet:
            return
        words = self.common.words
        label, now = words.progress(what), time.monotonic()
        left = self.clock.left(done, total, label, now)
        if left is not None:
            label += words("cli.left", time=words("cli.minutes", m=left // 60, s=left % 60))
        if self.bar is None:
            if done < total and self.clock.is_due(done, total, what, now):
                print(f"[{done}/{total}] {label}", file=sys.stderr)  # noqa: T201
            return
        if not self.bar.tasks:
            self.bar.add_task(label, total=total)
        self.bar.update(self.bar.tasks[0].id, completed=done, total=total, description=label)

    def tell(self, *things: Any) -> None:
        """Print for a person, unless JSON or silence was asked for."""
        if not (self.common.json or self.common.quiet):
            self.out.print(*things)

    def tell_columns(self, columns: Columns) -> None:
        """Say which column of a table was taken for what."""
        self.tell(self.common.words(f"cli.columns_{columns.layout}", columns=escape(str(columns))))

    def answer(self, document: Any) -> None:
        """Print the JSON document, if one was asked for."""
        if self.common.json:
            sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")

    @property
    def limit(self) -> float | None:
        """The bytes that `--memory` allows, None where it says nothing.

        Raises
        ------
        UsageError
            If it is not a size.
        """
        return None if self.common.memory is None else _bytes(self.common.memory)

    def fits(self, corpus: Corpus, work: Work = "judge") -> None:
        """Refuse a corpus whose work would need more memory than `--memory` allows.

        Raises
        ------
        UsageError
            If it would not fit, or the limit is not a size.
        """
        rows = len(corpus.image) + len(corpus.text)
        self.allows(memory_of(work, rows, corpus.dim), what="This corpus")

    def allows(self, need: float, *, what: str = "This") -> None:
        """Refuse work that needs more memory than `--memory` allows.

        Parameters
        ----------
        need : bytes beside what Python and its libraries take
        what : what needs them, the beginning of a sentence

        Raises
        ------
        UsageError
            If it would not fit, or the limit is not a size.
        """
        limit = self.limit
        if limit is None:
            return
        need += BASE
        if need > limit:
            raise UsageError(
                f"{what} needs about {size_words(need)}, --memory allows {size_words(limit)}.",
                hint="Allow more, or take a sample.",
            )


def memory_of(work: Work, rows: int, dimension: int) -> float:
    """Return the bytes that work on a corpus takes beside what Python and its libraries do.

    Parameters
    ----------
    rows : of both modalities together
    """
    row = 4.0 * dimension
    sums = SUMS * 8.0 * dimension**2
    judged = COPIES * row * min(rows, JUDGED_ROWS)
    anchors = ANCHORS * row * rows
    needs = {
        "measure": sums,
        "sum": sums,
        "judge": max(sums, judged),
        "anchor": max(sums, judged, anchors),
    }
    return needs[work]


@contextmanager
def session(common: Common) -> Iterator[Session]:
    """Yield the session of one command."""
    # A BLAS thread that waits for a busy core spins: with every core taken by two programs, a
    # run of ten seconds took five minutes (measured). One core stays free for that reason.
    threads = common.threads or max(1, (os.cpu_count() or 2) - 1)
    errors = Console(stderr=True)
    bar = None
    if errors.is_terminal and not common.quiet:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        bar = Progress(*columns, console=errors, transient=True)
    out = Console(highlight=False, soft_wrap=True)
    with threadpool_limits(threads):
        if bar is None:
            yield Session(common, out, None)
        else:
            with bar:
                yield Session(common, out, bar)


def _bytes(size: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]I?B)?", size.strip().upper())
    if match is None:
        raise UsageError(f"--memory {size} is not a size.", hint="Write it like 4GiB or 500MB.")
    return float(match[1]) * UNITS[match[2] or ""]


def size_words(count: float) -> str:
    """Return a number of bytes as a person writes it."""
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
