"""Look up a sentence by its key and fill in its figures."""

import string
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

Language = Literal["en", "ja"]
MINUS = "\N{MINUS SIGN}"
LANGUAGES: tuple[Language, Language] = ("en", "ja")
PARTS = (
    *("", "_cli", "_profile", "_sweep", "_map"),
    *("_tasks", "_labels", "_judged", "_segments", "_stress", "_policy", "_value", "_plan"),
    *("_embed", "_migrate", "_search", "_estimate", "_serve", "_dashboard", "_monitor"),
    *("_explain", "_adjust"),
    *("_monitor_page", "_alerts"),
)
"""Files of one language, each under its name and this."""


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language.

    Attributes
    ----------
    language : "en" or "ja"
    """

    language: Language = "en"

    def __call__(self, key: str, /, **values: Any) -> str:
        """Return the sentence under a dotted key, its placeholders filled as by `str.format`.

        Negative figures get a true minus. The format `~` writes a rough count: two significant
        digits, thousands separated.

        Raises
        ------
        KeyError
            If the language has no such sentence.
        """
        return _FORMATTER.vformat(sentences(self.language)[key], (), values)

    def name(self, code: str) -> str:
        """Return the reader's name of a method, metric or protocol; the code itself if none.

        Codes joined by `+` are a method and what it is composed with.
        """
        known = sentences(self.language)
        return " + ".join(known.get(f"name.{part}", part) for part in code.split("+"))

    def short(self, code: str) -> str:
        """Return the name of a method for a place where little fits, such as a mark in a chart."""
        known = sentences(self.language)
        return " + ".join(known.get(f"short.{p}", self.name(p)) for p in code.split("+"))

    def measure(self, code: str) -> str:
        """Return the reader's name of a measure; the code itself if none."""
        return sentences(self.language).get(f"measure.{code}.name", code)

    def progress(self, code: str) -> str:
        """Return what a step of work is called: a measure's name, or a word of its own."""
        return sentences(self.language).get(f"progress.{code}", self.measure(code))


class _Formatter(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec != "~":
            shown = format(value, format_spec)
            return shown.replace("-", MINUS) if isinstance(value, float) else shown
        size = len(str(int(abs(value))))
        return f"{round(value, min(0, 2 - size)):,.0f}"


_FORMATTER = _Formatter()


@lru_cache
def sentences(language: Language) -> dict[str, str]:
    """Return every sentence of a language by its dotted key."""
    found: dict[str, str] = {}
    for part in PARTS:
        text = files("dohyo.words").joinpath(f"{language}{part}.toml").read_text(encoding="utf-8")
        found |= _flat(tomllib.loads(text), "")
    return found


def _flat(table: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", value))
    return found
