"""The corrected copy is made beforehand, or it is said how."""

import lancedb
import numpy as np
import pyarrow as pa
import pytest

from adjusting import DIM, pairs
from dohyo.monitor.adjust.follow_up import FollowUp, follow_up
from dohyo.monitor.adjust.settings import AdjustSettings
from dohyo.monitor.adjust.shop import Shop
from dohyo.stores.registry import open_store


@pytest.fixture
def shop(tmp_path, request):
    corpus = pairs(60, seed=1, moved=getattr(request, "param", 0.0))
    vectors = np.concatenate([corpus.image, corpus.text])
    table = pa.table(
        {
            "id": [f"row {n}" for n in range(len(vectors))],
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), DIM),
            "modality": ["image"] * 60 + ["text"] * 60,
        }
    )
    lancedb.connect(tmp_path / "db").create_table("goods", table)
    with open_store(f"lancedb://{tmp_path / 'db'}") as store:
        yield Shop(store=store, collection="goods", shown="lancedb://db")


def test_a_small_collection_gets_its_copy_and_keeps_its_rows(shop, centred):
    assert not shop.has_copy(centred, 1.0)
    assert shop.copy(centred, 1.0, 1_000) == ("made", "")
    assert shop.has_copy(centred, 1.0)
    assert shop.copy(centred, 1.0, 1_000) == ("there", "")
    assert not shop.has_copy(centred, 0.5)
    assert shop.store.describe("goods").rows == 120


def test_a_large_collection_is_left_to_a_person_who_is_told_the_line(shop, centred):
    assert shop.copy(centred, 0.5, 100) == ("missing", "")
    assert not shop.has_copy(centred, 0.5)
    assert shop.command("state/maps/m", 0.5) == (
        "dohyo migrate lancedb://db goods --map state/maps/m --strength 0.5 --no-switch"
    )


def test_vectors_that_lie_elsewhere_get_no_copy(shop):
    import dohyo

    far = dohyo.align(pairs(60, seed=1, moved=-60.0), "center")
    came, why = shop.copy(far, 1.0, 1_000)
    assert came == "failed"
    assert "do not lie where" in why


@pytest.mark.parametrize("shop", [4.0], indirect=True)
@pytest.mark.parametrize(("most", "came"), [(1_000, "made"), (10, "missing")])
def test_a_proposal_says_whether_its_copy_is_there(world, centred, short, shop, most, came):
    here = world(map_=centred)
    settings = AdjustSettings(least_groups=50, copy_rows=most)
    by = FollowUp(read=here.batches.get, settings=settings, shop=shop)
    answer = follow_up(here.ledger, here.alarm, here.memory, by)
    assert (answer.outcome, answer.copy) == ("proposed", came)
    (row,) = here.proposals.listed()
    new = here.library.get(row["wanted"]["map"])
    assert shop.has_copy(new, row["wanted"]["strength"]) == (came == "made")
    assert ("dohyo migrate" in row["why"]) == (came == "missing")
