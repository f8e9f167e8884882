"""Strings of strangers, before they are kept or shown: one line, of bounded length."""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from dohyo.monitor.batch import Batch, Side

LONGEST = 200
"""Characters of a name; what is longer is cut."""
LONGEST_WHY = 500
HIDDEN = "\N{REPLACEMENT CHARACTER}"
JOINER = "\N{ZERO WIDTH JOINER}"
"""Holds emoji together."""


def plain(text: str, longest: int = LONGEST) -> str:
    """Return a string without control characters, half surrogates or marks that turn its order.

    What is taken out leaves a mark, and what is cut ends in an ellipsis. Markup and SQL stay as
    they are: whoever shows a string escapes it, and no query is ever put together from one.
    """
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _instead(each) for each in text)


def _instead(character: str) -> str:
    if character in "\t\n\r":
        return " "
    harmless = character == JOINER or unicodedata.category(character) == "Zs"
    return character if harmless else HIDDEN


def plain_id(text: str) -> str:
    """Return an identity that is plain, and still another for another text."""
    shown = plain(text)
    if shown == text:
        return text
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{plain(text, LONGEST - 18)} #{mark}"


def plain_batch(batch: Batch) -> Batch:
    """Return a batch whose every string is plain."""
    return replace(
        batch,
        id=plain_id(batch.id),
        image=_plain_side(batch.image),
        text=_plain_side(batch.text),
        figures={plain(name): value for name, value in batch.figures.items()},
        encoder=None if batch.encoder is None else plain_id(batch.encoder),
        why=plain(batch.why, LONGEST_WHY),
    )


def _plain_side(side: Side | None) -> Side | None:
    if side is None:
        return None
    return replace(
        side,
        label=_plain_all(side.label),
        source=_plain_all(side.source),
        caption=_plain_all(side.caption),
    )


def _plain_all(strings: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if strings is None else tuple(plain(each) for each in strings)
