"""New goods in the demo's shop: found by a search in the raw collection and in its copy."""

import shutil

from dohyo.demo.shop import COLLECTION, Shop
from dohyo.demo.supply import goods_arrive
from dohyo.demo.traffic import Traffic, day
from dohyo.encoders.builtin import load
from dohyo.migration.naming import raw_name
from dohyo.stores.registry import open_store


def test_a_day_of_goods_joins_the_collection_and_its_copy_once(shop, tmp_path):
    demo = tmp_path / "demo"
    shutil.copytree(shop.folder, demo / "shop")
    corpus = day(load("shapes-world"), Traffic(pictures=10), 0)
    new = len(corpus.image) + len(corpus.text)
    here = Shop(demo / "shop")
    with open_store(here.store) as store:
        before = {name: store.describe(name).rows for name in store.collections()}
    for _ in range(2):  # the same day again replaces itself
        assert goods_arrive(demo, corpus, "monday") == new
    with open_store(here.store) as store:
        after = {name: store.describe(name).rows for name in store.collections()}
        rows = store.get(COLLECTION, ["image-monday-003"])
    assert {name: n + new for name, n in before.items()} == after
    assert any(raw_name(name) == COLLECTION for name in after)
    assert rows.payload[0]["class"] == corpus.class_name[corpus.label[3]]
    assert (here.pictures / "image-monday-003.png").is_file()
