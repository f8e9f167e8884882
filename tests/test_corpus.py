import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.rows import ROWS_PER_BLOCK, has_direction, unit_rows

IMAGE, TEXT = np.eye(3, 4, dtype=np.float32), np.ones((3, 4), np.float32)


def with_row(value, row=1):
    x = TEXT.copy()
    x[row] = value
    return x


BAD = {
    "NaN": (
        {"texts": with_row(np.nan)},
        "text row 1 holds NaN or infinity. "
        "Drop that row (and what is paired with it) or embed the item again.",
    ),
    "infinity": (
        {"images": with_row(-np.inf, 2)},
        "image row 2 holds NaN or infinity. "
        "Drop that row (and what is paired with it) or embed the item again.",
    ),
    "zero vector": (
        {"texts": with_row(0, 0)},
        "text row 0 is all zeros. "
        "A zero vector has no direction; drop that row or embed the item again.",
    ),
    "no rows": (
        {"images": np.empty((0, 4), np.float32)},
        "image has no rows or no columns: its shape is (0, 4). "
        "Both modalities need at least one item.",
    ),
    "no columns": (
        {"texts": np.empty((3, 0), np.float32)},
        "text has no rows or no columns: its shape is (3, 0). "
        "Both modalities need at least one item.",
    ),
    "one dimension": (
        {"images": np.ones(4, np.float32)},
        "image must be a matrix of numbers, one row for each item, but has shape (4,) and type "
        "float32. Save it as float32 with shape (rows, dimension).",
    ),
    "objects": (
        {"images": IMAGE.astype(object)},
        "image must be a matrix of numbers, one row for each item, but has shape (3, 4) and type "
        "object. Save it as float32 with shape (rows, dimension).",
    ),
    "strings": (
        {"texts": TEXT.astype(str)},
        "text must be a matrix of numbers, one row for each item, but has shape (3, 4) and type "
        "<U32. Save it as float32 with shape (rows, dimension).",
    ),
    "complex numbers": (
        {"texts": TEXT.astype(np.complex64)},
        "text must be a matrix of numbers, one row for each item, but has shape (3, 4) and type "
        "complex64. Save it as float32 with shape (rows, dimension).",
    ),
    "rows of different length": (
        {"texts": [[1.0, 2.0], [3.0]]},
        "text is not an array: its rows differ in length. "
        "Give every row the same number of entries.",
    ),
    "another dimension": (
        {"texts": np.ones((3, 5), np.float32)},
        "image has 4 columns, text has 5. Both must come from the same encoder.",
    ),
    "class texts of another dimension": (
        {"class_texts": np.ones((2, 5), np.float32)},
        "image has 4 columns, class_text has 5. Both must come from the same encoder.",
    ),
    "a zero class text": (
        {"class_texts": with_row(0)},
        "class_text row 1 is all zeros. "
        "A zero vector has no direction; drop that row or embed the item again.",
    ),
    "unequal counts": (
        {"texts": np.ones((5, 4), np.float32)},
        "3 images and 5 texts cannot be paired row by row. "
        "Give --text-to-image (text_to_image), or say --unpaired (paired=False).",
    ),
    "unequal counts, pairs insisted on": (
        {"texts": np.ones((5, 4), np.float32), "paired": True},
        "3 images and 5 texts cannot be paired row by row. "
        "Give --text-to-image (text_to_image), or say --unpaired (paired=False).",
    ),
    "an index out of range": (
        {"text_to_image": [0, 3, 1]},
        "text_to_image row 1 points to image 3, but the images are 0 to 2. Rows count from 0.",
    ),
    "a negative index": (
        {"text_to_image": [0, 1, -1]},
        "text_to_image row 2 is -1. Indices and labels count from 0.",
    ),
    "an index beyond int64": (
        {"text_to_image": np.array([0, 2**63, 1], np.uint64)},
        "text_to_image row 1 is 9223372036854775808. Indices and labels count from 0.",
    ),
    "too few indices": (
        {"text_to_image": [0, 1]},
        "text_to_image has 2 entries, text has 3 rows. "
        "Give one text_to_image for each row of text.",
    ),
    "fractional indices": (
        {"text_to_image": [0.0, 1.0, 2.0]},
        "text_to_image must be a list of whole numbers, but has shape (3,) and type float64. "
        "Give one integer for each row of text.",
    ),
    "too many labels": (
        {"labels": [0, 1, 0, 1]},
        "label has 4 entries, image has 3 rows. Give one label for each row of image.",
    ),
    "a matrix of labels": (
        {"labels": [[0, 1, 0]]},
        "label must be a list of whole numbers, but has shape (1, 3) and type int64. "
        "Give one integer for each row of image.",
    ),
    "a negative label": (
        {"labels": [-2, 1, 0]},
        "label row 0 is -2. Indices and labels count from 0.",
    ),
    "a label without a name": (
        {"labels": [0, 1, 2], "class_names": ["cat", "dog"]},
        "label goes up to 2, but there are 2 class names. "
        "Labels count from 0; give one name for each class.",
    ),
    "too few captions": (
        {"captions": ["a cat"]},
        "caption has 1 entries, text has 3 rows. Give one caption for each row of text.",
    ),
    "too many class names": (
        {"class_texts": TEXT, "class_names": list("abcd")},
        "class_name has 4 entries, class_text has 3 rows. "
        "Give one class_name for each row of class_text.",
    ),
    "pictures as floats": (
        {"pictures": np.ones((3, 2, 2, 3))},
        "picture has shape (3, 2, 2, 3) and type float64. "
        "Give thumbnails as uint8 with shape (images, height, width, 3).",
    ),
    "too few pictures": (
        {"pictures": np.ones((2, 2, 2, 3), np.uint8)},
        "picture has 2 entries, image has 3 rows. Give one picture for each row of image.",
    ),
}


