"""Tables as SOURCE: what their columns mean is told, chosen and refused."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.cli.conftest import arrays


@pytest.fixture
def table(tmp_path):
    given = arrays()
    kind = pa.list_(pa.float32(), 16)
    named = (("img_emb", "image"), ("other", "text"))
    columns = {name: pa.array(given[key].tolist(), kind) for name, key in named}
    pq.write_table(pa.table(columns), tmp_path / "c.parquet")
    return tmp_path / "c.parquet"


def test_chosen_columns_are_told_and_measured_as_the_same_arrays_are(dohyo, table, corpus_file):
    said = dohyo("measure", table, "--columns", "text=other")
    assert said.code == 0
    assert "image=img_emb, text=other" in said.out
    measured = [
        json.loads(dohyo("measure", *source, "--json").out)["measure"]
        for source in ((table, "--columns", "text=other"), (corpus_file,))
    ]
    assert measured[0]["centroid_distance"] == measured[1]["centroid_distance"]


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ((), "no columns of image and of text"),
        (("--columns", "text"), "not readable"),
        (("--columns", "text=no"), "no column no"),
    ],
)
def test_columns_that_make_no_corpus_are_refused_in_one_line(dohyo, table, more, part):
    said = dohyo("measure", table, *more)
    assert said.code == 2
    assert part in said.err
    assert len(said.err.splitlines()) == 1


def test_convert_writes_what_every_command_reads_alike(dohyo, table, corpus_file):
    said = dohyo("convert", table, "--columns", "text=other", "--out", "c.lance")
    assert said.code == 0
    assert "60 images and 60 texts, written to c.lance" in said.out
    said = dohyo("convert", "c.lance", "--out", "back.npz", "--json")
    assert json.loads(said.out) == {"images": 60, "texts": 60, "dim": 16, "out": "back.npz"}
    measured = [
        json.loads(dohyo("measure", source, "--json").out)["measure"]
        for source in ("c.lance", "back.npz", corpus_file)
    ]
    assert measured[0] == measured[1] == measured[2]
    assert (dohyo("convert", "c.lance", "--out", "back.npz").code, said.code) == (2, 0)


def test_convert_refuses_its_target_before_it_reads(dohyo):
    said = dohyo("convert", "nowhere.npz", "--out", "c.pdf")
    assert said.code == 2
    assert "It writes .npz, .parquet" in said.err
