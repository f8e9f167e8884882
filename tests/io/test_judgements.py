"""Judgements as they come in files: what is read, and what each mistake is answered with."""

from pathlib import Path

import numpy as np
import pytest

from dohyo.errors import CorpusError
from dohyo.io.judgements import read_judgements, read_queries

TREC = "q1 0 a 2\nq1\t0\tb 0\n\nq2 Q0 a 1\n"
CSV = 'grade,note,query,item\n2,"x, y",q1,a\n0,,q1,b\n1,,q2,a\n'


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("judged.qrels", TREC),
        ("judged.txt", TREC.replace("\n", "\r\n")),
        ("judged.csv", CSV),
        ("judged.CSV", "\N{BYTE ORDER MARK}" + CSV.replace("\n", "\r\n")),
        ("judged.tsv", "query\titem\tgrade\nq1\ta\t2\nq1\tb\t0\nq2\ta\t1.0\n"),
        ("twice.qrels", TREC + "q1 0 a 2\n"),
    ],
)
def test_qrels_and_tables_say_the_same(tmp_path, name, text):
    found = read_judgements(written(tmp_path, name, text))
    assert found.query == ("q1", "q1", "q2")
    assert found.item == ("a", "b", "a")
    assert found.grade.tolist() == [2, 0, 1]


BAD = {
    "three columns": ("a.qrels", "q1 0 a 1\nq1 0 b\n", "a.qrels line 2 has 3 columns"),
    "not a number": ("a.qrels", "q1 0 a good\n", "a.qrels line 1 has grade good"),
    "not whole": ("a.qrels", "q1 0 a 1.5\n", "no whole number"),
    "no number": ("a.qrels", "q1 0 a nan\n", "no whole number"),
    "infinite": ("a.qrels", "q1 0 a inf\n", "no whole number"),
    "huge": ("a.qrels", "q1 0 a 99999999999999999999\n", "no whole number up to 1,000,000"),
    "below zero": ("a.qrels", "q1 0 a 1\n\nq1 0 b -1\n", "a.qrels line 3 has grade -1, below 0"),
    "two grades": ("a.qrels", "q1 0 a 1\nq1 0 a 2\n", "a.qrels line 2 gives q1 and a grade 2, lin"),
    "empty": ("a.qrels", " \n", "a.qrels is empty"),
    "no answer": ("a.qrels", "q1 0 a 0\n", "a.qrels has no grade above 0"),
    "not UTF-8": ("a.qrels", b"q1 0 a 1\nq\xff 0 a 1\n", "a.qrels line 2 is not UTF-8"),
    "missing column": ("a.csv", "query,item\nq1,a\n", "a.csv has no columns named grade"),
    "column twice": ("a.csv", "query,item,grade,grade\n", "2 columns named grade"),
    "header alone": ("a.csv", "query,item,grade\n", "a.csv holds no judgement"),
    "short row": ("a.csv", "query,item,grade\nq1,a,1\nq1,a\n", "a.csv line 3 has 2 columns"),
    "no query": ("a.csv", "query,item,grade\n,a,1\n", "a.csv line 2 names no query"),
    "open quote": ("a.csv", 'query,item,grade\nq1,"a,1\n', "is no line of a table"),
}


@pytest.mark.parametrize(("name", "text", "said"), BAD.values(), ids=BAD.keys())
def test_a_mistake_is_answered_with_file_and_line(tmp_path, name, text, said):
    with pytest.raises(CorpusError) as caught:
        read_judgements(written(tmp_path, name, text))
    assert said in caught.value.what
    assert caught.value.hint


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"nowhere\.csv is not a file"):
        read_judgements(tmp_path / "nowhere.csv")


def test_queries_come_with_or_without_names(tmp_path):
    rows = np.eye(4, dtype=np.float32)
    np.savez(tmp_path / "q.npz", text=rows, text_id=np.array(list("abcd")))
    named = read_queries(tmp_path / "q.npz")
    assert (named.ids("text"), named.ids("image")) == (tuple("abcd"), ())
    np.savez(tmp_path / "q.npz", image=rows)
    assert read_queries(tmp_path / "q.npz").ids("image")[3] == "image/3"


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"vectors": np.eye(3)}, "neither `image` nor `text`"),
        ({"text": np.full((2, 3), np.nan)}, "query text row 0 holds NaN"),
        ({"text": np.eye(3), "text_id": np.array(["a", "a", "b"])}, "as is text_id row 0"),
        ({"text": np.eye(3), "text_id": np.array(["a"])}, "text_id has 1 entries"),
    ],
)
def test_queries_that_cannot_be_used_are_refused(tmp_path, arrays, said):
    np.savez(tmp_path / "q.npz", **arrays)
    with pytest.raises(CorpusError) as caught:
        read_queries(tmp_path / "q.npz")
    assert said in caught.value.what
