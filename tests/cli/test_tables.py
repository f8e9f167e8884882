"""Tables as SOURCE: what their columns mean is told, chosen and refused."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.cli.conftest import arrays


@pytest.fixture
def table(tmp_path):
    return written(tmp_path / "c.parquet", arrays())


def written(path, given):
    kind = pa.list_(pa.float32(), 16)
    named = (("img_emb", "image"), ("other", "text"))
    columns = {name: pa.array(given[key].tolist(), kind) for name, key in named}
    pq.write_table(pa.table(columns), path)
    return path


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


def test_every_command_that_reads_a_table_takes_its_columns(dohyo, table, corpus_file, tmp_path):
    chosen = ("--columns", "text=other")
    assert dohyo("check", table, *chosen, "--max", "centroid_distance=2").code == 0
    both = json.loads(dohyo("compare", table, corpus_file, *chosen, "--json").out)["profiles"]
    first, second = (each["measure"]["centroid_distance"] for each in both)
    assert first == second
    for name in ("center", "whiten"):
        assert dohyo("align", corpus_file, "--method", name, "--out", name).code == 0
    moved = [
        json.loads(dohyo("diff", "center", "whiten", "--source", *source, "--json").out)
        for source in ((table, *chosen), (corpus_file,))
    ]
    assert moved[0] == moved[1]
    known = written(tmp_path / "known.parquet", arrays(seed=5))
    asked = ("align", corpus_file, "--unpaired", "--pairs-from", known, "--out", "chosen")
    judged = dohyo(*asked, "--pairs-columns", "text=other")
    assert judged.code == 0, judged.err
    assert "no columns of image and of text" in dohyo(*asked, "--overwrite").err


@pytest.mark.parametrize(
    ("command", "part"),
    [
        (("check", "corpus.npz", "--max", "rmg=1"), "corpus.npz has no columns"),
        (("compare", "corpus.npz", "corpus.npz"), "None of corpus.npz, corpus.npz is a table"),
        (("diff", "center", "whiten"), "without --source"),
    ],
)
def test_columns_of_what_has_none_are_refused(dohyo, corpus_file, command, part):
    assert corpus_file.name == "corpus.npz"
    said = dohyo(*command, "--columns", "text=other")
    assert said.code == 2
    assert part in said.err


def test_pairs_columns_alone_are_refused(dohyo, corpus_file):
    said = dohyo("verify", corpus_file, "--method", "center", "--pairs-columns", "text=other")
    assert said.code == 2
    assert "without --pairs-from" in said.err


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
