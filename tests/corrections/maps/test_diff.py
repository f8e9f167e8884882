"""What differs between two maps, against what is known beforehand."""

import sys
from dataclasses import replace

import numpy as np
import pytest

import dohyo
from dohyo.corpus import MODALITIES
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map
from dohyo.corrections.maps.diff import angles, diff, quantile
from dohyo.corrections.maps.extend import extend
from dohyo.corrections.registry import METHODS
from dohyo.errors import MapError
from worlds import paired, sphere, turn

DIM = 8
WORLD = paired(np.random.default_rng(0), 90, DIM, gap=0.8)
OLD, NEW = WORLD.subset(np.arange(60)), WORLD.subset(np.arange(60, 90))


@pytest.fixture(autouse=True)
def few_rows(monkeypatch):
    monkeypatch.setattr(sys.modules[diff.__module__], "SAMPLE", 240)


def fitted_on(corpus, method="center", **parameters):
    return fit_map(method, Evidence.of(corpus), parameters, source=corpus)


def turning(degrees):
    """A map that turns every vector by this angle, in two dimensions."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.array([[c, s], [-s, c]], np.float32)
    arrays = {f"{side}_matrix": matrix for side in MODALITIES}
    arrays |= {f"{side}_mean": np.zeros(2, np.float32) for side in MODALITIES}
    figures = {"images": 0, "texts": 0}
    return AlignmentMap(method="whiten", parameters={}, dimension=2, arrays=arrays, figures=figures)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("corpus", [None, NEW], ids=["alone", "corpus"])
def test_a_map_does_not_differ_from_itself(method, corpus):
    found = diff(fitted_on(OLD, method), fitted_on(OLD, method), corpus)
    assert found.same
    assert found.changed == ()
    for each in found.moved.values():
        assert (each.mean.value, each.largest, each.shift.value) == (0, 0, 0)
        assert each.stay.value == 1


@pytest.mark.parametrize("degrees", [0.001, 3.0, 90.0])
def test_maps_that_turn_everything_differ_by_that_angle(degrees):
    found = diff(turning(10), turning(10 + degrees))
    assert found.origin == "directions"
    for each in found.moved.values():
        for angle in (each.mean.value, each.most.value, each.largest):
            assert angle == pytest.approx(degrees, abs=1e-4)
        assert each.stay.value > 0.99  # a rotation leaves neighbours, ties in rounding aside


def test_it_says_where_the_vectors_come_from():
    known = {"displacement": "items", "whiten": "statistics", "center": "statistics"}
    for method, origin in known.items():
        assert diff(fitted_on(OLD, method), fitted_on(WORLD, method)).origin == origin
    assert diff(fitted_on(OLD, "none"), fitted_on(WORLD, "none")).origin == "directions"
    assert diff(fitted_on(OLD, hubs=0.5), fitted_on(WORLD, hubs=0.5)).origin == "items"
    assert diff(fitted_on(OLD), fitted_on(WORLD), NEW).origin == "corpus"
    # The less that either knows, the less the comparison is worth.
    assert diff(fitted_on(OLD, "displacement"), fitted_on(WORLD, "none")).origin == "directions"


def test_the_figures_are_those_of_their_definitions():
    first = fitted_on(OLD, "whiten", calibrate=1.0)
    second = fitted_on(NEW, "gaussian_ot", hubs=0.5)
    found = diff(first, second, WORLD).moved["text"]
    here, there = (each.moved(WORLD.text, "text") for each in (first, second))
    apart = np.degrees(np.arccos((here * there).sum(1, dtype=np.float64)))
    assert found.mean.value == pytest.approx(apart.mean(), abs=1e-3)
    assert found.most.value == pytest.approx(np.quantile(apart, 0.95), abs=1e-3)
    assert found.largest == pytest.approx(apart.max(), abs=1e-3)
    assert found.mean.n == 90
    step = np.linalg.norm(there.mean(0) - here.mean(0))
    assert found.shift.value == pytest.approx(step, abs=1e-5)
    assert found.shift.low <= step <= found.shift.high
    lists = []
    for each in (first, second):
        items = np.concatenate([each.apply(WORLD.image, "image"), each.apply(WORLD.text, "text")])
        scores = each.apply(WORLD.text, "text", "query") @ items.T
        scores[np.arange(90), 90 + np.arange(90)] = -np.inf
        lists.append(np.argsort(-scores, axis=1)[:, :10])
    kept = [len({*a} & {*b}) / 10 for a, b in zip(*lists, strict=True)]
    assert found.stay.value == pytest.approx(np.mean(kept))


def test_an_offset_moves_no_vector_and_changes_lists():
    plain = fitted_on(OLD, calibrate=1.0)
    other = replace(plain, arrays=dict(plain.arrays) | {"offset": np.float32([0.5, -0.5])})
    found = diff(plain, other, NEW)
    assert found.changed == ("offset",)
    assert not found.same
    for each in found.moved.values():
        assert each.largest == 0
        assert each.stay.value < 0.95


def test_an_extension_differs_in_what_it_stands_on():
    old = fitted_on(OLD, "displacement")
    found = diff(old, extend(old, NEW))
    assert found.changed == ("corpus", "images", "texts")
    assert found.facts["images"] == (60, 90)
    assert 0 < found.moved["image"].mean.value < 45


def test_it_is_the_same_for_a_seed_and_fits_into_json():
    maps = fitted_on(OLD, "whiten"), fitted_on(WORLD, "whiten")
    assert diff(*maps, seed=3).to_json() == diff(*maps, seed=3).to_json()
    assert diff(*maps, seed=3).to_json() != diff(*maps, seed=4).to_json()
    document = diff(*maps, seed=3).to_json()
    assert set(document["moved"]["image"]) == {"mean", "most", "largest", "shift", "stay"}
    assert document["moved"]["text"]["mean"]["seed"] == 3


def test_the_interval_of_a_quantile_holds_the_truth_as_often_as_it_says():
    covered = 0
    for seed in range(300):
        drawn = np.random.default_rng(seed).uniform(size=200)
        found = quantile(drawn, 0.95, seed)
        covered += found.low <= 0.95 <= found.high
    assert 0.90 <= covered / 300 <= 0.99


def test_small_angles_are_not_rounded_to_nothing():
    x = sphere(np.random.default_rng(1), 50, 2).astype(np.float32)
    c, s = np.cos(1e-5), np.sin(1e-5)
    there = (x.astype(np.float64) @ np.array([[c, s], [-s, c]])).astype(np.float32)
    np.testing.assert_allclose(angles(x, there), np.degrees(1e-5), rtol=0.02)
    np.testing.assert_allclose(angles(x, -x), 180, atol=0.1)  # rows are float32


REFUSED = {
    "dimensions": (
        lambda: diff(fitted_on(OLD), turning(1)),
        "One map takes 8 columns, the other 2. Only maps of the same vectors can be compared.",
    ),
    "encoders": (
        lambda: diff(replace(fitted_on(OLD), encoder="a"), replace(fitted_on(OLD), encoder="b")),
        "One map is for vectors of a, the other of b. "
        "Only maps of the same vectors can be compared.",
    ),
    "a corpus of another dimension": (
        lambda: diff(turning(1), turning(2), WORLD),
        "The maps take 2 columns, the corpus has 8. "
        "Use vectors of the encoder they were fitted on.",
    ),
    "a corpus of another encoder": (
        lambda: diff(
            fitted_on(OLD), replace(fitted_on(OLD), encoder="a"), replace(NEW, encoder="b")
        ),
        "The map was fitted on vectors of a, these are of b. Fit a map for this encoder.",
    ),
}


@pytest.mark.parametrize(("call", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_maps_that_have_no_vector_in_common_are_refused_in_one_line(call, message):
    with pytest.raises(MapError) as caught:
        call()
    assert str(caught.value) == message


def test_a_turned_world_has_no_bearing_on_the_angles():
    turned = turn(np.random.default_rng(2), DIM)
    there = dohyo.Corpus.from_arrays(
        *((each @ turned).astype(np.float32) for each in (WORLD.image, WORLD.text))
    )
    one = diff(fitted_on(OLD, "whiten"), fitted_on(WORLD, "whiten"), WORLD)
    two = diff(fitted_on(there.subset(np.arange(60)), "whiten"), fitted_on(there, "whiten"), there)
    for side in MODALITIES:
        assert two.moved[side].mean.value == pytest.approx(one.moved[side].mean.value, abs=1e-3)
