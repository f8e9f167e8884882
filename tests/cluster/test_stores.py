"""Workers that write to one collection of a vector database at the same time."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from dohyo.cluster.ray import cluster
from dohyo.cluster.stores import StoreWriter
from dohyo.corpus import Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map, load_map
from dohyo.errors import UsageError
from dohyo.stores.registry import open_store

ray = pytest.importorskip("ray", reason="the extra ray is not installed")
lancedb = pytest.importorskip("lancedb", reason="the extra lancedb is not installed")
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.timeout(120),
    pytest.mark.xdist_group("ray"),
]
FILES, ROWS, DIM = 6, 50, 8


def vectors(number: int) -> np.ndarray:
    return np.random.default_rng(number).normal(size=(ROWS, DIM)).astype(np.float32)


def table(number: int) -> pa.Table:
    return pa.table(
        {
            "id": [f"{number}-{row}" for row in range(ROWS)],
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors(number).ravel()), DIM),
            "modality": ["image"] * ROWS,
        }
    )


@pytest.fixture
def place(tmp_path: Path):
    corpus = Corpus.from_arrays(vectors(90), vectors(91) - 2)
    fit_map("whiten", Evidence.of(corpus)).save(tmp_path / "map")
    lancedb.connect(tmp_path / "db").create_table("raw", table(0))
    with open_store(f"lancedb://{tmp_path / 'db'}") as store:
        store.create("new", DIM, like="raw")
    return tmp_path


def test_two_workers_write_every_row_once_however_often_they_run(place: Path) -> None:
    with cluster(3) as ray:
        for _ in range(2):
            written = (
                ray.data.from_arrow([table(number) for number in range(FILES)])
                .map_batches(
                    StoreWriter,
                    fn_constructor_args=(
                        *(str(place / "map"), f"lancedb://{place / 'db'}"),
                        *("new", "image"),
                    ),
                    batch_format="pyarrow",
                    compute=ray.data.ActorPoolStrategy(size=2),
                )
                .sum("rows")
            )
            assert written == FILES * ROWS
    fitted = load_map(place / "map")
    with open_store(f"lancedb://{place / 'db'}") as store:
        assert store.describe("new").rows == FILES * ROWS
        for number in range(FILES):
            found = store.get("new", [f"{number}-{row}" for row in range(ROWS)])
            order = np.argsort([int(str(key).split("-")[1]) for key in found.ids])
            wanted = fitted.apply(vectors(number), "image")
            np.testing.assert_allclose(found.vectors[order], wanted, atol=1e-6)
            assert {held["modality"] for held in found.payload} == {"image"}


def test_rows_without_keys_are_refused(place: Path) -> None:
    write = StoreWriter(str(place / "map"), f"lancedb://{place / 'db'}", "new", "image")
    with pytest.raises(UsageError, match="no column id"):
        write(table(0).drop_columns(["id"]))
