import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.corpus import MODALITIES
from dohyo.corrections.scores.columns import with_bonus, with_offset
from worlds import sphere

D = 6
offsets = st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))


def world(seed, rows=12):
    rng = np.random.default_rng(seed)
    return {side: sphere(rng, rows, D) for side in MODALITIES}


@given(seed=st.integers(0, 2**32 - 1), offset=offsets)
def test_the_offset_is_added_across_modalities_and_to_nothing_else(seed, offset):
    rows = world(seed)
    items = {side: with_offset(rows[side], offset, side, "item") for side in MODALITIES}
    for place, asking in enumerate(MODALITIES):
        query = with_offset(rows[asking][:3], offset, asking, "query")
        plain = {side: rows[asking][:3] @ rows[side].T for side in MODALITIES}
        wanted = np.concatenate(
            [plain[side] + (side != asking) * offset[place] for side in MODALITIES], axis=1
        )
        got = np.concatenate([query @ items[side].T for side in MODALITIES], axis=1)
        # Equal up to a positive scale and a constant for each query: no ranking can tell.
        for one, other in zip(got, wanted, strict=True):
            scale, constant = np.polyfit(other, one, 1)
            assert scale > 0
            np.testing.assert_allclose(one, scale * other + constant, atol=2e-6)


@given(seed=st.integers(0, 2**32 - 1), lift=offsets)
def test_a_bonus_of_each_item_is_added_for_its_kind_of_query(seed, lift):
    rng = np.random.default_rng(seed)
    rows = world(seed)
    bonus = {side: rng.uniform(-1, 1, (12, 2)) + lift for side in MODALITIES}
    ceiling = 2**0.5 * 2.6
    items = {s: with_bonus(rows[s], bonus[s].astype(np.float32), ceiling, s, "item") for s in rows}
    for place, asking in enumerate(MODALITIES):
        query = with_bonus(rows[asking][:3], bonus[asking][:3], ceiling, asking, "query")
        for side in MODALITIES:
            wanted = rows[asking][:3] @ rows[side].T + bonus[side][:, place]
            got = query @ items[side].T
            scale = 1 / (1 + ceiling)
            np.testing.assert_allclose(got, scale * wanted, atol=2e-6)


@pytest.mark.parametrize("side", MODALITIES)
@pytest.mark.parametrize("role", ["item", "query"])
def test_every_row_has_length_one(side, role):
    rows = world(1)[side]
    short = with_offset(rows, (0.4, 0.1), side, role)
    long = with_bonus(rows, np.full((12, 2), 0.3, np.float32), 0.5, side, role)
    for out, width in ((short, D + 1), (long, D + 3)):
        assert out.shape == (12, width)
        assert out.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1.0, atol=1e-6)


def test_no_offset_adds_a_column_of_zeros():
    rows = world(2)["image"]
    out = with_offset(rows, (0.0, 0.0), "image", "query")
    np.testing.assert_array_equal(out[:, -1], 0.0)
