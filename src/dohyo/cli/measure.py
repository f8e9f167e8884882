"""dohyo measure"""

import json
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from dohyo.cli.estimating import size_of, tell_estimate
from dohyo.cli.options import Common, Estimating, Source
from dohyo.cli.session import session
from dohyo.cli.tables import absent_lines, profile_table
from dohyo.corpus import Corpus
from dohyo.errors import UsageError
from dohyo.io.atomic import check_folder, new_folder
from dohyo.measures.portrait import Portrait, portray
from dohyo.measures.view import Effort
from dohyo.reports.document import SCHEMA_VERSION, describe
from dohyo.version import __version__

PROFILE, PAGE = "profile.json", "profile.html"

NOTED = 0.01
"""How far the mean lengths of both kinds may differ, as a share, before it is worth a line."""


def measure(
    source: Source,
    *,
    out: Annotated[
        Path | None, typer.Option(help="Also write profile.html and profile.json there.")
    ] = None,
    fast: Annotated[
        bool,
        typer.Option("--fast", help="Look at less of a large corpus: about a minute a million."),
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Look at more of a large corpus: narrower intervals.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier one.")] = False,
    estimating: Estimating,
    common: Common,
) -> None:
    """Measure the gap of a corpus: how large it is, and whether there is anything to align.

    Example: dohyo measure corpus.npz
    """
    ours = frozenset({PROFILE, PAGE})
    with session(common) as s:
        if out is not None:
            check_folder(out, overwrite=overwrite, ours=ours)
        if fast and full:
            raise UsageError("--fast and --full exclude each other.", hint="Choose one.")
        effort: Effort = "fast" if fast else "full" if full else "standard"
        if estimating.estimate:
            tell_estimate(s, f"measure_{effort}", size_of(source), estimating)
            return
        corpus = source.read(s.tell_columns)
        s.fits(corpus, "measure")
        portrait = portray(corpus, effort=effort, seed=common.seed, progress=s.progress)
        profile = portrait.profile
        document: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "dohyo_version": __version__,
            "corpus": describe(corpus),
            **portrait.to_json(),
            "effort": effort,
            "seed": common.seed,
        }
        if out is not None:
            page = _page(portrait, corpus, effort, common)
            with new_folder(out, overwrite=overwrite, ours=ours) as draft:
                text = json.dumps(document, indent=2, ensure_ascii=False)
                (draft / PROFILE).write_text(text + "\n", encoding="utf-8")
                (draft / PAGE).write_text(page, encoding="utf-8")
    s.tell(profile_table(profile, common.words))
    for line in absent_lines(profile.absent, common.words):
        s.tell(line)
    image, text = (document["corpus"]["norms"][side]["mean"] for side in ("image", "text"))
    if abs(image - text) > NOTED * max(image, text):
        s.tell(common.words("cli.norms", image=image, text=text))
    s.answer(document)


def _page(portrait: Portrait, corpus: Corpus, effort: Effort, common: Common) -> str:
    # The page brings the charts along, which would slow every other command down.
    from dohyo.reports.profile_page import Taken, render_profile

    taken = Taken(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        seed=common.seed,
        effort=effort,
        command=shlex.join(["dohyo", *sys.argv[1:]]),
    )
    return render_profile(portrait, corpus, common.words, taken=taken)
