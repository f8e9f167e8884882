"""Folders that the `datasets` library itself saved."""

import numpy as np
import pytest

from dohyo.io.read import read

datasets = pytest.importorskip("datasets", reason="needs datasets")

RNG = np.random.default_rng(0)
IMAGE, TEXT = RNG.normal(size=(2, 30, 6))
CAPTION = [f"品物 {number}" for number in range(30)]
LABEL = np.arange(30) % 3


def features(kind: str, length: int):
    vector = datasets.Sequence(datasets.Value(kind), length=length)
    return datasets.Features(
        image_embedding=vector,
        text_embedding=vector,
        caption=datasets.Value("string"),
        label=datasets.ClassLabel(names=["犬", "猫", "鳥"]),
    )


@pytest.mark.parametrize("length", [-1, 6], ids=["lists", "lists of one length"])
@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shards", [1, 3])
def test_vectors_captions_and_classes_come_as_they_were_saved(tmp_path, kind, length, shards):
    given = {
        "image_embedding": IMAGE.astype(kind).tolist(),
        "text_embedding": TEXT.astype(kind).tolist(),
        "caption": CAPTION,
        "label": LABEL.tolist(),
    }
    saved = datasets.Dataset.from_dict(given, features=features(kind, length))
    saved.save_to_disk(tmp_path / "set", num_shards=shards)
    corpus = read(tmp_path / "set")
    np.testing.assert_array_equal(corpus.image, IMAGE.astype(kind))
    np.testing.assert_array_equal(corpus.text, TEXT.astype(kind))
    assert corpus.image.dtype == np.dtype(kind)
    assert corpus.caption == tuple(CAPTION)
    assert corpus.label.tolist() == LABEL.tolist()
    assert corpus.class_name == ("犬", "猫", "鳥")
    assert corpus.text_to_image.tolist() == list(range(30))
