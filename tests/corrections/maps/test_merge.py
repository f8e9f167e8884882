"""The maps of shards together are the map of one pass."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dohyo
from dohyo.corpus import MODALITIES, Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from dohyo.corrections.maps import union
from dohyo.corrections.maps.merge import merge
from dohyo.corrections.registry import METHODS
from dohyo.errors import MapError, UsageError
from worlds import paired

DIM = 8
WORLD = paired(np.random.default_rng(0), 90, DIM, gap=0.8)
SUMMED = [name for name, each in METHODS.items() if each.keeps != "rows"]


def fitted_on(corpus, method="center", **parameters):
    return fit_map(method, Evidence.of(corpus), parameters, source=corpus)


def shards(corpus, *ends):
    bounds = [0, *ends, len(corpus.image)]
    return [corpus.subset(np.arange(start, end)) for start, end in pairwise(bounds)]


@pytest.mark.parametrize("method", [m for m in SUMMED if m not in ("none", "calibrate")])
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.tuples(st.integers(20, 60), st.integers(20, 60)),
    count=st.integers(2, 5),
    gap=st.floats(0.0, 2.0),
)
def test_any_split_into_shards_merges_to_one_pass(method, seed, rows, count, gap):
    rng = np.random.default_rng(seed)
    world = paired(rng, 60, DIM, gap=gap)
    image, text = world.image[: rows[0]], world.text[: rows[1]]
    # Each row goes to a shard by chance; the first of each shard is there for sure.
    of_image, of_text = (
        np.concatenate([np.arange(count), rng.integers(0, count, n - count)]) for n in rows
    )
    maps = [
        fitted_on(
            Corpus.from_arrays(image[of_image == k], text[of_text == k], paired=False), method
        )
        for k in range(count)
    ]
    merged = merge(maps)
    whole = fitted_on(Corpus.from_arrays(image, text, paired=False), method)
    assert merged.arrays.keys() == whole.arrays.keys()
    for name, array in whole.arrays.items():
        largest = max(float(np.abs(array).max()), 1.0)
        np.testing.assert_allclose(merged.arrays[name], array, atol=1e-6 * largest)
    assert dict(merged.figures) == dict(whole.figures)


@pytest.mark.parametrize("method", METHODS)
def test_three_shards_are_one_pass_in_any_order(method):
    parts = [fitted_on(shard, method, calibrate=0.0) for shard in shards(WORLD, 25, 60)]
    whole = fitted_on(WORLD, method, calibrate=0.0)
    for maps in (parts, parts[::-1], [merge(parts[:2]), parts[2]]):
        merged = merge(maps)
        for side in MODALITIES:
            rows = WORLD.unit(side)
            np.testing.assert_allclose(merged.moved(rows, side), whole.moved(rows, side), atol=1e-5)
        assert merged.figures["images"] == 90
        assert merged.corpus is None


def test_offsets_are_averaged_by_the_items_they_were_learnt_on():
    small, large = (fitted_on(s, "whiten", calibrate=1.0) for s in shards(WORLD, 30))
    merged = merge([small, large])
    wanted = (np.array(small.offset) + 2 * np.array(large.offset)) / 3
    np.testing.assert_allclose(merged.offset, wanted, rtol=1e-6)
    assert merged.figures["calibrated_on_images"] == 90


def test_banks_are_put_together():
    parts = [fitted_on(shard, hubs=0.5) for shard in shards(WORLD, 30)]
    np.testing.assert_array_equal(merge(parts).arrays["image_bank"], WORLD.unit("image"))


def test_what_one_shard_knows_of_the_encoder_the_whole_knows_too():
    one, two = (fitted_on(shard) for shard in shards(WORLD, 45))
    assert merge([one, replace(two, encoder="clip")]).encoder == "clip"


def named(**changed):
    return replace(fitted_on(shards(WORLD, 45)[1]), **changed)


REFUSED = {
    "no maps": (
        lambda: merge([]),
        UsageError,
        "There are no maps to merge. Name two or more.",
    ),
    "one map": (
        lambda: merge([fitted_on(WORLD)]),
        UsageError,
        "1 map cannot be merged. Name two or more.",
    ),
    "methods": (
        lambda: merge([fitted_on(WORLD), fitted_on(WORLD, "whiten")]),
        MapError,
        "The maps differ in their method: center and whiten. "
        "Merge maps that were fitted alike on shards of one collection.",
    ),
    "parameters": (
        lambda: merge([fitted_on(WORLD, "whiten"), fitted_on(WORLD, "whiten", shrinkage=0.5)]),
        MapError,
        "The maps differ in their parameters: shrinkage = 0.9 and shrinkage = 0.5. "
        "Merge maps that were fitted alike on shards of one collection.",
    ),
    "options": (
        lambda: merge([fitted_on(WORLD), fitted_on(WORLD, hubs=0.5)]),
        MapError,
        "The maps differ in their parameters: none and hubs = 0.5. "
        "Merge maps that were fitted alike on shards of one collection.",
    ),
    "encoders": (
        lambda: merge([named(encoder="a"), named(encoder="b", corpus=None)]),
        MapError,
        "The maps differ in their encoder: a and b. "
        "Merge maps that were fitted alike on shards of one collection.",
    ),
    "dimensions": (
        lambda: merge([fitted_on(WORLD), fitted_on(paired(np.random.default_rng(1), 20, 5))]),
        MapError,
        "The maps differ in their dimension: 8 and 5. "
        "Merge maps that were fitted alike on shards of one collection.",
    ),
    "the same shard": (
        lambda: merge([fitted_on(WORLD), fitted_on(WORLD)]),
        MapError,
        "Two of the maps were fitted on the same corpus, whose items would then count twice. "
        "Name each shard's map once.",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_merged_is_answered_in_one_line(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def test_more_anchors_than_a_map_can_hold_are_refused(monkeypatch):
    monkeypatch.setattr(union, "MOST_ANCHORS", 100)
    maps = [fitted_on(shard, "displacement") for shard in shards(WORLD, 45)]
    with pytest.raises(
        MapError, match=r"^Together the map would hold 180 anchors, more than 100\."
    ):
        merge(maps)


def test_the_public_name_is_this():
    assert dohyo.merge is merge
