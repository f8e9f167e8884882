"""A migration in every store, for real: there and back."""

import numpy as np
import pytest
from tests.migration.test_copying import fitted, rows
from tests.stores.places import PLACES, Place

from dohyo.migration.migrate import migrate, roll_back
from dohyo.migration.prepare import prepare
from dohyo.stores.protocol import Rows


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)
def test_a_collection_is_copied_switched_and_switched_back(place: Place, tmp_path):
    given = rows(60)
    ids = given.ids if "int" in place.keys else tuple(map(str, given.ids))
    payload = tuple({"modality": held["modality"]} for held in given.payload)
    map_ = fitted(calibrate=1.0)
    with place.opened(tmp_path) as store:
        place.make(store, "raw", Rows(ids, given.vectors, payload))
        name = "raw"
        if store.has_aliases:
            store.switch("live", "raw")
            name = "live"
        (part,) = migrate(prepare(store, name, map_, force=True, batch=25)).parts
        assert part.copied.raw.rows == part.copied.found.rows == 60
        assert part.switched == store.has_aliases
        for kind in ("image", "text"):
            of = [i for i, held in enumerate(payload) if held["modality"] == kind]
            copy = store.get(part.route.target, [ids[i] for i in of])
            place_of = {key: at for at, key in enumerate(copy.ids)}
            found = copy.vectors[[place_of[ids[i]] for i in of]]
            np.testing.assert_allclose(found, map_.apply(given.vectors[of], kind), atol=2e-6)
        again = migrate(prepare(store, name, map_, force=True, batch=25)).parts[0].copied
        assert (again.written, again.passes) == (0, 1)
        if store.has_aliases:
            assert store.resolve("live") == part.route.target
            roll_back(store, "live")
            assert store.resolve("live") == "raw"
            assert store.describe("live").rows == 60
