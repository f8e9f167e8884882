import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from dohyo.errors import CorpusError
from dohyo.measures.components import bias_share, components
from dohyo.rows import unit_rows
from worlds import paired, sphere, strangers, turn, view_of

DIM = 24
BASE, BIAS, SIGNAL, IMAGE_NOISE, TEXT_NOISE = 0, 1, (2, 3), 4, 5


def planted(seed, n=200, *, texts_each=1, gap=0.4):
    """Small steps about one point of the sphere, so that each axis keeps its part.

    The gap lies on a wide axis; two axes are shared by pairs; one is the images', one the texts'.
    """
    rng = np.random.default_rng(seed)
    owner = np.repeat(np.arange(n), texts_each)
    image, text = 0.01 * rng.normal(size=(n, DIM)), 0.01 * rng.normal(size=(len(owner), DIM))
    image[:, BASE] += 3.0
    text[:, BASE] += 3.0
    image[:, BIAS] += gap + 0.20 * rng.normal(size=n)
    text[:, BIAS] += -gap + 0.20 * rng.normal(size=len(owner))
    for axis, wide in zip(SIGNAL, (0.14, 0.10), strict=True):
        meaning = rng.normal(size=n)
        image[:, axis] += wide * (meaning + 0.3 * rng.normal(size=n))
        text[:, axis] += wide * (meaning[owner] + 0.3 * rng.normal(size=len(owner)))
    image[:, IMAGE_NOISE] += 0.07 * rng.normal(size=n)
    text[:, TEXT_NOISE] += 0.05 * rng.normal(size=len(owner))
    return view_of(unit_rows(image), unit_rows(text), owner, seed=seed)


def on_axis(found, axis):
    """The principal direction that is planted on this axis."""
    best = max((c for c in found if c.name != "gap"), key=lambda c: abs(c.direction[axis]))
    assert abs(best.direction[axis]) > 0.9
    return best


@pytest.mark.parametrize("texts_each", [1, 3])
@pytest.mark.parametrize("seed", range(5))
def test_planted_directions_are_named_right(seed, texts_each):
    found = components(planted(seed, texts_each=texts_each), most=6)
    assert found[0].name == "gap"
    assert found[0].kind == on_axis(found, BIAS).kind == "bias"
    assert [on_axis(found, axis).kind for axis in SIGNAL] == ["signal", "signal"]
    assert [on_axis(found, axis).kind for axis in (IMAGE_NOISE, TEXT_NOISE)] == ["noise", "noise"]
    assert on_axis(found, BIAS).gap_share > 0.9
    assert on_axis(found, SIGNAL[0]).gap_share < 0.02
    private = on_axis(found, IMAGE_NOISE)
    assert private.spread_difference > 0 > on_axis(found, TEXT_NOISE).spread_difference
    assert private.spread_difference == pytest.approx((0.07 / 3) ** 2, rel=0.35)
    assert private.image_variance > 10 * private.text_variance


def test_its_figures_are_numpys():
    view = planted(7)
    image, text = (s - s.mean(0, float) for s in (view.image, view.text))
    pooled = (np.cov(image.T, ddof=0) + np.cov(text.T, ddof=0)) / 2
    _, vectors = np.linalg.eigh(pooled)
    for i, each in enumerate(components(view, most=4)[1:]):
        axis = vectors[:, -1 - i]
        x, y = image @ axis, text @ axis
        assert abs(axis @ each.direction) == pytest.approx(1.0)
        assert each.correlation == pytest.approx(np.corrcoef(x, y)[0, 1])
        assert each.image_variance == pytest.approx(x.var() / image.var(0).sum())
        assert each.spread_difference == pytest.approx(x.var() - y.var())
        apart = np.linalg.norm(np.cov(image.T, ddof=0) - np.cov(text.T, ddof=0)) ** 2
        assert each.spread_share == pytest.approx((x.var() - y.var()) ** 2 / apart)
        step = view.image.mean(0, float) - view.text.mean(0, float)
        assert each.gap_share == pytest.approx((axis @ step) ** 2 / (step @ step), abs=0.01)