@pytest.mark.parametrize(("given_", "message"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_answered_in_one_line_that_says_what_where_and_how(given_, message):
    with pytest.raises(CorpusError) as caught:
        Corpus.from_arrays(**({"images": IMAGE, "texts": TEXT} | given_))
    assert str(caught.value) == message
    assert "\n" not in message


def test_a_bad_row_beyond_the_first_block_is_named_by_its_own_number():
    tall = np.ones((ROWS_PER_BLOCK + 9, 2), np.float32)
    tall[ROWS_PER_BLOCK + 5, 1] = np.nan
    with pytest.raises(CorpusError, match=rf"^image row {ROWS_PER_BLOCK + 5} holds NaN"):
        Corpus.from_arrays(tall, tall)


def test_equal_counts_are_paired_row_by_row_unless_told_otherwise():
    assert Corpus.from_arrays(IMAGE, TEXT).groups("text").tolist() == [0, 1, 2]
    unpaired = Corpus.from_arrays(IMAGE, TEXT, paired=False)
    assert not unpaired.paired
    assert unpaired.groups("image").tolist() == [0, 1, 2]
    with pytest.raises(CorpusError, match=r"^This corpus has no pairs\. Give text_to_image"):
        unpaired.groups("text")


def test_vectors_are_taken_over_without_a_copy():
    corpus = Corpus.from_arrays(IMAGE, TEXT)
    assert np.shares_memory(corpus.image, IMAGE)
    assert np.shares_memory(corpus.text, TEXT)


@pytest.mark.parametrize("foreign", [">f4", "int16", "uint8"])
def test_other_numbers_become_float32(foreign):
    corpus = Corpus.from_arrays(IMAGE.astype(foreign), TEXT)
    assert corpus.image.dtype == np.float32
    np.testing.assert_array_equal(corpus.image, IMAGE)


@given(n=st.integers(1, 60), k=st.integers(1, 8), seed=st.integers(0, 2**32 - 1))
def test_fold_i_takes_every_kth_of_the_seeded_permutation_from_i(n, k, seed):
    corpus = Corpus.from_arrays(np.ones((n, 2), np.float32), np.ones((n, 2), np.float32))
    if n < k:
        with pytest.raises(CorpusError, match=rf"^{n} images cannot be split into {k} folds\."):
            corpus.folds(k, seed)
        return
    order = np.random.default_rng(seed).permutation(n)
    dealt = [sorted(order[place] for place in range(n) if place % k == i) for i in range(k)]
    assert [fold.tolist() for fold in corpus.folds(k, seed)] == dealt


def test_a_subset_keeps_each_image_with_its_own_texts_and_renumbers_them():
    corpus = Corpus.from_arrays(
        np.arange(1, 9, dtype=np.float32).reshape(4, 2),
        np.arange(1, 13, dtype=np.float32).reshape(6, 2),
        [3, 0, 1, 3, 2, 0],
        labels=[5, 6, 7, 8],
        captions=list("abcdef"),
        class_names=list("012345678"),
        pictures=np.arange(4, dtype=np.uint8)[:, None, None, None]
        * np.ones((4, 1, 1, 3), np.uint8),
        encoder="e",
    )
    part = corpus.subset(np.array([3, 1]))
    np.testing.assert_array_equal(part.image, corpus.image[[3, 1]])
    np.testing.assert_array_equal(part.text, corpus.text[[0, 2, 3]])
    assert part.groups("text").tolist() == [0, 1, 0]
    assert part.label.tolist() == [8, 6]
    assert part.caption == ("a", "c", "d")
    assert part.picture[:, 0, 0, 0].tolist() == [3, 1]
    assert (part.class_name, part.encoder) == (corpus.class_name, "e")


rows = hnp.arrays(
    st.sampled_from([np.float16, np.float32, np.float64]),
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.floats(-1, 1, width=16),
)


@given(x=rows)
def test_unit_rows_have_length_one_and_point_where_they_pointed(x):
    unit = unit_rows(x)
    assert (unit.dtype, unit.shape) == (np.float32, x.shape)
    alive = x.any(axis=1)
    exact = x.astype(np.float64)
    length = np.sqrt((exact**2).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(unit[alive], (exact / np.where(length, length, 1))[alive], atol=2e-7)
    assert not unit[~alive].any()


@given(x=rows, power=st.integers(-60, 60))
def test_a_power_of_two_changes_no_bit_of_a_unit_row(x, power):
    plain = x.astype(np.float64)
    np.testing.assert_array_equal(unit_rows(plain * 2.0**power), unit_rows(plain))


@pytest.mark.parametrize(
    ("dtype", "size"),
    [
        (np.float16, 6e4),
        (np.float16, 6e-8),
        (np.float32, 3e38),
        (np.float32, 1.4e-45),
        (np.float64, 1e300),
        (np.float64, 5e-324),
    ],
)
def test_rows_at_the_ends_of_a_type_keep_their_direction(dtype, size):
    x = np.array([[size, 0, -size, size], [0, size, 0, 0]], dtype)
    wanted = np.array([[3**-0.5, 0, -(3**-0.5), 3**-0.5], [0, 1, 0, 0]])
    np.testing.assert_allclose(unit_rows(x), wanted, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("size", [1.0, "tiny", "max"])
def test_a_tensor_has_the_unit_rows_of_the_array(dtype, size):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).uniform(-1, 1, size=(20, 5))
    x = (x * (float(getattr(np.finfo(dtype), size)) if isinstance(size, str) else 1.0)).astype(
        dtype
    )
    x[3] = 0
    there = unit_rows(torch.asarray(x))
    assert there.dtype == torch.float32
    np.testing.assert_allclose(there.numpy(), unit_rows(x), atol=2e-7)
    np.testing.assert_array_equal(has_direction(there).numpy(), x.any(axis=1))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_bad_number_spreads_over_its_row_and_no_further(bad):
    x = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
    clean = unit_rows(x)
    x[1, 3], x[2] = bad, 0
    unit = unit_rows(x)
    assert np.isnan(unit[1]).all()
    np.testing.assert_array_equal(unit[[0, 3]], clean[[0, 3]])
    assert has_direction(unit).tolist() == [True, False, False, True]
    assert has_direction(np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]])).tolist() == [1, 1, 0]


