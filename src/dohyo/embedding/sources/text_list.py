"""A list of sentences, one a line, for encoders that know no pictures."""

from pathlib import Path

from dohyo.embedding.sources.tables import read_text
from dohyo.errors import CorpusError


def read_lines(path: Path) -> tuple[str, ...]:
    """Return the sentences of a file, one a line; the last line may end or not.

    Raises
    ------
    CorpusError
        If it is missing, not UTF-8, or a line is empty: rows would no longer match lines.
    """
    lines = read_text(path).replace("\r\n", "\n").removesuffix("\n").split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            raise CorpusError(
                f"{path}, line {number} is empty.",
                hint="Remove the line; every line becomes one row.",
            )
    return tuple(lines)
