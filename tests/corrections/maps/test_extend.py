"""Items are added to a map without those it was fitted on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import dohyo
from dohyo.corpus import MODALITIES, Corpus
from dohyo.corrections import registry
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map, load_map
from dohyo.corrections.maps import union
from dohyo.corrections.maps.extend import extend
from dohyo.corrections.maps.statistics import kept_moments
from dohyo.corrections.registry import METHODS
from dohyo.corrections.scores.hubs import BANK
from dohyo.engine.moments import moments_of
from dohyo.errors import CorpusError, MapError, UsageError
from worlds import paired

DIM = 10
WORLD = paired(np.random.default_rng(0), 120, DIM, gap=0.8)
OLD, NEW = WORLD.subset(np.arange(70)), WORLD.subset(np.arange(70, 120))
every_method = pytest.mark.parametrize("method", METHODS)


def fitted_on(corpus, method="center", **parameters):
    return fit_map(method, Evidence.of(corpus), parameters, source=corpus)


def outcomes(fitted):
    return [fitted.moved(WORLD.unit(side), side) for side in MODALITIES]


@every_method
def test_it_is_the_map_of_a_fit_on_all_items(method):
    grown, whole = (
        extend(fitted_on(OLD, method, calibrate=0.0), NEW),
        fitted_on(WORLD, method, calibrate=0.0),
    )
    assert grown.arrays.keys() == whole.arrays.keys()
    assert grown.figures.keys() == whole.figures.keys()
    assert (grown.figures["images"], grown.figures["texts"]) == (120, 120)
    for here, there in zip(outcomes(grown), outcomes(whole), strict=True):
        np.testing.assert_allclose(here, there, atol=1e-5)
    for name, array in whole.arrays.items():
        # float32 rows through a decomposition
        np.testing.assert_allclose(grown.arrays[name], array, atol=1e-4)


@every_method
def test_one_modality_alone_can_grow(method):
    grown = extend(fitted_on(OLD, method, calibrate=0.0), texts=NEW.text)
    uneven = Corpus.from_arrays(OLD.image, WORLD.text, paired=False)
    for here, there in zip(
        outcomes(grown), outcomes(fitted_on(uneven, method, calibrate=0.0)), strict=True
    ):
        np.testing.assert_allclose(here, there, atol=1e-5)
    assert (grown.figures["images"], grown.figures["texts"]) == (70, 120)


@every_method
def test_a_map_that_was_saved_grows_alike_and_again(method, tmp_path):
    fitted_on(OLD, method).save(tmp_path / "map")
    loaded = load_map(tmp_path / "map")
    first, rest = NEW.subset(np.arange(20)), NEW.subset(np.arange(20, 50))
    twice, once = extend(extend(loaded, first), rest), extend(fitted_on(OLD, method), NEW)
    for here, there in zip(outcomes(twice), outcomes(once), strict=True):
        np.testing.assert_allclose(here, there, atol=1e-5)


@every_method
def test_nothing_added_is_the_same_map(method):
    fitted = fitted_on(OLD, method)
    assert extend(fitted) is fitted
    assert extend(fitted, images=np.empty((0, DIM), np.float32)) is fitted


def test_the_old_map_stays_as_it_was_and_the_new_one_is_frozen():
    old = fitted_on(OLD, "displacement")
    before = {name: array.copy() for name, array in old.arrays.items()}
    grown = extend(old, NEW)
    for name, array in before.items():
        np.testing.assert_array_equal(old.arrays[name], array)
    assert not any(array.flags.writeable for array in grown.arrays.values())
    assert (old.corpus, grown.corpus) == (OLD.fingerprint(), None)


@pytest.mark.parametrize("method", ["center", "displacement"])
def test_the_offset_stays_and_says_what_it_was_learnt_on(method):
    old = fitted_on(OLD, method, calibrate=1.0)
    grown = extend(extend(old, NEW), images=NEW.image)
    assert grown.offset == old.offset
    assert grown.parameters == old.parameters
    assert grown.figures["calibrated_on_images"] == grown.figures["calibrated_on_texts"] == 70
    assert grown.figures["images"] == 170
    assert "calibrated_on_images" not in extend(fitted_on(OLD, method, calibrate=0.0), NEW).figures


def test_the_bank_takes_new_rows_up_to_its_size_by_their_share(monkeypatch):
    old = fitted_on(OLD, hubs=0.5)
    grown = extend(old, NEW)
    np.testing.assert_allclose(
        grown.arrays["text_bank"], fitted_on(WORLD, hubs=0.5).arrays["text_bank"], atol=1e-7
    )
    monkeypatch.setattr(union, "BANK", 60)
    small = extend(old, NEW).arrays["image_bank"]
    of_old = (small[:, None] == OLD.unit("image")).all(axis=2).any(axis=1).sum()
    assert (len(small), of_old) == (60, 35)  # 60 · 70/120
    assert BANK >= 120


def test_an_old_map_with_anchors_grows_one_without_statistics_does_not():
    maps = Path(__file__).parent / "schema-1"
    rows = np.random.default_rng(1).normal(size=(5, 4)).astype(np.float32)
    anchored = load_map(maps / "displacement")
    assert extend(anchored, images=rows).figures["images"] == 13
    with pytest.raises(MapError) as caught:
        extend(load_map(maps / "center"), images=rows)
    assert str(caught.value) == (
        "This map does not hold the statistics of its items, so nothing can be added to it. "
        "Fit it again with this dohyo."
    )


def test_statistics_take_no_part_in_apply():
    whiten = fitted_on(OLD, "whiten")
    bare = {k: v for k, v in whiten.arrays.items() if k.endswith(("_mean", "_matrix"))}
    for here, there in zip(outcomes(whiten), outcomes(replace(whiten, arrays=bare)), strict=True):
        np.testing.assert_array_equal(here, there)
    assert whiten.arrays["image_scatter"].shape == (DIM * (DIM + 1) // 2,)


@pytest.mark.parametrize("keeps", ["scatter", "variance", "mean"])
def test_statistics_are_the_moments_of_the_rows(keeps):
    method = next(name for name, each in METHODS.items() if each.keeps == keeps)
    found = kept_moments(fitted_on(OLD, method).arrays, "text", keeps)
    wanted = moments_of([OLD.unit("text")])
    assert found.n == 70
    np.testing.assert_allclose(found.mean, wanted.mean, atol=1e-14)
    shown = {"scatter": np.ones((DIM, DIM)), "variance": np.eye(DIM), "mean": np.zeros((DIM, DIM))}
    np.testing.assert_allclose(found.scatter, shown[keeps] * wanted.scatter, atol=1e-12)


def broken(**arrays):
    whiten = fitted_on(OLD, "whiten")
    return replace(whiten, arrays=dict(whiten.arrays) | arrays)


REFUSED = {
    "another dimension": (
        lambda: extend(fitted_on(OLD), images=np.ones((3, 4))),
        MapError,
        "The map takes floats in 10 columns, the image rows to add have shape (3, 4) and type "
        "float64. Use vectors of the encoder it was fitted on.",
    ),
    "integers": (
        lambda: extend(fitted_on(OLD), texts=np.ones((3, DIM), int)),
        MapError,
        "The map takes floats in 10 columns, the text rows to add have shape (3, 10) and type "
        "int64. Use vectors of the encoder it was fitted on.",
    ),
    "NaN": (
        lambda: extend(fitted_on(OLD), texts=np.full((3, DIM), np.nan)),
        CorpusError,
        "text row 0 holds NaN or infinity. "
        "Drop that row (and what is paired with it) or embed the item again.",
    ),
    "given twice": (
        lambda: extend(fitted_on(OLD), NEW, images=NEW.image),
        UsageError,
        "Items were given twice, as a corpus and as rows. Give one of the two.",
    ),
    "the very corpus": (
        lambda: extend(fitted_on(OLD), OLD),
        MapError,
        "The map was fitted on this very corpus, whose items would then count twice. "
        "Give the new items alone.",
    ),
    "another encoder": (
        lambda: extend(replace(fitted_on(OLD), encoder="a"), replace(NEW, encoder="b")),
        MapError,
        "The map was fitted on vectors of a, these are of b. Fit a map for this encoder.",
    ),
    "statistics of another size": (
        lambda: extend(broken(image_scatter=np.ones(4)), NEW),
        MapError,
        "The statistics in this map do not fit together. Fit it again.",
    ),
    "statistics of no items": (
        lambda: extend(broken(text_count=np.zeros(1)), NEW),
        MapError,
        "The statistics in this map do not fit together. Fit it again.",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_added_is_answered_in_one_line(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def test_a_method_that_keeps_too_little_says_so(monkeypatch):
    monkeypatch.setitem(registry.METHODS, "center", replace(METHODS["center"], keeps=None))
    with pytest.raises(MapError, match=r"^A center map cannot take up other items"):
        extend(fitted_on(OLD), NEW)


def test_more_anchors_than_a_map_can_hold_are_refused_before_any_work(monkeypatch):
    monkeypatch.setattr(union, "MOST_ANCHORS", 200)
    monkeypatch.setattr(union, "recovered", lambda *_: pytest.fail("worked"))
    with pytest.raises(
        MapError, match=r"^Together the map would hold 240 anchors, more than 200\."
    ):
        extend(fitted_on(OLD, "ot"), NEW)


def test_the_public_name_is_this():
    assert dohyo.extend is extend
    assert isinstance(dohyo.extend(fitted_on(OLD), NEW), AlignmentMap)


def test_half_of_coco_extended_by_the_other_half_is_the_fit_on_all(coco500):
    here, there = coco500.subset(np.arange(250)), coco500.subset(np.arange(250, 500))
    grown, whole = (
        extend(fitted_on(here, "displacement"), there),
        fitted_on(coco500, "displacement"),
    )
    for side in MODALITIES:
        rows = coco500.unit(side)
        np.testing.assert_allclose(grown.moved(rows, side), whole.moved(rows, side), atol=2e-6)
