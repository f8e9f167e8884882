"""What the pages tell of a corpus: worked out beside the service, once, with its progress."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import structlog

from dohyo.corrections.recipe import NOTHING
from dohyo.decision.sweep import Sweep, sweep
from dohyo.errors import DohyoError
from dohyo.io.read import read
from dohyo.measures.portrait import Portrait, portray
from dohyo.reports.findings import Findings, investigate

Standing = Literal["none", "waiting", "running", "done", "failed"]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Found:
    """Everything that was worked out.

    Attributes
    ----------
    findings : the report's
    portrait : the profile's pictures
    sweep : the correction at every strength; None where there is nothing to sweep
    """

    findings: Findings
    portrait: Portrait
    sweep: Sweep | None


class Study:
    """Works out what the pages show, on the first visit, in a thread that ends with the process."""

    def __init__(self, corpus: Path | None, *, seed: int = 0) -> None:
        self._corpus, self._seed = corpus, seed
        self._lock = threading.Lock()
        self._drawn: dict[tuple[Any, ...], Any] = {}
        self._latest: dict[tuple[Any, ...], tuple[Any, Any]] = {}
        self.standing: Standing = "none" if corpus is None else "waiting"
        self.step, self.share = "", 0.0
        self.trouble = ""
        self.found: Found | None = None

    def begin(self) -> None:
        """Begin, if nobody has."""
        with self._lock:
            if self.standing != "waiting":
                return
            self.standing = "running"
        threading.Thread(target=self._work, name="study", daemon=True).start()

    def drawn(self, key: tuple[Any, ...], draw: Callable[[], Any]) -> Any:
        """Return a drawing, made once: a page's pictures take a second."""
        if key not in self._drawn:
            self._drawn[key] = draw()
        return self._drawn[key]

    def latest(self, key: tuple[Any, ...], stamp: Any, draw: Callable[[], Any]) -> Any:
        """Return a drawing of something that goes on, made anew when its stamp has changed."""
        held = self._latest.get(key)
        if held is None or held[0] != stamp:
            self._latest[key] = held = (stamp, draw())
        return held[1]

    def _work(self) -> None:
        assert self._corpus is not None  # only then it waits
        try:
            self.found = self._everything(self._corpus)
            self.standing = "done"
        except DohyoError as error:
            self.trouble, self.standing = str(error), "failed"
        except Exception:
            structlog.get_logger("dohyo.dashboard").exception("study failed")
            self.standing = "failed"

    def _everything(self, path: Path) -> Found:
        corpus = read(path)
        portrait = portray(corpus, seed=self._seed, progress=self._part(0.0, 0.2))
        findings = investigate(corpus, seed=self._seed, progress=self._part(0.2, 0.8))
        swept = None
        recipe = findings.illustrated
        if corpus.paired and recipe.method != NOTHING.method:
            swept = sweep(
                corpus,
                recipe,
                policy=findings.decision.policy,
                seed=self._seed,
                progress=self._part(0.8, 1.0),
            )
        return Found(findings=findings, portrait=portrait, sweep=swept)

    def _part(self, start: float, stop: float) -> Callable[[int, int, str], None]:
        def told(done: int, total: int, what: str) -> None:
            self.share = start + (stop - start) * done / max(1, total)
            self.step = what

        return told
