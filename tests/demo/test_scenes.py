from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.demo.scenes import (
    COLOURS,
    KINDS,
    PLACES,
    RADIUS,
    SIDE,
    relations,
    sample,
    series,
    split_of,
)

seeds = st.integers(0, 2**32 - 1)
splits = st.sampled_from(["training", "demo"])


@given(split=splits, seed=seeds, index=st.integers(0, 10**6))
def test_a_scene_is_one_big_thing_and_up_to_three_others_inside_the_picture(split, seed, index):
    scene = sample(split, seed, index)
    assert 2 <= len(scene.things) <= 4
    assert [thing.size == "big" for thing in scene.things] == [True] + [False] * (
        len(scene.things) - 1
    )
    assert scene.kind == scene.things[0].kind
    assert scene.place in PLACES
    for thing in scene.things:
        assert thing.kind in KINDS
        assert thing.colour in COLOURS
        assert thing.count == 1 or (thing.size == "small" and thing.count in (2, 3))
        assert RADIUS[thing.size] <= min(thing.x, thing.y)
        assert max(thing.x, thing.y) <= SIDE - RADIUS[thing.size]


@given(split=splits, seed=seeds)
def test_no_two_things_of_a_scene_share_kind_and_colour(split, seed):
    things = sample(split, seed, 0).things
    assert len({(thing.kind, thing.colour) for thing in things}) == len(things)


@given(split=splits, seed=seeds, index=st.integers(0, 1000))
def test_the_same_seed_gives_the_same_scene(split, seed, index):
    assert sample(split, seed, index) == sample(split, seed, index)


def test_a_series_is_its_samples_in_order():
    assert list(series("demo", 3, 4)) == [sample("demo", 3, index) for index in range(4)]
    assert len(set(series("demo", 3, 50))) == 50


@given(split=splits, seed=seeds, index=st.integers(0, 1000))
def test_every_scene_belongs_to_the_split_it_was_drawn_for_by_content_alone(split, seed, index):
    assert split_of(sample(split, seed, index)) == split


def test_no_demo_scene_equals_a_training_scene():
    """Whole: the demo's default scenes against all that the shipped encoder was trained on."""
    trained_on = {scene.content for scene in series("training", seed=0, count=40_000)}
    assert not trained_on & {scene.content for scene in series("demo", seed=0, count=400)}


def test_every_class_and_every_place_occurs():
    scenes = list(series("demo", 0, 400))
    kinds = np.bincount([KINDS.index(scene.kind) for scene in scenes], minlength=len(KINDS))
    assert kinds.min() >= 20
    assert {scene.place for scene in scenes} == set(PLACES)


@given(seed=seeds)
def test_relations_are_mirrored_and_never_contradict_each_other(seed):
    mirror = {"left": "right", "right": "left", "above": "below", "below": "above"}
    for one, other in combinations(sample("demo", seed, 0).things, 2):
        holds = relations(one, other)
        assert {mirror[relation] for relation in holds} == set(relations(other, one))
        assert not {mirror[relation] for relation in holds} & set(holds)
        assert holds, "things stand far enough apart for one relation to hold"


@pytest.mark.parametrize("split", ["training", "demo"])
def test_other_seeds_give_other_scenes(split):
    assert sample(split, 0, 0) != sample(split, 1, 0) != sample(split, 1, 1)
