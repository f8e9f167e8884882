"""dohyo search"""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from dohyo.cli.options import Common, Encoding, StoreAddress
from dohyo.cli.search_told import document, side_by_side, single
from dohyo.cli.session import session
from dohyo.corpus import Modality
from dohyo.corrections.map import load_map
from dohyo.corrections.maps.encoder import require_encoder
from dohyo.embedding.pictures import read_picture
from dohyo.encoders.protocol import Encoder
from dohyo.errors import UsageError
from dohyo.rows import F32
from dohyo.search import open_search
from dohyo.search.target import corrected_copy


def search(
    *,
    store: Annotated[
        str, typer.Argument(metavar="STORE", help="The database, e.g. lancedb://folder.")
    ],
    collection: Annotated[
        str, typer.Argument(metavar="COLLECTION", help="The collection, or an alias of it.")
    ],
    text: Annotated[str | None, typer.Option(help="Search for this sentence.")] = None,
    image: Annotated[Path | None, typer.Option(help="Search for this picture.")] = None,
    map_: Annotated[
        Path | None, typer.Option("--map", help="The map; its corrected copy is searched.")
    ] = None,
    texts: Annotated[
        str | None, typer.Option(help="Collection of texts, if COLLECTION holds images alone.")
    ] = None,
    encoding: Encoding,
    address: StoreAddress,
    k: Annotated[int, typer.Option(min=1, help="Number of hits.")] = 10,
    least: Annotated[
        float, typer.Option(help="Share of the hits that each kind gets at least, 0 to 0.5.")
    ] = 0.0,
    compare: Annotated[
        bool, typer.Option("--compare", help="Show the raw collection's answer beside it.")
    ] = False,
    strength: Annotated[float, typer.Option(help="The strength of the migration.")] = 1.0,
    show: Annotated[
        str | None, typer.Option(help="Payload field to show.", show_default="caption or path")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Go on although the encoder is unknown or another.")
    ] = False,
    common: Common,
) -> None:
    """Search images and texts in one list, the query corrected like the collection.

    Example: dohyo search lancedb://db products --map map --text "a red bicycle" --compare
    """
    modality: Modality = "text" if image is None else "image"
    if (text is None) == (image is None):
        raise UsageError("There must be one query.", hint="Give either --text or --image.")
    if text is not None and not text.strip():
        raise UsageError("--text is empty.", hint="Say what to search for.")
    if compare and map_ is None:
        raise UsageError("--compare needs a map to compare with.", hint="Name it with --map.")
    with session(common) as s, address.open(store) as opened:
        fitted = None if map_ is None else load_map(map_)
        encoder = encoding.load()
        if fitted is not None and not force:
            require_encoder(fitted.encoder, encoder.fingerprint, say="--encoder")
        query = _encoded(encoder, text, image)
        asked: dict[str, Any] = {"strength": strength, "modality_field": address.modality_field}
        plain = open_search(opened, collection, fitted, texts=texts, **asked)
        if fitted is None:
            answer = plain.ask(query, modality, k, least=least, raw=True)
        else:
            copies = [
                corrected_copy(opened, name, plain.identity)
                for name in (collection, *([] if texts is None else [texts]))
            ]
            corrected = open_search(
                opened, copies[0], fitted, texts=None if texts is None else copies[1], **asked
            )
            answer = corrected.ask(query, modality, k, least=least)
        before = plain.ask(query, modality, k, raw=True) if compare else None
    if before is None:
        s.tell(single(answer, common.words, show))
    else:
        s.tell(side_by_side(before, answer, common.words, show))
    for name, each in (("before", before), ("after", answer)):
        if each is not None:
            key = f"search.count_{name if before is not None else 'one'}"
            s.tell(common.words(key, images=each.count("image"), texts=each.count("text")))
    s.answer(document(answer, before, query_of=modality))


def _encoded(encoder: Encoder, text: str | None, image: Path | None) -> F32:
    """Return the vector of the query, (d,)."""
    if image is not None:
        row: F32 = encoder.encode_images([read_picture(image)])[0]
    else:
        row = encoder.encode_texts([text or ""])[0]
    if not np.isfinite(row).all() or not row.any():
        raise UsageError(
            "The encoder has no vector for this query.",
            hint="Ask in other words, or with another picture.",
        )
    return row
