"""What every store must do, tried on every store for real."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest
from tests.stores.places import PLACES, Key, Place

from dohyo.errors import StoreError
from dohyo.stores.protocol import Rows, Store

DIM = 8
HOSTILE = "'; DROP TABLE products; -- \" OR 1=1 \\ %s {0} `x` 猫\n\t"
"""What a caption may hold, and what a careless condition would stumble over."""


@pytest.fixture(params=PLACES, ids=lambda place: place.kind)
def place(request) -> Place:
    return request.param


@pytest.fixture
def store(place, tmp_path) -> Iterator[Store]:
    with place.opened(tmp_path) as store:
        yield store


def key(kind: Key, number: int) -> str | int:
    """Return one key; the numbers of two of one kind are in their order."""
    if kind == "int":
        return number
    return str(uuid.UUID(int=number)) if kind == "uuid" else f"item {number:06d} {HOSTILE[:24]}"


def vectors(count: int, *, seed: int = 0, dimension: int = DIM) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def rows(
    place: Place,
    count: int,
    *,
    start: int = 1,
    seed: int = 0,
    dimension: int = DIM,
    kind: Key | None = None,
) -> Rows:
    """Return rows of unit vectors with a payload of every type that all stores hold."""
    numbers = range(start, start + count)
    return Rows(
        tuple(key(kind or place.keys[0], number) for number in numbers),
        vectors(count, seed=seed, dimension=dimension),
        tuple(
            {
                "modality": "image" if number % 2 else "text",
                "caption": f"猫 {number} {HOSTILE}",
                "rank": number,
                "price": number / 8,
                "sold": number % 3 == 0,
                "note": None if number % 5 == 0 else f"note {number}",
            }
            | ({"tags": ["赤", f"tag {number}"]} if place.nested else {})
            for number in numbers
        ),
    )


def by_id(found: Rows) -> dict:
    """Return vector and payload by key; a field without a value is as if it were not there."""
    return {
        each: (vector, {name: value for name, value in held.items() if value is not None})
        for each, vector, held in zip(found.ids, found.vectors, found.payload, strict=True)
    }


def whole(store: Store, collection: str, *, size: int = 100) -> Rows:
    parts = list(store.scan(collection, size=size))
    return Rows(
        tuple(each for part in parts for each in part.ids),
        np.concatenate([part.vectors for part in parts]) if parts else vectors(0),
        tuple(held for part in parts for held in part.payload),
    )


def assert_same(found: Rows, wanted: Rows) -> None:
    assert len(found) == len(found.vectors) == len(set(found.ids))
    have, want = by_id(found), by_id(wanted)
    assert have.keys() == want.keys()
    for each, (vector, held) in want.items():
        np.testing.assert_allclose(have[each][0], vector, atol=1e-6)
        assert have[each][1] == held
        assert {n: type(v) for n, v in have[each][1].items()} == {
            n: type(v) for n, v in held.items()
        }


# Reading


def test_what_was_written_is_scanned_whole_and_once(store, place):
    given = rows(place, 250)
    place.make(store, "products", given)
    assert_same(whole(store, "products"), given)


def test_every_kind_of_key_comes_back_as_it_was(store, place):
    for kind in place.keys:
        given = rows(place, 12, kind=kind)
        place.make(store, f"products_{kind}", given)
        assert_same(whole(store, f"products_{kind}", size=5), given)
        assert_same(store.get(f"products_{kind}", given.ids[3:4]), part(given, 3, 4))


def part(given: Rows, start: int, stop: int) -> Rows:
    return Rows(given.ids[start:stop], given.vectors[start:stop], given.payload[start:stop])


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_a_batch_of_a_scan_is_never_larger_than_asked(store, place, size):
    place.make(store, "products", rows(place, 20))
    sizes = [len(each) for each in store.scan("products", size=size)]
    assert sum(sizes) == 20
    assert min(sizes) > 0
    assert max(sizes) <= size


def test_vectors_are_float32_rows(store, place):
    place.make(store, "products", rows(place, 5))
    for each in (next(store.scan("products")), store.get("products", [key(place.keys[0], 2)])):
        assert each.vectors.dtype == np.float32
        assert each.vectors.shape == (len(each), DIM)


def test_two_scans_of_a_collection_at_rest_have_one_order(store, place):
    place.make(store, "products", rows(place, 60))
    assert whole(store, "products", size=7).ids == whole(store, "products", size=23).ids


def test_rows_at_rest_are_scanned_once_while_others_come_change_and_go(store, place):
    given = rows(place, 300)
    place.make(store, "products", given)
    seen: list = []
    for turn, batch in enumerate(store.scan("products", size=50)):
        seen += batch.ids
        changed = part(rows(place, 300, seed=9), 10 * turn, 10 * turn + 5)
        store.upsert("products", changed)
        store.upsert("products", rows(place, 20, start=1_000 + 20 * turn))
        store.delete("products", [given.ids[10 * turn + 7]])
    assert len(seen) == len(set(seen))
    turns = range(len(given) // 50)
    moved = {given.ids[10 * turn + i] for turn in turns for i in (0, 1, 2, 3, 4, 7)}
    assert set(given.ids) - moved <= set(seen)


def test_an_empty_collection_has_nothing_to_scan(store, place):
    place.make(store, "products", rows(place, 3))
    store.delete("products", [key(place.keys[0], number) for number in (1, 2, 3)])
    assert list(store.scan("products")) == []
    assert store.describe("products").rows == 0
    assert store.describe("products").dimension == DIM


def test_get_returns_the_rows_that_exist(store, place):
    given = rows(place, 30)
    place.make(store, "products", given)
    wanted = [*given.ids[10:13], key(place.keys[0], 999)]
    assert_same(store.get("products", wanted), part(given, 10, 13))


def test_get_of_nothing_and_of_unknown_keys_is_empty(store, place):
    place.make(store, "products", rows(place, 3))
    for wanted in ([], [key(place.keys[0], 999)]):
        found = store.get("products", wanted)
        assert len(found) == 0
        assert found.vectors.shape == (0, DIM)


def test_get_of_every_row_at_once_returns_every_row(store, place):
    given = rows(place, 1_000)
    place.make(store, "products", given)
    assert_same(store.get("products", given.ids), given)


@pytest.mark.parametrize("hostile", ["1 OR 1=1", "' OR ''='", '" OR ""="', HOSTILE])
def test_a_key_is_never_read_as_a_condition(store, place, hostile):
    given = rows(place, 6)
    place.make(store, "products", given)
    assert len(store.get("products", [hostile])) == 0
    with suppress(StoreError):
        store.delete("products", [hostile])
    assert_same(whole(store, "products"), given)


def test_a_description_tells_name_rows_dimension_and_payload(store, place):
    place.make(store, "products", rows(place, 40))
    told = store.describe("products")
    assert (told.name, told.rows, told.dimension) == ("products", 40, DIM)
    assert told.metric in ("dot", "cosine", "l2", None)
    assert set(told.fields) <= set(rows(place, 1).payload[0])


def test_collections_are_listed_in_order(store, place):
    assert store.collections() == ()
    for name in ("products", "articles"):
        place.make(store, name, rows(place, 3))
    assert store.collections() == ("articles", "products")
    assert store.resolve("articles") == "articles"
    assert store.resolve("nothing") is None


@pytest.mark.parametrize("name", ["nothing", "x'; DROP TABLE products; --", 'x"; --', "../x", "猫"])
def test_a_collection_that_is_not_there_is_one_sentence_that_lists_those_that_are(
    store, place, name
):
    place.make(store, "products", rows(place, 3))
    actions = (
        lambda: store.describe(name),
        lambda: list(store.scan(name)),
        lambda: store.get(name, [key(place.keys[0], 1)]),
        lambda: store.upsert(name, rows(place, 1)),
        lambda: store.search(name, vectors(1)[0], 3),
        lambda: store.create("other", DIM, like=name),
    )
    for action in actions:
        with pytest.raises(StoreError, match="products") as told:
            action()
        assert "\n" not in str(told.value)
    assert store.collections() == ("products",)
    assert store.describe("products").rows == 3


# Writing


def test_a_collection_made_like_another_takes_its_rows_in_another_dimension(store, place):
    given = rows(place, 60)
    place.make(store, "products", given)
    store.create("products__dohyo_0123abcd", DIM + 3, like="products")
    made = store.describe("products__dohyo_0123abcd")
    assert (made.rows, made.dimension) == (0, DIM + 3)
    assert made.metric in ("dot", None)
    wide = Rows(given.ids, vectors(60, dimension=DIM + 3), given.payload)
    store.upsert("products__dohyo_0123abcd", wide)
    assert_same(whole(store, "products__dohyo_0123abcd"), wide)
    assert_same(whole(store, "products"), given)


def test_every_kind_of_key_can_be_written(store, place):
    for kind in place.keys:
        given = rows(place, 4, kind=kind)
        place.make(store, f"products_{kind}", given)
        store.create(f"corrected_{kind}", DIM, like=f"products_{kind}")
        store.upsert(f"corrected_{kind}", given)
        assert_same(whole(store, f"corrected_{kind}"), given)


def test_creating_what_is_there_is_refused(store, place):
    given = rows(place, 3)
    place.make(store, "products", given)
    with pytest.raises(StoreError, match="products"):
        store.create("products", DIM, like="products")
    assert_same(whole(store, "products"), given)


def test_upsert_replaces_and_twice_is_once(store, place):
    place.make(store, "products", rows(place, 30))
    new = rows(place, 30, start=16, seed=5)
    new = Rows(
        new.ids, new.vectors, tuple({**h, "caption": "new", "price": 9.5} for h in new.payload)
    )
    for _ in range(2):
        store.upsert("products", new)
        assert store.describe("products").rows == 45
        assert_same(store.get("products", new.ids), new)


def test_upsert_replaces_the_whole_payload(store, place):
    place.make(store, "products", rows(place, 4))
    bare = Rows((key(place.keys[0], 2),), vectors(1, seed=3), ({"caption": "bare"},))
    store.upsert("products", bare)
    assert_same(store.get("products", bare.ids), bare)


def test_upsert_of_nothing_does_nothing(store, place):
    given = rows(place, 3)
    place.make(store, "products", given)
    store.upsert("products", Rows((), vectors(0), ()))
    assert_same(whole(store, "products"), given)


def test_upsert_of_another_dimension_is_refused_and_writes_nothing(store, place):
    given = rows(place, 3)
    place.make(store, "products", given)
    with pytest.raises(StoreError, match=str(DIM)):
        store.upsert("products", rows(place, 2, start=50, dimension=DIM + 1))
    assert_same(whole(store, "products"), given)


def test_delete_removes_those_rows_alone(store, place):
    given = rows(place, 30)
    place.make(store, "products", given)
    store.delete("products", [*given.ids[:10], key(place.keys[0], 999)])
    store.delete("products", [])
    assert_same(whole(store, "products"), part(given, 10, 30))


def test_drop_removes_a_collection_and_twice_is_no_error(store, place):
    for name in ("products", "articles"):
        place.make(store, name, rows(place, 3))
    for _ in range(2):
        store.drop("products")
        assert store.collections() == ("articles",)
    with pytest.raises(StoreError):
        store.describe("products")


def test_what_was_written_is_there_when_opened_again(place, tmp_path):
    given = rows(place, 50)
    with place.opened(tmp_path) as store:
        place.make(store, "products", given)
        store.create("corrected", DIM + 1, like="products")
        store.upsert("corrected", Rows(given.ids, vectors(50, dimension=DIM + 1), given.payload))
        if store.has_aliases:
            store.switch("live", "corrected")
    with place.opened(tmp_path) as store:
        assert store.collections() == ("corrected", "products")
        assert_same(whole(store, "products"), given)
        assert store.describe("corrected").rows == 50
        assert store.resolve("live") == ("corrected" if store.has_aliases else None)


def test_closing_twice_does_nothing(place, tmp_path):
    with place.opened(tmp_path) as store:
        place.make(store, "products", rows(place, 3))
        store.close()
        store.close()


def test_thousands_of_rows_travel_in_batches(store, place):
    given = rows(place, 5_000)
    place.make(store, "products", part(given, 0, 1))
    for start in range(0, 5_000, 1_000):
        store.upsert("products", part(given, start, start + 1_000))
    assert store.describe("products").rows == 5_000
    assert_same(whole(store, "products", size=1_000), given)


# Searching


def best(given: Rows, query: np.ndarray, metric: str | None) -> list[tuple]:
    """Return (key, score) best first, by brute force."""
    if metric == "l2":
        scores = -np.linalg.norm(given.vectors - query, axis=1)
    else:
        scores = given.vectors @ query  # unit vectors: the cosine is the inner product
    order = np.argsort(-scores, kind="stable")
    return [(given.ids[i], float(scores[i])) for i in order]


def test_search_returns_the_best_first_with_their_scores(store, place):
    given, query = rows(place, 200), vectors(1, seed=8)[0]
    for number, metric in enumerate(place.metrics):
        place.make(store, f"products{number}", given, metric=metric)
        told = store.describe(f"products{number}").metric
        assert metric in (None, told)
        found = store.search(f"products{number}", query, 10)
        wanted = best(given, query, told)[:10]
        assert [hit.id for hit in found] == [each for each, _ in wanted]
        np.testing.assert_allclose(
            [hit.score for hit in found], [score for _, score in wanted], atol=1e-5
        )
        for hit in found:
            want = by_id(given)[hit.id][1]
            assert {n: v for n, v in hit.payload.items() if v is not None} == want


def test_a_collection_made_by_dohyo_is_searched_by_inner_product(store, place):
    given, query = rows(place, 100), vectors(1, seed=8)[0]
    place.make(store, "products", given)
    store.create("corrected", DIM, like="products")
    store.upsert("corrected", given)
    found = store.search("corrected", query, 5)
    wanted = best(given, query, "dot")[:5]
    assert [hit.id for hit in found] == [each for each, _ in wanted]
    np.testing.assert_allclose([hit.score for hit in found], [s for _, s in wanted], atol=1e-5)


def test_search_for_more_than_there_is_returns_all(store, place):
    place.make(store, "products", rows(place, 7))
    assert len(store.search("products", vectors(1)[0], 50)) == 7


@pytest.mark.parametrize(
    "where",
    [
        {"modality": "image"},
        {"rank": 17},
        {"sold": True},
        {"sold": False, "modality": "text"},
        {"price": 2.5},
        {"caption": f"猫 3 {HOSTILE}"},
        {"caption": "猫' OR '1'='1"},
    ],
    ids=str,
)
def test_search_keeps_to_the_rows_whose_payload_agrees(store, place, where):
    given, query = rows(place, 40), vectors(1, seed=8)[0]
    place.make(store, "products", given)
    held = {each: payload for each, (_, payload) in by_id(given).items()}
    metric = store.describe("products").metric
    wanted = [
        each
        for each, _ in best(given, query, metric)
        if all(held[each].get(name) == value for name, value in where.items())
    ]
    found = store.search("products", query, 40, where=where)
    assert [hit.id for hit in found] == wanted


@pytest.mark.parametrize("name", ["nothing", "x' OR 1=1 --", "rank` = 1 OR `rank", 'a"b'])
def test_a_condition_on_an_unknown_field_is_refused_or_matches_nothing(store, place, name):
    place.make(store, "products", rows(place, 5))
    with suppress(StoreError):
        assert store.search("products", vectors(1)[0], 5, where={name: "x"}) == ()


def test_a_query_of_another_dimension_is_refused(store, place):
    place.make(store, "products", rows(place, 5))
    with pytest.raises(StoreError, match=str(DIM)) as told:
        store.search("products", vectors(1, dimension=DIM + 2)[0], 5)
    assert str(DIM + 2) in str(told.value)
    assert "\n" not in str(told.value)


# Aliases


@pytest.fixture
def aliased(store, place) -> Store:
    """Return a store with two collections, where it has aliases."""
    if not store.has_aliases:
        pytest.skip(f"{place.kind} has no aliases")
    place.make(store, "products", rows(place, 20))
    store.create("corrected", DIM, like="products")
    store.upsert("corrected", rows(place, 20, seed=4))
    return store


def test_where_there_are_no_aliases_switching_is_refused(store, place):
    if store.has_aliases:
        pytest.skip(f"{place.kind} has aliases")
    place.make(store, "products", rows(place, 3))
    with pytest.raises(StoreError, match="alias"):
        store.switch("live", "products")
    assert store.collections() == ("products",)


def test_a_switch_makes_an_alias_and_points_it_elsewhere(aliased, place):
    for target, seed in (("products", 0), ("corrected", 4), ("corrected", 4), ("products", 0)):
        aliased.switch("live", target)
        assert aliased.resolve("live") == target
        assert aliased.describe("live").name == target
        assert_same(whole(aliased, "live"), rows(place, 20, seed=seed))
        assert_same(
            aliased.get("live", [key(place.keys[0], 3)]), part(rows(place, 20, seed=seed), 2, 3)
        )
        assert len(aliased.search("live", vectors(1)[0], 3)) == 3
    assert aliased.collections() == ("corrected", "products")


def test_an_alias_never_points_nowhere(aliased):
    aliased.switch("live", "products")
    with pytest.raises(StoreError):
        aliased.switch("live", "nothing")
    assert aliased.resolve("live") == "products"


def test_an_alias_never_takes_the_name_of_a_collection(aliased, place):
    with pytest.raises(StoreError):
        aliased.switch("products", "corrected")
    assert aliased.resolve("products") == "products"
    assert_same(whole(aliased, "products"), rows(place, 20))


def test_a_reader_finds_the_old_or_the_new_during_a_switch(aliased, place, tmp_path):
    aliased.switch("live", "products")
    query = vectors(1, seed=8)[0]
    answers = {
        tuple(each for each, _ in best(rows(place, 20, seed=seed), query, "dot")[:3])
        for seed in (0, 4)
    }
    seen: list = []
    done = threading.Event()

    def read() -> None:
        try:
            with place.again(aliased, tmp_path) as reader:
                while not done.is_set():
                    seen.append(tuple(hit.id for hit in reader.search("live", query, 3)))
        except Exception as error:
            seen.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for turn in range(40):
            aliased.switch("live", ("corrected", "products")[turn % 2])
    finally:
        done.set()
        thread.join(timeout=30)
    assert set(seen) <= answers
    assert seen
