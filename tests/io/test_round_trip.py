"""Every format that is written gives back the same corpus, whatever is in it."""

import dataclasses
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dohyo.corpus import Corpus
from dohyo.io import table_writer
from dohyo.io.read import read
from dohyo.io.write import suffixes, write

SENTENCES = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)


def same(left: Corpus, right: Corpus) -> None:
    for field in dataclasses.fields(Corpus):
        one, other = getattr(left, field.name), getattr(right, field.name)
        if one is None or not isinstance(one, np.ndarray):
            assert one is None if other is None else one == other, field.name
        else:
            assert (one.dtype, one.shape) == (other.dtype, other.shape), field.name
            assert one.tobytes() == np.ascontiguousarray(other).tobytes(), field.name


@st.composite
def corpora(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from([np.float16, np.float32, np.float64]))
    n, m, d = draw(st.integers(1, 6)), draw(st.integers(1, 9)), draw(st.integers(1, 5))
    pairs = draw(st.sampled_from(["known", "rows", "none"]))
    m = n if pairs == "rows" else m
    maybe = lambda value: value if draw(st.booleans()) else None  # noqa: E731
    classes = draw(st.integers(1, 3))
    rows = lambda count: (rng.normal(size=(count, d)) + 9).astype(kind)  # noqa: E731
    label = maybe(rng.integers(0, classes, n))
    prompts = maybe(rows(classes))
    strings = lambda count: draw(st.lists(SENTENCES, min_size=count, max_size=count))  # noqa: E731
    return Corpus.from_arrays(
        rows(n),
        rows(m),
        rng.integers(0, n, m) if pairs == "known" else None,
        label,
        maybe(strings(m)),
        prompts,
        None if prompts is None and label is None else maybe(strings(classes)),
        paired=False if pairs == "none" else None,
        pictures=maybe(rng.integers(0, 256, (n, 2, 3, 3), np.uint8)),
        encoder=maybe("Größe/土俵"),
        sources=maybe(strings(n)),
        image_ids=maybe([f"画像{i}" for i in range(n)]),
        text_ids=maybe([f"t,{i}\n" for i in range(m)]),
    )


@pytest.mark.parametrize("suffix", suffixes())
@given(corpus=corpora(), block=st.sampled_from([2, 100]))
@settings(max_examples=40)
def test_any_corpus_comes_back_as_it_was(suffix, corpus, block):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_writer, "ROWS_PER_BLOCK", block)
        path = Path(folder) / f"c{suffix}"
        write(corpus, path)
        same(corpus, read(path))