def test_the_ends_are_the_rows_furthest_out():
    view = planted(8)
    each = on_axis(components(view, most=6), SIGNAL[0])
    for rows, low, high in (
        (view.image, each.low_images, each.high_images),
        (view.text, each.low_texts, each.high_texts),
    ):
        order = np.argsort(rows @ each.direction)
        assert low == tuple(order[:3])
        assert high == tuple(order[:-4:-1])
    assert len(set(each.high_images) & set(each.high_texts)) >= 1  # it is a shared meaning


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_turning_everything_turns_the_directions_and_nothing_else(seed):
    view, turned = planted(seed), turn(np.random.default_rng(seed), DIM).astype(np.float32)
    moved = components(view_of(view.image @ turned, view.text @ turned, view.text_to_image), most=5)
    for there, here in zip(components(view, most=5), moved, strict=True):
        assert abs(float(here.direction @ (there.direction @ turned))) == pytest.approx(1, abs=1e-3)
        assert here.kind == there.kind
        assert here.gap_share == pytest.approx(there.gap_share, abs=1e-3)
        assert here.correlation == pytest.approx(there.correlation, abs=1e-3)


def test_swapping_the_sides_swaps_their_figures():
    view = planted(9)
    back = components(view_of(view.text, view.image, view.text_to_image), most=5)
    for there, here in zip(components(view, most=5), back, strict=True):
        assert here.kind == there.kind
        assert here.image_variance == pytest.approx(there.text_variance)
        assert here.spread_difference == pytest.approx(-there.spread_difference, abs=1e-12)


def test_pairs_dealt_at_random_have_no_signal_direction_as_often_as_promised():
    alarms = 0
    for seed in range(200):
        corpus = strangers(np.random.default_rng(seed), 40, 12)
        view = view_of(corpus.unit("image"), corpus.unit("text"), corpus.text_to_image, seed=seed)
        alarms += any(each.kind == "signal" for each in components(view))
    assert binom.ppf(0.001, 200, 0.05) <= alarms <= binom.ppf(0.999, 200, 0.05)


def test_without_a_gap_nothing_is_bias():
    alarms = 0
    for seed in range(100):
        corpus = paired(np.random.default_rng(seed), 60, 12, gap=0.0)
        view = view_of(corpus.unit("image"), corpus.unit("text"), corpus.text_to_image)
        alarms += any(each.kind == "bias" for each in components(view))
    assert alarms <= binom.ppf(0.999, 100, 0.05)


def test_without_pairs_a_direction_is_bias_or_other():
    view = planted(10)
    found = components(view_of(view.image, view.text), most=6)
    assert found[0].kind == on_axis(found, BIAS).kind == "bias"
    assert {each.kind for each in found} == {"bias", "other"}
    assert all(each.correlation is None and each.band is None for each in found)


def test_it_goes_into_json_without_the_direction():
    document = json.loads(json.dumps([each.to_json() for each in components(planted(11), most=2)]))
    assert [entry["name"] for entry in document] == ["gap", "1", "2"]
    assert "direction" not in document[0]
    assert len(document[0]["low_images"]) == 3


def test_in_few_dimensions_more_of_the_gap_must_lie_along_a_direction():
    assert bias_share(512) == 0.1
    assert bias_share(10) == 0.3
    assert bias_share(1) == 0.5


@pytest.mark.parametrize(
    ("image", "text", "pairs"),
    [
        (1, 1, True),
        (1, 30, False),
        (6, 6, True),
    ],
)
def test_few_rows_give_figures(image, text, pairs):
    rng = np.random.default_rng(12)
    view = view_of(
        sphere(rng, image, 40), sphere(rng, text, 40), np.arange(text) if pairs else None
    )
    for each in components(view):
        assert np.isfinite([each.gap_share, each.image_variance, each.spread_share]).all()


def test_equal_rows_have_no_components():
    same = np.tile(sphere(np.random.default_rng(13), 1, 4), (3_000, 1))
    with pytest.raises(CorpusError, match=r"^There are no components: all rows are equal\. Give"):
        components(view_of(same, same))
    other = np.tile(sphere(np.random.default_rng(14), 1, 4), (3_000, 1))
    assert [each.name for each in components(view_of(same, other))] == ["gap"]
