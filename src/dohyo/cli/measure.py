"""dohyo measure"""

import json
from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.options import Common, Source
from dohyo.cli.session import session
from dohyo.cli.tables import absent_lines, profile_table
from dohyo.errors import UsageError
from dohyo.io.atomic import check_folder, new_folder
from dohyo.measures.profile import measure as take
from dohyo.measures.view import Effort
from dohyo.reports.document import describe

PROFILE = "profile.json"


def measure(
    source: Source,
    *,
    out: Annotated[Path | None, typer.Option(help="Also write profile.json there.")] = None,
    fast: Annotated[
        bool,
        typer.Option("--fast", help="Look at less of a large corpus: about a minute a million."),
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Look at more of a large corpus: narrower intervals.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier one.")] = False,
    common: Common,
) -> None:
    """Measure the gap of a corpus: how large it is, and whether there is anything to align.

    Example: dohyo measure corpus.npz
    """
    ours = frozenset({PROFILE})
    with session(common) as s:
        if out is not None:
            check_folder(out, overwrite=overwrite, ours=ours)
        if fast and full:
            raise UsageError("--fast and --full exclude each other.", hint="Choose one.")
        effort: Effort = "fast" if fast else "full" if full else "standard"
        corpus = source.read()
        s.fits(corpus, streamed=True)
        profile = take(corpus, effort=effort, seed=common.seed, progress=s.progress)
        document = {
            "corpus": describe(corpus),
            "measure": profile.to_json(),
            "absent": profile.absent,
            "sampled": profile.sampled,
            "effort": effort,
            "seed": common.seed,
        }
        if out is not None:
            with new_folder(out, overwrite=overwrite, ours=ours) as draft:
                text = json.dumps(document, indent=2, ensure_ascii=False)
                (draft / PROFILE).write_text(text + "\n", encoding="utf-8")
    s.tell(profile_table(profile, common.words))
    for line in absent_lines(profile.absent, common.words):
        s.tell(line)
    s.answer(document)
