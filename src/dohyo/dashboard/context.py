"""What every view is given."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dohyo.dashboard.study import Found, Study
from dohyo.reports.page.paper import pictures
from dohyo.reports.sections.section import Figure, Section
from dohyo.serve.service import Service
from dohyo.words import Words


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Context:
    """The service, the study, the reader's language.

    Attributes
    ----------
    pictures : folder that the payload's `path` is relative to; None without one
    """

    service: Service
    study: Study
    words: Words
    pictures: Path | None = None

    @property
    def found(self) -> Found | None:
        """What was worked out, None as long as it is not."""
        return self.study.found

    def standing(self) -> dict[str, Any]:
        """Return how far the study is."""
        words = self.words
        return {
            "standing": self.study.standing,
            "share": round(100 * self.study.share),
            "step": words.progress(self.study.step) if self.study.step else "",
            "trouble": self.study.trouble,
        }

    def charts(self, name: str, sections: tuple[Section, ...]) -> dict[str, Any]:
        """Return the pictures of some sections, drawn once for each language."""
        figures = [part for each in sections for part in each.parts if isinstance(part, Figure)]

        def draw() -> dict[str, Any]:
            def every(width: Any) -> dict[str, Any]:
                drawn = {figure.name: figure.draw(width) for figure in figures}
                return {key: chart for key, chart in drawn.items() if chart is not None}

            return pictures(every)

        drawn: dict[str, Any] = self.study.drawn((name, self.words.language), draw)
        return drawn
