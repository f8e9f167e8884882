"""dohyo extend"""

from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.options import Common, Source
from dohyo.cli.session import Session, session
from dohyo.corrections.map import AlignmentMap, load_map
from dohyo.corrections.maps.artifact import FILES
from dohyo.corrections.maps.diff import diff
from dohyo.corrections.maps.extend import extend as grow
from dohyo.io.atomic import check_folder
from dohyo.io.npy import read_array


def extend(
    *,
    map_: Annotated[Path, typer.Argument(metavar="MAP", help="Folder of a fitted map.")],
    source: Source,
    out: Annotated[Path, typer.Option(help="Folder to write the new map to.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier map.")] = False,
    common: Common,
) -> None:
    """Add new items to a map without those it was fitted on; --images or --texts alone will do.

    Example: dohyo extend map new.npz --out map2
    """
    with session(common) as s:
        check_folder(out, overwrite=overwrite, ours=FILES)
        fitted = load_map(map_)
        grown = _grown(fitted, source, s)
        grown.save(out, overwrite=overwrite)
        apart = diff(fitted, grown, seed=common.seed)
    words = common.words
    counts = {
        "images": int(grown.figures["images"] - fitted.figures["images"]),
        "texts": int(grown.figures["texts"] - fitted.figures["texts"]),
    }
    s.tell(
        words(
            "extend.added",
            **counts,
            all_images=int(grown.figures["images"]),
            all_texts=int(grown.figures["texts"]),
            out=out,
        )
    )
    if not apart.same:
        degrees = {side: moved.mean.value for side, moved in apart.moved.items()}
        s.tell(words("extend.again", **degrees))
    if "calibrated_on_images" in grown.figures:
        learnt = {name: int(grown.figures[f"calibrated_on_{name}"]) for name in ("images", "texts")}
        s.tell(words("extend.offset", **learnt))
    s.answer(
        {
            "map": str(out),
            "method": grown.method,
            "added": counts,
            "figures": dict(grown.figures),
            "diff": apart.to_json(),
        }
    )


def _grown(fitted: AlignmentMap, source: Source, s: Session) -> AlignmentMap:
    """Return the map with the items of a corpus, or of one modality alone."""
    if source.source is None and (source.images is None) != (source.texts is None):
        if source.images is not None:
            return grow(fitted, images=read_array(source.images))
        if source.texts is not None:
            return grow(fitted, texts=read_array(source.texts))
    return grow(fitted, source.read(s.tell_columns))
