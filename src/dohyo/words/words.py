"""Look up a sentence by its key and fill in its figures."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

Language = Literal["en", "ja"]
LANGUAGES: tuple[Language, Language] = ("en", "ja")


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language.

    Attributes
    ----------
    language : "en" or "ja"
    """

    language: Language = "en"

    def __call__(self, key: str, /, **values: Any) -> str:
        """Return the sentence under a dotted key, its placeholders filled with `str.format`.

        Raises
        ------
        KeyError
            If the language has no such sentence.
        """
        return sentences(self.language)[key].format(**values)

    def name(self, code: str) -> str:
        """Return the reader's name of a method, metric or protocol; the code itself if none."""
        return sentences(self.language).get(f"name.{code}", code)


@lru_cache
def sentences(language: Language) -> dict[str, str]:
    """Return every sentence of a language by its dotted key."""
    text = files("dohyo.words").joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(text), ""))


def _flat(table: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", value))
    return found
