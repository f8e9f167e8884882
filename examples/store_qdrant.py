"""A corrected collection in Qdrant behind an alias: switched over, and back.

    pip install "dohyo[demo,qdrant]"
    python store_qdrant.py

A folder stands in for the server here; for yours, write qdrant+http://localhost:6333 and put its
key into the environment variable DOHYO_STORE_TOKEN.
"""

import tempfile
from pathlib import Path

from qdrant_client import QdrantClient
from qdrant_client.models import (
    CreateAlias,
    CreateAliasOperation,
    Distance,
    PointStruct,
    VectorParams,
)

import dohyo
from dohyo.demo import build
from dohyo.encoders.load import load_encoder
from dohyo.migration.migrate import migrate, roll_back
from dohyo.migration.prepare import prepare
from dohyo.search import open_search
from dohyo.stores.registry import open_store

folder = Path(tempfile.mkdtemp()) / "shop"

# 1. A shop: drawn pictures and their captions in one collection, which the shop calls "live".
encoder = load_encoder("shapes-world")
drawn = build(encoder, pictures=200)
corpus = dohyo.Corpus.from_arrays(
    drawn.image, drawn.text, drawn.text_to_image, encoder=encoder.fingerprint
)
sides = (("image", corpus.image), ("text", corpus.text))
client = QdrantClient(path=str(folder))
client.create_collection("products", VectorParams(size=encoder.dimension, distance=Distance.COSINE))
rows = [(modality, vector) for modality, vectors in sides for vector in vectors]
client.upsert(
    "products",
    [
        PointStruct(id=number, vector=vector.tolist(), payload={"modality": modality})
        for number, (modality, vector) in enumerate(rows)
    ],
)
alias = CreateAlias(collection_name="products", alias_name="live")
client.update_collection_aliases([CreateAliasOperation(create_alias=alias)])
client.close()  # a folder is for one program at a time

# 2. Fit the correction, write the corrected collection, let "live" stand for it; and go back. The
#    raw collection is never touched.
fitted = dohyo.align(corpus, method="center")
with open_store(f"qdrant://{folder}") as store:
    shop = open_search(store, "live", fitted)  # as your program holds it, all the while
    for step in ("before", "corrected", "rolled back"):
        if step == "corrected":
            migrate(prepare(store, "live", fitted, encoder=encoder.fingerprint))
        if step == "rolled back":
            roll_back(store, "live")
        answers = [shop.ask(vector, "text", k=10) for vector in corpus.text[:50]]
        found = sum(
            any(hit.id == picture for hit in answer.hits)
            for picture, answer in zip(corpus.text_to_image, answers, strict=False)
        )
        print(f"{store.resolve('live')}: {found} pictures found of {len(answers)}")
