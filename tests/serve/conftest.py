"""A small service: forty pictures and forty texts, raw and corrected, in LanceDB."""

import lancedb
import numpy as np
import pyarrow as pa
import pytest
from starlette.testclient import TestClient

import dohyo
from dohyo.corpus import Corpus
from dohyo.migration.migrate import migrate
from dohyo.migration.prepare import prepare
from dohyo.serve.app import application
from dohyo.serve.service import Indexed, Service
from dohyo.serve.settings import Limits, Settings
from dohyo.stores.registry import open_store

DIM = 16
PAIRS = 40


def _sides(seed=0):
    rng = np.random.default_rng(seed)
    meaning = rng.normal(size=(PAIRS, DIM))
    shift = rng.normal(size=DIM) * 2
    image = meaning + shift + 0.3 * rng.normal(size=(PAIRS, DIM))
    text = meaning - shift + 0.3 * rng.normal(size=(PAIRS, DIM))
    return image.astype(np.float32), text.astype(np.float32)


@pytest.fixture(scope="session")
def sides():
    """(40, 16) pictures and (40, 16) texts, far apart."""
    return _sides()


@pytest.fixture(scope="session")
def fitted(sides):
    return dohyo.align(Corpus.from_arrays(*sides), "center", calibrate=1.0)


@pytest.fixture(scope="session")
def shop(sides, fitted, tmp_path_factory):
    """A database with the raw collection `goods` and its corrected copy."""
    folder = tmp_path_factory.mktemp("shop")
    vectors = np.concatenate(sides)
    table = pa.table(
        {
            "id": [f"i{n}" for n in range(PAIRS)] + [f"t{n}" for n in range(PAIRS)],
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), DIM),
            "modality": ["image"] * PAIRS + ["text"] * PAIRS,
            "caption": [f"goods {n}" for n in range(PAIRS)] * 2,
            "shelf": ["low", "high"] * PAIRS,
        }
    )
    lancedb.connect(folder / "db").create_table("goods", table)
    url = f"lancedb://{folder / 'db'}"
    with open_store(url) as store:
        migrate(prepare(store, "goods", fitted, force=True), switch=False)
    return url


@pytest.fixture
def made(tmp_path, shop, fitted):
    """Make services that are closed in the end: `made(limits=…, **settings)`."""
    entered = []

    def make(*, limits=Limits(), store=True, state=tmp_path / "state", encoder=None, **settings):  # noqa: B008
        service = Service(
            settings=Settings(state=state, limits=limits, **settings),
            indexed=Indexed(collection="goods") if store else None,
            opening=open_store(shop) if store else None,
            encoder=encoder,
        )
        service.start_with(fitted)
        client = TestClient(
            application(service), base_url="http://127.0.0.1", raise_server_exceptions=False
        )
        client.__enter__()
        entered.append(client)
        client.service = service
        return client

    yield make
    for client in entered:
        client.__exit__(None, None, None)


@pytest.fixture
def client(made):
    """A caller of a service that needs no token."""
    return made()
