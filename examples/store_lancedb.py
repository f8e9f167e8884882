"""A corrected table beside your own in LanceDB, and the same question to both.

    pip install "dohyo[demo,lancedb]"
    python store_lancedb.py

Your own program begins at "2": it has a table, and an encoder. LanceDB has no aliases, so that
your program opens the corrected table by its own name.
"""

import tempfile
from pathlib import Path

import lancedb

import dohyo
from dohyo.demo import build
from dohyo.encoders.load import load_encoder
from dohyo.migration.migrate import migrate
from dohyo.migration.prepare import prepare
from dohyo.search import open_search
from dohyo.stores.registry import open_store

folder = Path(tempfile.mkdtemp()) / "shop"

# 1. A shop: drawn pictures and their captions in one table, made as anybody makes one.
encoder = load_encoder("shapes-world")
drawn = build(encoder, pictures=200)
corpus = dohyo.Corpus.from_arrays(
    drawn.image, drawn.text, drawn.text_to_image, encoder=encoder.fingerprint
)
lancedb.connect(folder).create_table(
    "products",
    [
        {"id": f"picture-{row}", "modality": "image", "caption": None, "vector": vector}
        for row, vector in enumerate(corpus.image)
    ]
    + [
        {"id": f"text-{row}", "modality": "text", "caption": drawn.caption[row], "vector": vector}
        for row, vector in enumerate(corpus.text)
    ],
)

# 2. Fit the correction, and write the corrected table; "products" itself stays as it is.
fitted = dohyo.align(corpus, method="center")
with open_store(f"lancedb://{folder}") as store:
    done = migrate(prepare(store, "products", fitted, encoder=encoder.fingerprint))
    corrected = done.parts[0].route.target
    print(f"Written: {corrected}, {store.describe(corrected).rows} rows")

    # 3. The same fifty questions before and after: how often is a caption's own picture among the
    #    ten answers, beside the texts?
    asked = range(50)
    for table in ("products", corrected):
        shop = open_search(store, table, fitted)
        answers = [shop.ask(corpus.text[row], "text", k=10) for row in asked]
        found = sum(
            any(hit.id == f"picture-{drawn.text_to_image[row]}" for hit in answer.hits)
            for row, answer in zip(asked, answers, strict=True)
        )
        print(f"{table}: {found} pictures found of {len(asked)}")
