import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.measures.norms import norms


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_lengths_are_those_of_the_raw_rows(dtype):
    rng = np.random.default_rng(0)
    image, text = rng.normal(size=(40, 6)).astype(dtype), 9 * rng.normal(size=(30, 6)).astype(dtype)
    found = norms(Corpus.from_arrays(image, text.astype(dtype), paired=False))
    for side, rows in (("image", image), ("text", text)):
        length = np.linalg.norm(rows.astype(np.float64), axis=1)
        assert found[side].mean == pytest.approx(length.mean(), rel=1e-3)
        assert found[side].spread == pytest.approx(length.std(), rel=1e-2)


def test_rows_of_one_length_have_no_spread():
    rows = np.eye(4, dtype=np.float32) * 3
    found = norms(Corpus.from_arrays(rows, rows))
    assert (found["image"].mean, found["text"].spread) == pytest.approx((3.0, 0.0), abs=1e-6)
