"""The picture of an item, small, as the database says where it lies."""

from io import BytesIO
from pathlib import Path
from typing import Any

from starlette.responses import Response

from dohyo.embedding.pictures import BrokenPicture, decode, quiet, read_bytes
from dohyo.errors import DohyoError
from dohyo.rollout.refusal import Refusal
from dohyo.serve.service import Service
from dohyo.stores.protocol import Payload, Store

SIDE = 160


async def thumbnail_of(service: Service, key: str, folder: Path | None) -> Response:
    """Return an item's picture as a small JPEG.

    Raises
    ------
    Refusal
        404 if there is none, or it lies outside the folder.
    """
    searcher, indexed = service.searcher, service.indexed
    if searcher is None or indexed is None:
        raise _none()

    def payload(store: Store) -> Payload:
        for name in (indexed.collection, indexed.texts):
            for wanted in (key, int(key)) if key.isdigit() and len(key) < 19 else (key,):
                rows = store.get(name, [wanted]).payload if name else ()
                if rows:
                    return rows[0]
        raise _none()

    try:
        held = await searcher(payload)
        small = await service.in_thread(lambda: _small(held, folder))
    except (DohyoError, BrokenPicture, OSError) as error:
        raise _none() from error
    return Response(
        small, media_type="image/jpeg", headers={"cache-control": "private, max-age=600"}
    )


def _small(payload: Payload, folder: Path | None) -> bytes:
    with quiet():
        image: Any = decode(_bytes_of(payload, folder))
        image.thumbnail((SIDE, SIDE))
        out = BytesIO()
        image.save(out, "JPEG", quality=85)
    return out.getvalue()


def _bytes_of(payload: Payload, folder: Path | None) -> bytes:
    """Return a picture's bytes: from the payload itself, or from inside the folder alone."""
    held = payload.get("picture")
    if isinstance(held, bytes):
        return held
    path = payload.get("path")
    if folder is None or not isinstance(path, str) or not path or "\0" in path:
        raise _none()
    there = (folder / path).resolve()
    if not there.is_relative_to(folder.resolve()):
        raise _none()
    return read_bytes(there)


def _none() -> Refusal:
    return Refusal(404, "no_picture", "This item has no picture.", hint="See --pictures.")
