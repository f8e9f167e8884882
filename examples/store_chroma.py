"""A corrected collection in Chroma, which has no aliases: the program opens the copy by its name.

    pip install "dohyo[demo,chroma]"
    python store_chroma.py

A folder stands in for the server here; for yours, write chroma+http://localhost:8000.
"""

import tempfile
from pathlib import Path

import chromadb

import dohyo
from dohyo.demo import build
from dohyo.encoders.load import load_encoder
from dohyo.migration.migrate import migrate
from dohyo.migration.prepare import prepare
from dohyo.search import open_search
from dohyo.stores.registry import open_store

folder = Path(tempfile.mkdtemp()) / "shop"

# 1. A shop: drawn pictures and their captions in one collection.
encoder = load_encoder("shapes-world")
drawn = build(encoder, pictures=200)
corpus = dohyo.Corpus.from_arrays(
    drawn.image, drawn.text, drawn.text_to_image, encoder=encoder.fingerprint
)
sides = (("image", corpus.image), ("text", corpus.text))
rows = [(modality, vector.tolist()) for modality, vectors in sides for vector in vectors]
client = chromadb.PersistentClient(
    str(folder), settings=chromadb.Settings(anonymized_telemetry=False)
)
made = client.create_collection("products", embedding_function=None)
made.add(
    ids=[str(number) for number in range(len(rows))],
    embeddings=[vector for _, vector in rows],
    metadatas=[{"modality": modality} for modality, _ in rows],
)

# 2. Fit the correction and write the corrected copy beside the raw collection, which stays.
fitted = dohyo.align(corpus, method="center")
with open_store(f"chroma://{folder}") as store:
    done = migrate(prepare(store, "products", fitted, encoder=encoder.fingerprint))
    for name in ("products", done.parts[0].route.target):
        shop = open_search(store, name, fitted)
        answers = [shop.ask(vector, "text", k=10) for vector in corpus.text[:50]]
        found = sum(
            any(hit.id == str(picture) for hit in answer.hits)
            for picture, answer in zip(corpus.text_to_image, answers, strict=False)
        )
        print(f"{name}: {found} pictures found of {len(answers)}")
