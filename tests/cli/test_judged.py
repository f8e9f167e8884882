"""--judgements and --queries: what decides, and one line for what is wrong."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import arrays
from tests.cli.test_bad_input import refused


@pytest.fixture
def judged(dohyo, corpus_file) -> Path:
    """Judgements of every pair, both ways, as qrels."""
    lines = [f"image/{row} 0 text/{row} 2\ntext/{row} 0 image/{row} 1\n" for row in range(60)]
    Path("judged.qrels").write_text("".join(lines))
    return Path("judged.qrels")


@pytest.fixture
def index(dohyo) -> Path:
    """An index without pairs, and texts that ask it from outside."""
    rows = arrays()
    np.savez(
        "index.npz",
        image=rows["image"],
        text=rows["text"][50:],
        image_id=np.array([f"sku-{row}" for row in range(60)]),
        text_id=np.array([f"doc-{row}" for row in range(10)]),
    )
    np.savez("asking.npz", text=rows["text"][:50], text_id=np.array([f"q{r}" for r in range(50)]))
    lines = [f"q{row},sku-{row},1" for row in range(50)]
    Path("judged.csv").write_text("\n".join(["query,item,grade", *lines]))
    return Path("index.npz")


def test_judged_items_decide_and_the_pairs_stand_beside(dohyo, corpus_file, judged):
    said = dohyo("verify", corpus_file, "--method", "center", "--judgements", judged, "--json")
    assert said.code == 0
    told = json.loads(said.out)
    assert told["verify"]["judged"]["judgements"] == 120
    assert told["verify"]["unseen_query"]["change"]
    assert told["verify"]["judged"]["change"]["judged_ndcg_at_10"]["value"] > 0


def test_queries_from_outside_decide_for_an_index_without_pairs(dohyo, index):
    said = dohyo(
        *("run", index, "--unpaired", "--judgements", "judged.csv", "--queries", "asking.npz"),
        *("--out", "out", "--no-stress"),
    )
    assert said.code == 0, said.err
    told = json.loads(Path("out/report.json").read_text())
    assert told["verify"]["judged"]["outside"]
    assert told["decision"]["verdict"] == "correct"
    page = Path("out/report.html").read_text(encoding="utf-8")
    assert "judged nDCG@10" in page
    assert Path("out/map/map.json").is_file()


def test_a_map_is_fitted_by_what_judged_queries_chose(dohyo, corpus_file, judged):
    said = dohyo("align", corpus_file, "--judgements", judged, "--out", "map", "--json")
    assert said.code == 0
    assert json.loads(said.out)["reasons"]


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("image/0 0 text/0", "judged.qrels line 121 has 3 columns"),
        ("image/0 0 text/99 1", "judged.qrels line 121 speaks of text/99"),
        ("image/99 0 text/0 1", "judged.qrels line 121 speaks of image/99"),
        ("image/0 0 text/1 -1", "judged.qrels line 121 has grade -1, below 0"),
        ("image/0 0 text/0 1", "judged.qrels line 121 gives image/0 and text/0 grade 1"),
    ],
)
@pytest.mark.parametrize("command", ["verify", "run"])
def test_bad_judgements_are_refused_in_one_line(dohyo, corpus_file, judged, line, part, command):
    with judged.open("a") as file:
        file.write(line + "\n")
    how = ("--method", "center") if command == "verify" else ("--out", "out")
    refused(dohyo(command, corpus_file, *how, "--judgements", judged), part)
    assert not Path("out").exists()


def test_judgements_that_are_no_file_or_empty_are_refused(dohyo, corpus_file, judged):
    asked = ("verify", corpus_file, "--method", "center", "--judgements")
    refused(dohyo(*asked, "none.qrels"), "none.qrels is not a file")
    judged.write_text("")
    refused(dohyo(*asked, judged), "judged.qrels is empty")


def test_queries_without_judgements_and_two_yardsticks_are_refused(dohyo, index, corpus_file):
    refused(dohyo("run", index, "--unpaired", "--queries", "asking.npz", "--out", "out"), "--judg")
    refused(
        dohyo(
            *("run", index, "--unpaired", "--judgements", "judged.csv"),
            *("--queries", "asking.npz", "--pairs-from", corpus_file, "--out", "out"),
        ),
        "cannot both",
    )
    assert not Path("out").exists()


def test_queries_that_do_not_fit_are_refused(dohyo, index):
    np.savez("narrow.npz", text=np.eye(8, dtype=np.float32))
    asked = ("run", index, "--unpaired", "--judgements", "judged.csv", "--out", "out")
    refused(dohyo(*asked, "--queries", "narrow.npz"), "16 columns, the text queries have 8")
    refused(dohyo(*asked, "--queries", "none.npz"), "none.npz is not a file")
