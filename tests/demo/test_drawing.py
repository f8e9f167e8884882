import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dohyo.demo.drawing import draw
from dohyo.demo.scenes import COLOURS, PLACES, SIDE, TEXTURES, sample
from dohyo.errors import MissingExtra

pytest.importorskip("PIL", reason="needs Pillow")

NEAR = {  # what a person would call the colour, written down apart from the palette
    "red": (215, 55, 60),
    "orange": (240, 135, 40),
    "yellow": (250, 210, 50),
    "green": (50, 150, 85),
    "blue": (50, 105, 205),
    "purple": (130, 75, 180),
    "pink": (240, 135, 180),
    "black": (45, 45, 55),
}


def pixels(scene):
    return np.asarray(draw(scene)).astype(int)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_picture_is_rgb_of_64_pixels_and_the_same_every_time(seed):
    scene = sample("demo", seed, 0)
    picture = draw(scene)
    assert (picture.mode, picture.size) == ("RGB", (SIDE, SIDE))
    assert picture.tobytes() == draw(scene).tobytes()


def test_the_scene_seed_alone_changes_clutter_and_noise_but_not_the_things():
    scene = sample("demo", 0, 0)
    other = replace(scene, seed=scene.seed + 1)
    difference = np.abs(pixels(scene) - pixels(other)).mean()
    assert 0 < difference < 40


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("place", PLACES)
def test_a_thing_shows_its_colour_in_every_place(colour, place):
    scene = sample("demo", 5, 1)
    square = replace(scene.things[0], kind="square", colour=colour, texture="plain")
    shown = pixels(replace(scene, place=place, things=(square,)))
    x, y = round(square.x), round(square.y)
    middle = shown[y - 5 : y + 6, x - 5 : x + 6].mean((0, 1))
    distance = {name: np.linalg.norm(middle - paint) for name, paint in NEAR.items()}
    assert min(distance, key=distance.get) == colour


def test_textures_differ_and_keep_the_outline():
    scene = sample("demo", 5, 1)
    shown = [
        pixels(replace(scene, things=(replace(scene.things[0], kind="square", texture=texture),)))
        for texture in TEXTURES
    ]
    plain, striped, dotted = shown
    for one, other in [(plain, striped), (plain, dotted), (striped, dotted)]:
        changed = np.abs(one - other).max(2) > 30
        assert 20 < changed.sum() < 0.5 * SIDE * SIDE


def test_a_count_draws_that_many_shapes():
    ndimage = pytest.importorskip("scipy.ndimage")
    scene = replace(sample("demo", 5, 1), place="snow")
    for count in (1, 2, 3):
        dots = replace(
            scene.things[0], kind="circle", colour="red", texture="plain", size="small",
            count=count, x=32.0, y=32.0,
        )  # fmt: skip
        shown = pixels(replace(scene, things=(dots,)))
        red = (shown[..., 0] - shown[..., 2] > 70) & (shown[..., 0] - shown[..., 1] > 70)
        parts, _ = ndimage.label(ndimage.binary_opening(red, np.ones((3, 3))))
        assert parts.max() == count


def test_without_pillow_the_line_to_type_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(MissingExtra, match=r'^The demo needs PIL\. pip install "dohyo\[demo\]"$'):
        draw(sample("demo", 0, 0))
