"""What every method promises when it is applied."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.corpus import MODALITIES, Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map
from dohyo.corrections.registry import METHODS
from dohyo.errors import MapError, UsageError
from dohyo.rows import unit_rows
from worlds import paired, sphere, turn

DIM = 12
WORLD = paired(np.random.default_rng(0), 130, DIM, gap=0.8)
CORPUS, NEW = WORLD.subset(np.arange(90)), WORLD.subset(np.arange(90, 130))
MOVING = [name for name in METHODS if name not in ("none", "calibrate")]
OPTIONS = [{}, {"calibrate": 1.0}, {"hubs": 0.5}, {"calibrate": 1.0, "hubs": 0.5}]

every_method = pytest.mark.parametrize("method", METHODS)
moving = pytest.mark.parametrize("method", MOVING)
every_option = pytest.mark.parametrize("options", OPTIONS, ids=["plain", "offset", "hubs", "both"])
each_side = pytest.mark.parametrize("side", MODALITIES)


@cache
def fitted(method):
    return fit_map(method, Evidence.of(CORPUS))


@cache
def scoring(method, *options):
    return fit_map(method, Evidence.of(CORPUS), dict(options))


@every_method
@each_side
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_strength_zero_returns_the_input_bit_for_bit(method, side, dtype):
    x = (7 * sphere(np.random.default_rng(2), 9, DIM)).astype(dtype)
    out = fitted(method).apply(x, side, strength=0.0)
    assert (out.dtype, out.shape, out.tobytes()) == (x.dtype, x.shape, x.tobytes())


@every_method
@each_side
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 20), strength=st.floats(1e-6, 1.0))
def test_at_any_other_strength_rows_are_float32_of_length_one(method, side, seed, rows, strength):
    x = 5 * np.random.default_rng(seed).normal(size=(rows, DIM))
    out = fitted(method).apply(x, side, strength=strength)
    assert (out.dtype, out.shape) == (np.float32, (rows, fitted(method).width))
    np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1.0, atol=1e-6)


@every_method
@each_side
def test_the_order_of_the_rows_does_not_matter(method, side):
    x, order = NEW.unit(side), np.random.default_rng(3).permutation(40)
    there = fitted(method).apply(x[order], side)
    np.testing.assert_allclose(there, fitted(method).apply(x, side)[order], atol=1e-6)


@every_method
@each_side
def test_the_order_of_the_corpus_does_not_matter(method, side):
    order = np.random.default_rng(4).permutation(90)
    mixed = Corpus.from_arrays(CORPUS.image[order], CORPUS.text[order[::-1]], paired=False)
    there = fit_map(method, Evidence.of(mixed)).moved(NEW.unit(side), side)
    np.testing.assert_allclose(there, fitted(method).moved(NEW.unit(side), side), atol=2e-5)


@pytest.mark.parametrize("method", [m for m in METHODS if m != "standardize"])  # goes by column
@each_side
def test_a_turned_corpus_has_a_turned_map(method, side):
    turned = turn(np.random.default_rng(5), DIM)
    there = Corpus.from_arrays(CORPUS.image @ turned, CORPUS.text @ turned)
    out = fit_map(method, Evidence.of(there)).moved(NEW.unit(side) @ turned, side)
    wanted = fitted(method).moved(NEW.unit(side), side) @ turned
    np.testing.assert_allclose(out, wanted, atol=1e-4)  # float32 through a whitening and a kernel


@every_method
@each_side
def test_the_length_of_a_row_does_not_matter(method, side):
    x = NEW.unit(side)
    longer = (x * 2.0 ** np.arange(40)[:, None]).astype(np.float32)
    np.testing.assert_array_equal(fitted(method).apply(longer, side), fitted(method).apply(x, side))


@moving
@each_side
@pytest.mark.parametrize("strength", [0.2, 0.5, 0.9])
def test_between_the_ends_a_row_points_along_the_weighted_mean_of_both(method, side, strength):
    x = NEW.unit(side)
    between = (1 - strength) * x + strength * fitted(method).apply(x, side)
    wanted = between / np.linalg.norm(between, axis=1, keepdims=True)
    np.testing.assert_allclose(fitted(method).apply(x, side, strength=strength), wanted, atol=1e-6)


@moving
@each_side
def test_a_small_step_in_strength_is_a_small_step_out(method, side):
    x = NEW.unit(side)
    steps = np.linspace(0.0, 1.0, 101)
    path = np.array([fitted(method).apply(x, side, strength=s) for s in steps])
    assert np.linalg.norm(np.diff(path, axis=0), axis=2).max() < 0.1
    nearly = [fitted(method).apply(x, side, strength=s) for s in (1e-6, 1 - 1e-6)]
    np.testing.assert_allclose(nearly[0], x, atol=1e-5)
    np.testing.assert_allclose(nearly[1], fitted(method).apply(x, side), atol=1e-5)


def nudged(x):
    step = np.random.default_rng(6).normal(size=x.shape)
    return x + 1e-4 * step / np.linalg.norm(step, axis=1, keepdims=True)


@every_method
@every_option
@each_side
@pytest.mark.parametrize("role", ["item", "query"])
def test_a_step_of_1e_4_in_never_moves_a_row_more_than_1e_2_out(method, options, side, role):
    x = NEW.unit(side).astype(np.float64)
    chosen = scoring(method, *options.items())
    step = chosen.apply(nudged(x), side, role) - chosen.apply(x, side, role)
    assert np.linalg.norm(step, axis=1).max() < 1e-2


@moving
@each_side
def test_nor_does_it_on_clips_vectors(method, side, coco500):
    seen, unseen = coco500.subset(np.arange(375)), coco500.subset(np.arange(375, 500))
    clip = fit_map(method, Evidence.of(seen), {"hubs": 0.5})
    x = unseen.unit(side).astype(np.float64)
    step = clip.apply(nudged(x), side) - clip.apply(x, side)
    assert np.linalg.norm(step, axis=1).max() < 1e-2


@every_method
@every_option
@each_side
@pytest.mark.parametrize("role", ["item", "query"])
def test_options_keep_rows_at_length_one_all_the_way(method, options, side, role):
    chosen, x = scoring(method, *options.items()), NEW.unit(side)
    steps = np.linspace(0.0, 1.0, 201)[1:]
    path = np.array([chosen.apply(x, side, role, s) for s in steps])
    assert path.shape[2] == chosen.width
    np.testing.assert_allclose(np.linalg.norm(path, axis=2), 1.0, atol=1e-6)
    assert np.linalg.norm(np.diff(path, axis=0), axis=2).max() < 0.1


@every_method
@every_option
@each_side
def test_near_strength_zero_the_scores_are_those_without_a_map(method, options, side):
    chosen, x, other = scoring(method, *options.items()), NEW.unit(side), NEW.unit("text")
    nearly = chosen.apply(x, side, "query", 1e-6) @ chosen.apply(other, "text", "item", 1e-6).T
    np.testing.assert_allclose(nearly, x @ other.T, atol=1e-4)


@moving
def test_it_closes_most_of_the_gap_on_data_it_never_saw(method):
    before, after = (
        np.linalg.norm(np.mean(rows[0], axis=0) - np.mean(rows[1], axis=0))
        for rows in (
            [NEW.unit(side) for side in MODALITIES],
            [fitted(method).apply(NEW.unit(side), side) for side in MODALITIES],
        )
    )
    assert after < before / 2


@pytest.mark.parametrize("method", ["center", "whiten", "gaussian_ot"])
def test_a_row_on_the_mean_has_no_direction_to_go_and_keeps_its_own(method):
    same = np.tile(sphere(np.random.default_rng(7), 1, DIM), (20, 1))
    flat = fit_map(method, Evidence.of(Corpus.from_arrays(same, CORPUS.text[:20])))
    np.testing.assert_array_equal(flat.apply(same[:3], "image"), unit_rows(same[:3]))
    assert np.isfinite(flat.apply(CORPUS.unit("image"), "image")).all()


def test_a_row_that_would_be_moved_onto_its_opposite_never_vanishes_half_way():
    line = Corpus.from_arrays(np.array([[1.0], [1.0], [-1.0]]), np.ones((3, 1)))
    centred = fit_map("gaussian_ot", Evidence.of(line))
    turned = AlignmentMap(
        method="center",
        parameters={},
        dimension=1,
        arrays={"image_mean": np.array([3.0], np.float32)},
    )
    for strength in (0.5, 1.0):
        assert abs(turned.apply(np.ones((1, 1)), "image", strength=strength)) == 1.0
        assert abs(centred.apply(np.ones((1, 1)), "text", strength=strength)) == 1.0


def test_a_map_is_frozen_down_to_its_numbers():
    center = fitted("center")
    with pytest.raises(ValueError, match="read-only"):
        center.arrays["image_mean"][0] = 1.0
    with pytest.raises(TypeError):
        center.arrays["image_mean"] = np.zeros(DIM)


def test_a_map_knows_the_corpus_the_encoder_and_the_sizes_it_was_fitted_on():
    source = Corpus.from_arrays(CORPUS.image, CORPUS.text, encoder="clip")
    found = fit_map("center", Evidence.of(source), source=source)
    assert (found.corpus, found.encoder) == (source.fingerprint(), "clip")
    assert (found.figures["images"], found.figures["texts"], found.dimension) == (90, 90, DIM)


ROW = np.ones((2, DIM), np.float32)
BAD = {
    "another dimension": (
        (np.ones((2, 5)), "image"),
        MapError,
        "The map takes 12 columns, the rows have 5. Use vectors of the encoder it was fitted on.",
    ),
    "one dimension": (
        (np.ones(DIM), "image"),
        MapError,
        "The rows to correct have shape (12,) and type float64. "
        "Give a matrix of floats, one row for each item.",
    ),
    "integers": (
        (np.ones((2, DIM), int), "image"),
        MapError,
        "The rows to correct have shape (2, 12) and type int64. "
        "Give a matrix of floats, one row for each item.",
    ),
    "NaN": (
        (ROW * [[1.0], [np.nan]], "image"),
        MapError,
        "Row 1 holds NaN, infinity or only zeros. Drop it or embed the item again.",
    ),
    "a zero row": (
        (ROW * [[0.0], [1.0]], "text"),
        MapError,
        "Row 0 holds NaN, infinity or only zeros. Drop it or embed the item again.",
    ),
    "no such modality": (
        (ROW, "audio"),
        UsageError,
        "There is no modality 'audio'. Say image or text.",
    ),
    "no such role": (
        (ROW, "image", "guest"),
        UsageError,
        "There is no role 'guest'. Say item or query.",
    ),
    "too strong": (
        (ROW, "image", "item", 1.5),
        UsageError,
        "Strength 1.5 is outside 0 to 1. Choose one inside.",
    ),
    "a strength that is no number": (
        (ROW, "image", "item", float("nan")),
        UsageError,
        "Strength nan is outside 0 to 1. Choose one inside.",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD.values(), ids=BAD.keys())
def test_bad_rows_are_answered_in_one_line(call, error, message):
    with pytest.raises(error) as caught:
        fitted("center").apply(*call)
    assert str(caught.value) == message
