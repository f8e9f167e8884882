"""New goods for the demo's shop: into the collection, and corrected into its copies."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from dohyo.corpus import Corpus
from dohyo.corrections.map import AlignmentMap, load_map
from dohyo.demo.shop import COLLECTION, Shop
from dohyo.errors import UsageError
from dohyo.extras import require
from dohyo.migration.naming import corrected_name, identity
from dohyo.stores.protocol import Rows, Store
from dohyo.stores.registry import open_store


def supply(
    store: Store, corpus: Corpus, name: str, maps: Iterable[AlignmentMap], pictures: Path
) -> int:
    """Put a day's items into the demo's collection, as a shop's pipeline does; return how many.

    Parameters
    ----------
    store : of the demo
    corpus : of the day, with classes, captions and thumbnails
    name : of the day; items are called after it, and one of the same name is replaced
    maps : whose corrected copies are filled too, where they are there
    pictures : folder that the pictures are written into
    """
    assert corpus.class_name is not None
    assert corpus.label is not None
    assert corpus.caption is not None
    owners = corpus.groups("text")
    kinds = [corpus.class_name[label] for label in corpus.label]
    keys = [f"image-{name}-{place:03d}" for place in range(len(corpus.image))]
    payload = [
        {"modality": "image", "caption": "", "path": f"{key}.png", "class": kind}
        for key, kind in zip(keys, kinds, strict=True)
    ]
    _draw(corpus, keys, pictures)
    keys += [f"text-{name}-{place:03d}" for place in range(len(corpus.text))]
    payload += [
        {"modality": "text", "caption": caption, "path": "", "class": kinds[owner]}
        for caption, owner in zip(corpus.caption, owners, strict=True)
    ]
    raw = np.concatenate([corpus.image, corpus.text]).astype(np.float32)
    store.upsert(COLLECTION, Rows(ids=tuple(keys), vectors=raw, payload=tuple(payload)))
    there = set(store.collections())
    for fitted in maps:
        copy = corrected_name(COLLECTION, identity(fitted))
        if copy in there:
            moved = np.concatenate(
                [fitted.apply(corpus.image, "image"), fitted.apply(corpus.text, "text")]
            )
            store.upsert(copy, Rows(ids=tuple(keys), vectors=moved, payload=tuple(payload)))
    return len(keys)


def goods_arrive(demo: Path, corpus: Corpus, name: str) -> int:
    """Put a day's items into the shop that `dohyo serve --demo` made; return how many.

    Parameters
    ----------
    demo : the folder that was named there
    corpus, name : see `supply`

    Raises
    ------
    UsageError
        If there is no shop.
    """
    shop = Shop(demo / "shop")
    if not shop.map.is_dir():
        raise UsageError(
            f"There is no shop in {demo}.", hint=f"Make it first: dohyo serve --demo {demo}."
        )
    folders = [shop.map, *sorted((demo / "state" / "maps").glob("[0-9a-f]" * 16))]
    with open_store(shop.store) as store:
        maps = [load_map(folder) for folder in folders]
        return supply(store, corpus, name, maps, shop.pictures)


def _draw(corpus: Corpus, keys: list[str], folder: Path) -> None:
    if corpus.picture is None:
        return
    pillow = require("PIL.Image", extra="demo", needed_by="The demo")
    for key, pixels in zip(keys, corpus.picture, strict=True):
        pillow.fromarray(pixels).save(folder / f"{key}.png")
