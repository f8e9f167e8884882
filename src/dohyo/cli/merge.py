"""dohyo merge"""

from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.options import Common
from dohyo.cli.session import session
from dohyo.corrections.map import load_map
from dohyo.corrections.maps.artifact import FILES
from dohyo.corrections.maps.merge import merge as together
from dohyo.io.atomic import check_folder


def merge(
    *,
    maps: Annotated[
        list[Path],
        typer.Argument(metavar="MAP1 MAP2…", help="Folders of maps fitted on shards."),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write the new map to.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier map.")] = False,
    common: Common,
) -> None:
    """Put the maps of several shards together, as if fitted on all their items at once.

    Example: dohyo merge monday tuesday wednesday --out map
    """
    with session(common) as s:
        check_folder(out, overwrite=overwrite, ours=FILES)
        merged = together([load_map(folder) for folder in maps])
        merged.save(out, overwrite=overwrite)
    words = common.words
    s.tell(
        words(
            "merge.merged",
            count=len(maps),
            method=words.name(merged.method),
            images=int(merged.figures["images"]),
            texts=int(merged.figures["texts"]),
            out=out,
        )
    )
    if "offset" in merged.arrays:
        s.tell(words("merge.offset"))
    s.answer(
        {
            "map": str(out),
            "merged": [str(folder) for folder in maps],
            "method": merged.method,
            "figures": dict(merged.figures),
        }
    )
