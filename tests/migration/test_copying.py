"""The stateless copy, over a store in memory that can be stopped at any write."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.migration.memory import MemoryStore

from dohyo.corpus import Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map
from dohyo.errors import MapError, StoreError, UsageError
from dohyo.migration.migrate import migrate, roll_back
from dohyo.migration.naming import corrected_name, identity
from dohyo.migration.prepare import prepare
from dohyo.stores.protocol import Rows

DIM = 6


class Killed(BaseException):
    """Nobody catches it."""


def gapped(count: int, sign: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(count, DIM)) + sign * np.eye(DIM)[0] * 3).astype(np.float32)


def fitted(**parameters: float) -> AlignmentMap:
    corpus = Corpus.from_arrays(gapped(60, 1), gapped(60, -1, 1))
    return fit_map("center", Evidence.of(corpus), parameters)


def rows(count: int, seed: int = 2) -> Rows:
    vectors = np.where(
        (np.arange(count) % 2 == 0)[:, None], gapped(count, 1, seed), gapped(count, -1, seed + 1)
    )
    payload = tuple(
        {"modality": "text" if i % 2 else "image", "caption": f"猫 {i}", "none": None}
        for i in range(count)
    )
    return Rows(tuple(range(count)), vectors.astype(np.float32), payload)


def made(count: int = 40) -> MemoryStore:
    store = MemoryStore()
    store.put("raw", rows(count))
    store.aliases["live"] = "raw"
    return store


def expected(store: MemoryStore, map_: AlignmentMap, strength: float = 1.0) -> dict:
    out = {}
    for key, (vector, held) in store.held["raw"].items():
        row = map_.apply(vector[None], held["modality"], "item", strength)[0]
        out[key] = (row, held)
    return out


def assert_is_the_copy(store: MemoryStore, map_: AlignmentMap) -> None:
    held = store.held[corrected_name("raw", identity(map_))]
    wanted = expected(store, map_)
    assert held.keys() == wanted.keys()
    for key, (vector, payload) in wanted.items():
        np.testing.assert_allclose(held[key][0], vector, atol=1e-6)
        assert held[key][1] == payload


def run(store: MemoryStore, map_: AlignmentMap, name: str = "live", **options):
    return migrate(prepare(store, name, map_, force=True, batch=7, **options))


@pytest.mark.parametrize("parameters", [{}, {"calibrate": 1.0}], ids=["plain", "wider"])
def test_the_copy_is_the_map_of_every_row_and_the_alias_stands_for_it(parameters):
    store, map_ = made(), fitted(**parameters)
    before = {key: vector.copy() for key, (vector, _) in store.held["raw"].items()}
    done = run(store, map_).parts[0]
    assert_is_the_copy(store, map_)
    assert store.aliases == {"live": corrected_name("raw", identity(map_))}
    assert done.copied.kinds == {"image": 20, "text": 20}
    assert done.copied.verified == done.copied.found
    assert done.copied.written == done.copied.raw.rows == 40
    assert all((store.held["raw"][key][0] == vector).all() for key, vector in before.items())


@given(stops=st.lists(st.integers(1, 60), max_size=6), seed=st.integers(0, 99))
def test_stopped_at_any_write_a_later_run_finishes_the_same(stops, seed):
    store, map_ = made(23), fitted()
    for stop in stops:
        left = [stop]

        def count(action: str, name: str, left=left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

        store.before = count
        with suppress(Killed):
            run(store, map_)
        assert store.aliases["live"] in ("raw", corrected_name("raw", identity(map_)))
        if store.aliases["live"] != "raw":
            assert_is_the_copy(store, map_)
    store.before = lambda action, name: None
    run(store, map_)
    assert_is_the_copy(store, map_)


def test_a_second_run_writes_nothing_and_a_changed_row_alone_is_written():
    store, map_ = made(), fitted()
    run(store, map_)
    assert run(store, map_).parts[0].copied.written == 0
    store.held["raw"][3] = (gapped(1, -1, 9)[0], store.held["raw"][3][1])
    store.held["raw"][4] = (store.held["raw"][4][0], {"modality": "image", "caption": "new"})
    del store.held["raw"][5]
    done = run(store, map_).parts[0].copied
    assert (done.written, done.removed) == (2, 1)
    assert_is_the_copy(store, map_)


def test_rows_that_change_while_being_copied_are_brought_up_to_date():
    store, map_ = made(), fitted()
    changes = iter(range(3))

    def change(action: str, name: str) -> None:
        if action == "scan" and name == "raw" and next(changes, None) is not None:
            store.held["raw"][0] = (gapped(1, 1, len(store.held))[0] * 2, {"modality": "image"})

    store.before = change
    run(store, map_)
    assert_is_the_copy(store, map_)


def test_a_collection_that_never_stands_still_is_refused_and_nothing_is_switched():
    store, map_ = made(), fitted()
    rng = np.random.default_rng(0)

    def change(action: str, name: str) -> None:
        if action == "scan" and name == "raw":
            new = rng.normal(size=DIM).astype(np.float32)
            store.held["raw"][0] = (new, {"modality": "image"})

    prepared = prepare(store, "live", map_, force=True, batch=7)
    store.before = change
    with pytest.raises(StoreError, match=r"raw changed while it was read, 6 times over, .*row 0"):
        migrate(prepared)
    assert store.aliases == {"live": "raw"}


def test_a_store_that_rounds_to_half_precision_is_no_endless_work():
    store, map_ = made(), fitted()
    store.keeps = lambda vector: vector.astype(np.float16).astype(np.float32)
    assert run(store, map_).parts[0].copied.passes == 2
    assert run(store, map_).parts[0].copied.found.rows == 40


def test_a_store_that_changes_what_it_keeps_is_refused():
    store = made()
    store.keeps = lambda vector: vector * 2
    with pytest.raises(StoreError, match="changes the vectors that it is sent"):
        run(store, fitted())
    assert store.aliases == {"live": "raw"}


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_a_row_without_direction_is_named_or_left_out_and_counted(value):
    store, map_ = made(), fitted()
    store.held["raw"][17] = (np.full(DIM, value, np.float32), {"modality": "text"})
    with pytest.raises(StoreError, match=r"raw, row 17: the vector holds NaN.*--skip-bad"):
        run(store, map_)
    assert store.aliases == {"live": "raw"}
    done = run(store, map_, skip_bad=True).parts[0].copied
    assert (done.skipped, done.skipped_ids, done.found.rows) == (1, (17,), 39)


def test_an_unknown_modality_is_named_by_row_and_value():
    store = made()
    store.held["raw"][11] = (store.held["raw"][11][0], {"modality": "video"})
    with pytest.raises(StoreError, match=r"raw, row 11: modality is 'video', no modality"):
        run(store, fitted())
    assert store.aliases == {"live": "raw"}


def test_two_collections_are_copied_by_their_kind_and_switch_together_or_not_at_all():
    store, map_ = MemoryStore(), fitted()
    for name, sign in (("pictures", 1.0), ("captions", -1.0)):
        given = gapped(10, sign)
        store.put(name, Rows(tuple(range(10)), given, ({},) * 10))
        store.aliases[f"live_{name}"] = name
    before = dict(store.aliases)

    def refuse(action: str, name: str) -> None:
        if action == "switch" and name.startswith("captions__"):
            raise StoreError("No.", hint="Never.")

    store.before = refuse
    with pytest.raises(StoreError, match="No"):
        run(store, map_, "live_pictures", texts="live_captions")
    assert store.aliases == before
    store.before = lambda action, name: None
    run(store, map_, "live_pictures", texts="live_captions")
    for name, kind in (("pictures", "image"), ("captions", "text")):
        copied = store.aliases[f"live_{name}"]
        assert copied == corrected_name(name, identity(map_))
        raw = np.array([vector for vector, _ in store.held[name].values()])
        held = np.array([vector for vector, _ in store.held[copied].values()])
        np.testing.assert_allclose(held, map_.apply(raw, kind), atol=1e-6)


def test_rollback_needs_the_name_alone_and_refuses_where_the_raw_one_is_gone():
    store, map_ = made(), fitted()
    run(store, map_)
    back = roll_back(store, "live")
    assert (back.raw, back.alias) == ("raw", "live")
    assert store.aliases == {"live": "raw"}
    assert roll_back(store, "live").before == "raw"
    run(store, map_)
    store.drop("raw")
    with pytest.raises(StoreError, match="raw collection raw is gone"):
        roll_back(store, "live")
    assert store.aliases["live"] != "raw"


def test_a_map_after_a_map_starts_from_the_raw_rows():
    store, one, two = made(), fitted(), fitted(calibrate=1.0)
    run(store, one)
    run(store, two)
    assert store.aliases["live"] == corrected_name("raw", identity(two))
    assert_is_the_copy(store, two)


def test_what_is_not_ours_or_not_meant_is_refused_before_anything_is_written():
    store, map_ = made(), fitted()
    store.put("other", rows(3))
    store.aliases["taken"] = "other"
    target = corrected_name("raw", identity(map_))
    with pytest.raises(UsageError, match="stands for other"):
        run(store, map_, "raw", alias="taken")
    with pytest.raises(StoreError, match=r"no collection and no alias nothing.*raw"):
        run(store, map_, "nothing")
    with pytest.raises(UsageError, match="Strength"):
        run(store, map_, strength=0.0)
    store.put(target, Rows((1,), np.ones((1, 3), np.float32), ({},)))
    with pytest.raises(StoreError, match="3 dimensions instead of 6"):
        run(store, map_)
    with pytest.raises(UsageError, match="a corrected copy itself"):
        run(store, map_, target)
    assert store.aliases == {"live": "raw", "taken": "other"}


def test_an_unknown_or_another_encoder_is_refused_without_force():
    store, map_ = made(), fitted()
    with pytest.raises(MapError, match="does not say which encoder"):
        migrate(prepare(store, "live", map_, encoder="abc"))
    assert store.aliases == {"live": "raw"}


def test_vectors_that_lie_elsewhere_than_the_maps_are_refused(monkeypatch):
    map_ = fitted()
    object.__setattr__(map_, "encoder", "abc")
    store = MemoryStore()
    given = rows(200)
    store.put("raw", given)
    prepare(store, "raw", map_, encoder="abc")
    swapped = tuple(
        {"modality": "image" if held["modality"] == "text" else "text"} for held in given.payload
    )
    store.put("raw", Rows(given.ids, given.vectors, swapped))
    with pytest.raises(MapError, match="the other modality"):
        prepare(store, "raw", map_, encoder="abc")
    store.put("raw", Rows(given.ids, np.roll(given.vectors, 3, axis=1), given.payload))
    with pytest.raises(MapError, match="another encoder"):
        prepare(store, "raw", map_, encoder="abc")
