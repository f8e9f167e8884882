"""Anchors in float16: half the file, and the loss is told."""

import json

import numpy as np
import pytest

from dohyo.corpus import MODALITIES
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map, load_map
from dohyo.corrections.maps.half import halved, loss
from dohyo.corrections.registry import METHODS
from worlds import paired

WORLD = paired(np.random.default_rng(0), 300, 24, gap=0.8)


@pytest.fixture(scope="module")
def fitted():
    return fit_map("displacement", Evidence.of(WORLD))


def size(folder):
    return (folder / "arrays.safetensors").stat().st_size


def test_the_file_is_about_half_as_large(fitted, tmp_path):
    fitted.save(tmp_path / "whole")
    fitted.save(tmp_path / "half", half=True)
    assert size(tmp_path / "half") < 0.6 * size(tmp_path / "whole")


def test_it_is_read_back_as_float32_and_differs_by_as_much_as_it_says(fitted, tmp_path):
    fitted.save(tmp_path / "half", half=True)
    back = load_map(tmp_path / "half")
    assert {array.dtype.name for array in back.arrays.values()} == {"float32"}
    angles = []
    for side in MODALITIES:
        anchors = fitted.arrays[f"{side}_anchor"]
        here, there = (each.apply(anchors, side).astype(np.longdouble) for each in (fitted, back))
        # Another formula than the one tested: tan of half the angle.
        apart = np.linalg.norm(here - there, axis=1) / np.linalg.norm(here + there, axis=1)
        angles.append(np.degrees(2 * np.arctan(apart.astype(np.float64))))
    every = np.concatenate(angles)
    assert back.figures["half_mean_degrees"] == pytest.approx(every.mean(), rel=1e-4)
    assert back.figures["half_max_degrees"] == pytest.approx(every.max(), rel=1e-4)
    assert 0 < back.figures["half_max_degrees"] < 0.05


def test_the_figures_stand_in_the_description_and_the_map_itself_stays(fitted, tmp_path):
    before = dict(fitted.figures)
    fitted.save(tmp_path / "half", half=True)
    document = json.loads((tmp_path / "half" / "map.json").read_text())
    assert document["figures"].keys() - before.keys() == {"half_mean_degrees", "half_max_degrees"}
    assert dict(fitted.figures) == before


def test_a_second_saving_loses_nothing_more(fitted, tmp_path):
    fitted.save(tmp_path / "half", half=True)
    once = load_map(tmp_path / "half")
    once.save(tmp_path / "again", half=True)
    again = load_map(tmp_path / "again")
    for name, array in once.arrays.items():
        np.testing.assert_array_equal(again.arrays[name], array)
    assert again.figures["half_max_degrees"] == 0


@pytest.mark.parametrize("method", METHODS)
def test_every_method_can_be_saved_so_and_only_anchors_are_touched(method, tmp_path):
    plain = fit_map(method, Evidence.of(WORLD))
    plain.save(tmp_path / "half", half=True)
    back = load_map(tmp_path / "half")
    for name, array in plain.arrays.items():
        same = np.array_equal(array, back.arrays[name])
        assert same or name.endswith("_anchor")
    anchored = any(name.endswith("_anchor") for name in plain.arrays)
    assert ("half_max_degrees" in back.figures) == anchored


def test_a_map_that_keeps_nothing_loses_nothing():
    center = fit_map("center", Evidence.of(WORLD))
    assert loss(center, center, center.arrays) == {}
    assert all(halved(center.arrays)[name] is array for name, array in center.arrays.items())
