"""What every store must do, tried on every store for real."""

from collections.abc import Iterator

import numpy as np
import pytest
from tests.stores.places import PLACES, Place

from dohyo.stores.protocol import Rows, Store

DIM = 8


@pytest.fixture(params=PLACES, ids=lambda place: place.kind)
def place(request) -> Place:
    return request.param


@pytest.fixture
def store(place, tmp_path) -> Iterator[Store]:
    with place.opened(tmp_path) as store:
        yield store


def rows(count: int, *, seed: int = 0, dimension: int = DIM) -> Rows:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Rows(
        tuple(range(1, count + 1)),
        vectors,
        tuple(
            {"modality": "image" if i % 2 else "text", "caption": f"猫 {i} 'quoted'", "rank": i}
            for i in range(count)
        ),
    )


def by_id(found: Rows) -> dict:
    return {
        key: (vector, dict(held))
        for key, vector, held in zip(found.ids, found.vectors, found.payload, strict=True)
    }


def test_what_was_written_is_scanned_whole_and_once(store, place):
    given = rows(250)
    place.make(store, "products", given)
    seen = [row for part in store.scan("products", size=100) for row in by_id(part).items()]
    assert len(seen) == 250
    found = dict(seen)
    for key, (vector, held) in by_id(given).items():
        np.testing.assert_allclose(found[key][0], vector, atol=1e-6)
        assert found[key][1] == held
