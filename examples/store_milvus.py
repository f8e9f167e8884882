"""A corrected collection in Milvus behind an alias: switched over, and back.

    pip install "dohyo[demo,milvus]"
    python store_milvus.py

A file of Milvus Lite stands in for the server here; for yours, write
milvus+http://localhost:19530 and put its key into the environment variable DOHYO_STORE_TOKEN.
"""

import tempfile
from pathlib import Path

from pymilvus import MilvusClient

import dohyo
from dohyo.demo import build
from dohyo.encoders.load import load_encoder
from dohyo.migration.migrate import migrate, roll_back
from dohyo.migration.prepare import prepare
from dohyo.search import open_search
from dohyo.stores.registry import open_store

file = Path(tempfile.mkdtemp()) / "shop.db"

# 1. A shop: drawn pictures and their captions in one collection.
encoder = load_encoder("shapes-world")
drawn = build(encoder, pictures=200)
corpus = dohyo.Corpus.from_arrays(
    drawn.image, drawn.text, drawn.text_to_image, encoder=encoder.fingerprint
)
sides = (("image", corpus.image), ("text", corpus.text))
rows = [(modality, vector.tolist()) for modality, vectors in sides for vector in vectors]
client = MilvusClient(str(file))
client.create_collection("products", dimension=encoder.dimension, metric_type="COSINE")
client.insert(
    "products",
    [
        {"id": number, "vector": vector, "modality": modality}
        for number, (modality, vector) in enumerate(rows)
    ],
)
client.create_alias("products", "live")
client.close()  # Milvus Lite is for one program at a time

# 2. Fit the correction, write the corrected collection, let "live" stand for it; and go back. The
#    raw collection is never touched.
fitted = dohyo.align(corpus, method="center")
with open_store(f"milvus://{file}") as store:
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
