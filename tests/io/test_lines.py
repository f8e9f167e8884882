"""Vectors in CSV, TSV and JSON Lines: what is read, and what is refused by row."""

import csv
import json

import numpy as np
import pytest

from dohyo.errors import CorpusError
from dohyo.io import lines
from dohyo.io.read import read

RNG = np.random.default_rng(0)
IMAGE = RNG.normal(size=(30, 4)).astype(np.float32)
TEXT = RNG.normal(size=(30, 4)).astype(np.float32)
CAPTIONS = tuple(f'犬 "{row}", 土俵\n' for row in range(30))


@pytest.fixture(params=[64, 4 << 20])
def block(request, monkeypatch):
    """Small blocks split the file, a large one holds it whole."""
    monkeypatch.setattr(lines, "BLOCK", max(request.param, 600))


def records(**replaced):
    for row in range(30):
        yield {
            "image": IMAGE[row].tolist(),
            "text": TEXT[row].tolist(),
            "caption": CAPTIONS[row],
            "image_id": f"00{row}",
        } | {key: value[row] for key, value in replaced.items()}


def save_csv(path, rows, *, spread=False):
    rows = [dict(each) for each in rows]
    for each in rows:
        for side in ("image", "text"):
            vector = each.pop(side)
            if spread:
                each |= {f"{side}_{i}": v for i, v in enumerate(vector)}
            else:
                each[side] = json.dumps(vector)
    with path.open("w", encoding="utf-8", newline="") as file:
        delimiter = "\t" if path.suffix == ".tsv" else ","
        out = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        out.writeheader()
        out.writerows(rows)
    return path


def save_jsonl(path, rows):
    text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in rows)
    path.write_text(text, encoding="utf-8")
    return path


def as_given(corpus):
    np.testing.assert_array_equal(corpus.image, IMAGE)
    np.testing.assert_array_equal(corpus.text, TEXT)
    assert corpus.image.dtype == np.float32
    assert corpus.caption == CAPTIONS
    assert corpus.image_id == tuple(f"00{row}" for row in range(30))


@pytest.mark.parametrize("spread", [True, False])
@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_a_csv_of_columns_or_of_lists_is_read(tmp_path, block, suffix, spread):
    as_given(read(save_csv(tmp_path / f"c.{suffix}", records(), spread=spread)))


@pytest.mark.parametrize("suffix", ["jsonl", "ndjson"])
def test_json_lines_are_read(tmp_path, block, suffix):
    as_given(read(save_jsonl(tmp_path / f"c.{suffix}", records())))


def test_whole_numbers_and_a_byte_order_mark_are_forgiven(tmp_path):
    vectors = np.eye(4, dtype=int)
    text = "".join(json.dumps({"image": v.tolist(), "text": v.tolist()}) + "\n" for v in vectors)
    (tmp_path / "c.jsonl").write_bytes(b"\xef\xbb\xbf" + text.encode())
    np.testing.assert_array_equal(read(tmp_path / "c.jsonl").text, vectors)


@pytest.mark.parametrize("bad", [[1.0, 2.0], None, [1.0, None, 2.0, 3.0], [0.0] * 4])
@pytest.mark.parametrize("save", [save_csv, save_jsonl])
def test_a_bad_vector_is_named_by_its_row(tmp_path, block, save, bad):
    vectors = [*TEXT.tolist()]
    vectors[17] = bad
    suffix = "csv" if save is save_csv else "jsonl"
    path = save(tmp_path / f"c.{suffix}", records(text=vectors))
    with pytest.raises(CorpusError, match=rf"c\.{suffix}, column text: row 17 ") as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_numbers_without_commas_are_named_by_their_row(tmp_path, block):
    path = save_csv(tmp_path / "c.csv", records())
    spelt = json.dumps(TEXT[3].tolist())
    path.write_text(path.read_text().replace(spelt, spelt.replace(",", "")))
    with pytest.raises(CorpusError, match=r"column text: row 3 is no list of numbers"):
        read(path)


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("c.csv", b"", "is empty"),
        ("c.csv", b"image_0,image_1\n1.5,2\n1,x\n", "no column of vectors"),
        ("c.csv", "path,caption\na.png,犬\n".encode(), "dohyo embed"),
        ("c.jsonl", b'{"path": "a.png", "caption": "x"}\n', "dohyo embed"),
        ("c.jsonl", b"not json\n", "not readable as JSON Lines"),
        ("c.jsonl", b'{"image": [1, 2], "te', "not readable as JSON Lines"),
        ("c.csv", b"a,b\n1,2\n3\n", "not readable as CSV"),
    ],
)
def test_other_text_is_refused_in_one_sentence(tmp_path, name, content, part):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CorpusError, match=part) as caught:
        read(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_file_in_another_encoding_is_told_so(tmp_path):
    path = save_csv(tmp_path / "c.csv", records())
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp932"))
    with pytest.raises(CorpusError, match="UTF-8"):
        read(path)
