"""dohyo convert"""

from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.options import Common, Source
from dohyo.cli.session import session
from dohyo.io.write import check_target, write


def convert(
    *,
    corpus: Source,
    out: Annotated[
        Path, typer.Option(help="Where to write it: .npz, .parquet, .arrow, .feather or .lance.")
    ],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT.")] = False,
    common: Common,
) -> None:
    """Read a corpus in one format and write it in another; the suffix of OUT says which.

    The vectors pass through a file without a name beside OUT, and are never all in memory.

    Example: dohyo convert corpus.csv --out corpus.parquet
    """
    with session(common) as s:
        check_target(out, overwrite=overwrite)
        beside = next(folder for folder in out.absolute().parents if folder.is_dir())
        given = corpus.read(s.tell_columns, scratch=beside)
        write(given, out, overwrite=overwrite)
    counts = {"images": len(given.image), "texts": len(given.text)}
    s.tell(common.words("cli.converted", **counts, out=out))
    s.answer({**counts, "dim": given.dim, "out": str(out)})
