"""Read a corpus from whatever its suffix says: `dohyo.read`."""

from collections.abc import Callable
from pathlib import Path

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.io.npz import read_npz

READERS: dict[str, Callable[..., Corpus]] = {".npz": read_npz}
"""By suffix. To add a format: write its file, add one line."""


def read(path: Path | str, *, unpaired: bool = False, texts: Path | None = None) -> Corpus:
    """Read a corpus.

    Parameters
    ----------
    unpaired : take the rows as unpaired even when the counts are equal
    texts : an `.npy` of further texts for a corpus that has class texts alone; needs `unpaired`

    Raises
    ------
    UsageError
        If further texts are given for a corpus with texts of its own, or without `unpaired`.
    CorpusError
        If there is no reader for the suffix, or the file is unusable.
    """
    path = Path(path)
    if path.suffix not in READERS:
        raise CorpusError(
            f"{path} has no suffix that dohyo reads.",
            hint=f"It reads {', '.join(READERS)}, and .npy by --images and --texts.",
        )
    return READERS[path.suffix](path, unpaired=unpaired, texts=texts)
