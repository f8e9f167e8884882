"""A small searchable collection of shapes world, for `dohyo serve --demo`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dohyo.corpus import Corpus
from dohyo.corrections.map import load_map
from dohyo.demo.shapes_world import ShapesWorld, build, corpus_of
from dohyo.encoders.builtin import load
from dohyo.errors import UsageError
from dohyo.extras import require
from dohyo.io.atomic import new_folder
from dohyo.io.npz import write_npz
from dohyo.migration.migrate import migrate
from dohyo.migration.prepare import prepare
from dohyo.progress import Progress, silent
from dohyo.reports.publish import publish
from dohyo.stores.registry import open_store
from dohyo.words import Language

COLLECTION = "shapes"
PICTURES = 400


@dataclass(frozen=True, slots=True)
class Shop:
    """Where the parts are."""

    folder: Path

    @property
    def map(self) -> Path:
        """The fitted map."""
        return self.folder / "map"

    @property
    def corpus(self) -> Path:
        """The corpus it was fitted on."""
        return self.folder / "corpus.npz"

    @property
    def pictures(self) -> Path:
        """The pictures, as files."""
        return self.folder / "pictures"

    @property
    def store(self) -> str:
        """The database, raw collection and corrected copy."""
        return f"lancedb://{self.folder / 'store'}"


def open_shop(
    folder: Path, *, seed: int = 0, language: Language = "en", progress: Progress = silent
) -> Shop:
    """Return the demo's shop, made on the first call: whole or not at all.

    Raises
    ------
    MissingExtra
        If onnxruntime, Pillow or lancedb is not installed.
    UsageError
        If the folder is in the way, or the disk refuses.
    """
    shop = Shop(folder / "shop")
    if shop.map.is_dir():
        return shop
    client = require("lancedb", extra="lancedb", needed_by="The demo's database")
    with new_folder(shop.folder) as draft:
        _make(Shop(draft), client, seed, language, progress)
    return shop


def _make(shop: Shop, client: Any, seed: int, language: Language, progress: Progress) -> None:
    encoder = load("shapes-world")
    world = build(encoder, pictures=PICTURES, seed=seed)
    corpus = corpus_of(world, encoder.fingerprint)
    publish(
        corpus,
        shop.folder,
        seed=seed,
        language=language,
        command="dohyo serve --demo",
        progress=progress,
    )
    if not shop.map.is_dir():
        raise UsageError(
            f"On the demo of seed {seed} nothing should be corrected.", hint="Take another --seed."
        )
    stock(shop, client, world, corpus)


def stock(shop: Shop, client: Any, world: ShapesWorld, corpus: Corpus) -> None:
    """Write corpus, pictures and database into a folder that holds the map.

    Parameters
    ----------
    client : the module `lancedb`
    """
    write_npz(corpus, shop.corpus)
    shop.pictures.mkdir()
    for place, picture in enumerate(world.pictures):
        picture.save(shop.pictures / f"{place:04d}.png")
    client.connect(shop.folder / "store").create_table(COLLECTION, _table(world))
    with open_store(shop.store) as store:
        ready = prepare(store, COLLECTION, load_map(shop.map), encoder=corpus.encoder)
        migrate(ready, switch=False)


def _table(world: ShapesWorld) -> Any:
    images, texts = len(world.image), len(world.text)
    vectors = np.concatenate([world.image, world.text]).astype(np.float32)
    names = [world.class_name[label] for label in world.label]
    flat = pa.array(vectors.ravel())
    keys = [f"image-{i:04d}" for i in range(images)] + [f"text-{i:04d}" for i in range(texts)]
    return pa.table(
        {
            "id": keys,
            "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]),
            "modality": ["image"] * images + ["text"] * texts,
            "caption": ["" for _ in range(images)] + list(world.caption),
            "path": [f"{i:04d}.png" for i in range(images)] + ["" for _ in range(texts)],
            "class": names + [names[owner] for owner in world.text_to_image],
        }
    )
