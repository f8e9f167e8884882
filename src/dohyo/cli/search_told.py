"""Answers of a search as tables on a terminal, and as JSON."""

from typing import Any

from rich.markup import escape
from rich.table import Table

from dohyo.search.answer import Answer, Found, former_ranks
from dohyo.words import Words

SHOWN = ("caption", "text", "document", "title", "path", "file", "uri", "url")
"""Payload fields that tell a person what a row is, best first."""
STYLE = {"image": "cyan", "text": "magenta"}


def single(answer: Answer, words: Words, field: str | None) -> Table:
    """Return one row for each hit: rank, kind, score, key, what it is."""
    table = _table(words, "search.title_corrected" if answer.corrected else "search.title_raw")
    for hit in answer.hits:
        table.add_row(str(hit.rank), _kind(hit, words), f"{hit.score:.3f}", *_what(hit, field))
    return table


def side_by_side(before: Answer, after: Answer, words: Words, field: str | None) -> Table:
    """Return the raw answer beside the corrected one; a mark says where a hit was before."""
    table = Table(title=words("search.title_both"), title_justify="left")
    table.add_column(words("search.rank"), justify="right")
    for side in ("search.before", "search.after"):
        table.add_column(words("search.kind"))
        table.add_column(words(side), overflow="fold", ratio=1)
    table.add_column(words("search.was"), justify="right")
    was = former_ranks(before, after)
    for place in range(max(len(before.hits), len(after.hits))):
        cells = [str(place + 1)]
        for answer in (before, after):
            hit = answer.hits[place] if place < len(answer.hits) else None
            cells += ["", ""] if hit is None else [_kind(hit, words), _line(hit, field)]
        former = was.get(place + 1)
        moved = words("search.new") if former is None else f"{former}"
        table.add_row(*cells, moved if place < len(after.hits) else "")
    return table


def document(answer: Answer, before: Answer | None, *, query_of: str) -> dict[str, Any]:
    """Return what --json prints."""
    return {
        "query": query_of,
        "corrected": answer.corrected,
        "collections": list(answer.collections),
        "hits": [_as_json(hit) for hit in answer.hits],
        "before": None if before is None else [_as_json(hit) for hit in before.hits],
    }


def _as_json(hit: Found) -> dict[str, Any]:
    return {
        "rank": hit.rank,
        "id": hit.id,
        "modality": hit.modality,
        "score": hit.score,
        "collection": hit.collection,
        "payload": {name: _plain(value) for name, value in hit.payload.items()},
    }


def _plain(value: Any) -> Any:
    """Return a value that JSON knows: a store may hold times, decimals and bytes."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return str(value)


def _table(words: Words, title: str) -> Table:
    table = Table(title=words(title), title_justify="left")
    table.add_column(words("search.rank"), justify="right")
    table.add_column(words("search.kind"))
    table.add_column(words("search.score"), justify="right")
    table.add_column(words("search.id"), overflow="fold")
    table.add_column(words("search.what"), overflow="fold")
    return table


def _kind(hit: Found, words: Words) -> str:
    if hit.modality is None:
        return "?"
    return f"[{STYLE[hit.modality]}]{words(f'search.{hit.modality}')}[/]"


def _what(hit: Found, field: str | None) -> tuple[str, str]:
    return escape(str(hit.id)), escape(_said(hit, field))


def _line(hit: Found, field: str | None) -> str:
    return escape(_said(hit, field) or str(hit.id))


def _said(hit: Found, field: str | None) -> str:
    for name in SHOWN if field is None else (field,):
        if hit.payload.get(name) not in (None, ""):
            return " ".join(str(hit.payload[name]).split())
    return ""