def test_unit_takes_the_rows_asked_for_and_never_the_callers_memory():
    corpus = Corpus.from_arrays(IMAGE, 2 * TEXT)
    np.testing.assert_array_equal(corpus.unit("text", np.array([2])), np.full((1, 4), 0.5))
    assert not np.shares_memory(corpus.unit("image"), corpus.image)


CHANGED = {
    "one number of an image": Corpus.from_arrays(with_row(2.0), IMAGE),
    "sides swapped": Corpus.from_arrays(IMAGE, TEXT),
    "a pair": Corpus.from_arrays(TEXT, IMAGE, [0, 2, 1]),
    "no pairs": Corpus.from_arrays(TEXT, IMAGE, paired=False),
    "the type": Corpus.from_arrays(TEXT.astype(np.float64), IMAGE),
    "the rows' order": Corpus.from_arrays(TEXT, IMAGE[::-1]),
    "one column less": Corpus.from_arrays(TEXT[:, :3], IMAGE[:, :3]),
}


@pytest.mark.parametrize("changed", CHANGED.values(), ids=CHANGED.keys())
def test_the_fingerprint_changes_with(changed):
    assert changed.fingerprint() != Corpus.from_arrays(TEXT, IMAGE).fingerprint()


def test_the_fingerprint_is_of_the_numbers_not_of_the_memory():
    fortran = Corpus.from_arrays(np.asfortranarray(TEXT), IMAGE[::-1][::-1])
    assert fortran.fingerprint() == Corpus.from_arrays(TEXT, IMAGE).fingerprint()


def test_bfloat16_is_refused_with_the_way_out():
    """NumPy has no bfloat16: a file of it arrives as two bytes of nothing in particular."""
    with pytest.raises(CorpusError, match=r"type \|V2\. Save it as float32"):
        Corpus.from_arrays(np.zeros((3, 4), "V2"), np.ones((3, 4)))
