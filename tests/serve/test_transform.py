"""Vectors come back as the map itself would correct them, in every kind of body."""

import io
import threading

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dohyo.rollout.refusal import Refusal
from dohyo.serve.bodies import ARROW, JSON, NPY, arrow, npy, to_arrow, to_npy
from dohyo.serve.settings import Limits


def saved(rows):
    out = io.BytesIO()
    np.save(out, rows)
    return out.getvalue()


@pytest.mark.parametrize("role", ["item", "query"])
@pytest.mark.parametrize("modality", ["image", "text"])
def test_all_kinds_of_body_give_what_the_map_gives(client, sides, fitted, modality, role):
    rows = sides[0][:3]
    wanted = fitted.apply(rows, modality, role)
    how = {"modality": modality, "role": role}
    said = client.post("/v1/transform", json={"vectors": rows.tolist(), **how})
    assert said.status_code == 200
    np.testing.assert_allclose(said.json()["vectors"], wanted, atol=1e-6)
    binary = client.post(
        "/v1/transform", params=how, content=saved(rows), headers={"content-type": NPY}
    )
    np.testing.assert_array_equal(np.load(io.BytesIO(binary.content)), wanted)
    stream = client.post(
        "/v1/transform", params=how, content=to_arrow(rows), headers={"content-type": ARROW}
    )
    back = pa.ipc.open_stream(stream.content).read_all()["vector"].to_pylist()
    np.testing.assert_allclose(back, wanted, atol=1e-7)


def test_requests_that_arrive_together_each_get_their_own(client, sides, fitted):
    wanted = fitted.apply(sides[1], "text", "query")
    got = {}

    def ask(n):
        body = {"vectors": sides[1][n].tolist(), "modality": "text", "role": "query"}
        got[n] = client.post("/v1/transform", json=body).json()["vectors"][0]

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for n, row in got.items():
        np.testing.assert_allclose(row, wanted[n], atol=1e-5)


def test_a_bad_row_of_one_request_is_not_told_to_another(made, fitted, sides):
    import asyncio

    from dohyo.serve.batching import Batcher

    async def both():
        batch = Batcher()
        bad = np.full((1, 16), np.nan, np.float32)
        correct = lambda rows: fitted.apply(rows, "text")  # noqa: E731
        return await asyncio.gather(
            batch("k", sides[1][:2], correct), batch("k", bad, correct), return_exceptions=True
        )

    good, bad = asyncio.run(both())
    np.testing.assert_allclose(good, fitted.apply(sides[1][:2], "text"), atol=1e-6)
    assert isinstance(bad, Exception)


def test_strength_0_and_follow_give_the_raw_direction(client, sides):
    row = sides[0][0]
    unit = row / np.linalg.norm(row)
    asked = {"vectors": row.tolist(), "modality": "image", "follow": True, "key": "a"}
    said = client.post("/v1/transform", json=asked).json()
    assert not said["corrected"]
    np.testing.assert_allclose(said["vectors"][0], unit, atol=1e-6)
    client.put("/v1/rollout", json={"stage": "on"})
    assert client.post("/v1/transform", json=asked).json()["corrected"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"vectors": [[1.0] * 15], "modality": "image"}, 400, "bad_request"),
        ({"vectors": [[0.0] * 16], "modality": "image"}, 400, "bad_request"),
        ({"vectors": [[1e300] * 16], "modality": "image"}, 400, "bad_request"),
        ({"vectors": [["1"] * 16], "modality": "image"}, 400, "bad_body"),
        ({"vectors": [[True] * 16], "modality": "image"}, 400, "bad_body"),
        ({"vectors": [[1.0] * 16, [1.0] * 15], "modality": "image"}, 400, "bad_body"),
        ({"vectors": [], "modality": "image"}, 400, "bad_body"),
        ({"vectors": {}, "modality": "image"}, 400, "bad_body"),
        ({"modality": "image"}, 400, "bad_body"),
        ({"vectors": [[1.0] * 16]}, 422, "invalid"),
        ({"vectors": [[1.0] * 16], "modality": "sound"}, 422, "invalid"),
        ({"vectors": [[1.0] * 16], "modality": "image", "strength": 2}, 400, "bad_request"),
        ({"vectors": [[1.0] * 16], "modality": "image", "strength": "1"}, 422, "invalid"),
        ({"vectors": [[1.0] * 16], "modality": "image", "map": "../../etc"}, 404, "no_map"),
        ([1, 2], 400, "bad_body"),
    ],
)
def test_what_is_wrong_is_said_in_one_shape(client, body, status, code):
    said = client.post("/v1/transform", json=body)
    assert said.status_code == status
    error = said.json()["error"]
    assert error["code"] == code
    assert set(error) == {"code", "message", "hint", "request_id"}
    assert error["request_id"] == said.headers["x-request-id"]


GOOD = {JSON: b'{"vectors": [[1, 2, 3]], "modality": "image"}'}
GOOD |= {NPY: saved(np.ones((2, 16), np.float32)), ARROW: to_arrow(np.ones((2, 16), np.float32))}


@settings(max_examples=300)
@given(st.sampled_from(sorted(GOOD)), st.data())
def test_damaged_bodies_are_refused_or_read_and_nothing_else(kind, data):
    body = bytearray(GOOD[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    body = bytes(body[: data.draw(st.integers(0, len(body)))]) + data.draw(st.binary(max_size=40))
    read = {NPY: npy, ARROW: arrow}.get(kind)
    if read is None:
        return
    try:
        rows = read(body, Limits())
    except Refusal as refusal:
        told = refusal.status
    else:
        told = 200 if rows.ndim == 2 and rows.dtype == np.float32 else 500
    assert told < 500


@settings(max_examples=120)
@given(st.sampled_from(sorted(GOOD)), st.data())
def test_damaged_bodies_never_break_the_service(kind, data):
    import tempfile
    from pathlib import Path

    body = bytearray(GOOD[kind])
    for _ in range(data.draw(st.integers(0, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    body = bytes(body[: data.draw(st.integers(0, len(body)))])
    with tempfile.TemporaryDirectory() as room:
        client = _plain(Path(room))
        with client:
            said = client.post(
                "/v1/transform",
                params={} if kind == JSON else {"modality": "image"},
                content=body,
                headers={"content-type": kind},
            )
    assert said.status_code < 500, body
    if said.status_code != 200:
        assert set(said.json()) == {"error"}


def _plain(state):
    from starlette.testclient import TestClient

    import dohyo
    from dohyo.corpus import Corpus
    from dohyo.serve.app import application
    from dohyo.serve.service import Service
    from dohyo.serve.settings import Settings

    rng = np.random.default_rng(0)
    sides = rng.normal(size=(2, 20, 16)).astype(np.float32)
    service = Service(settings=Settings(state=state))
    service.start_with(dohyo.align(Corpus.from_arrays(*sides), "center"))
    return TestClient(
        application(service), base_url="http://127.0.0.1", raise_server_exceptions=False
    )


@pytest.mark.parametrize("dtype", [np.int64, ">f4", np.complex64, "O", "U3"])
def test_npy_of_another_kind_is_refused(dtype):
    out = io.BytesIO()
    np.save(out, np.ones((2, 3)).astype(dtype), allow_pickle=True)
    with pytest.raises(Refusal):
        npy(out.getvalue(), Limits())


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_of_floats_is_read_whatever_its_layout(dtype, order):
    rows = np.asarray(np.arange(6).reshape(2, 3), dtype, order=order)
    np.testing.assert_array_equal(npy(saved(rows), Limits()), rows.astype(np.float32))
    np.testing.assert_array_equal(npy(to_npy(rows[:1].astype(np.float32))[:], Limits()), rows[:1])


def test_a_head_that_promises_more_than_there_is_is_refused():
    body = saved(np.ones((2, 3), np.float32)).replace(b"(2, 3)", b"(9, 3)")
    with pytest.raises(Refusal, match="npy"):
        npy(body, Limits())


def test_too_many_rows_and_compressed_arrow_bombs_are_refused():
    rows = np.zeros((1_000, 512), np.float32)
    with pytest.raises(Refusal) as told:
        npy(saved(rows), Limits(rows=999))
    assert told.value.status == 413
    flat = pa.array(np.zeros(4_000_000, np.float32))
    table = pa.table({"vector": pa.FixedSizeListArray.from_arrays(flat, 40_000)})
    out = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(out, table.schema, options=options) as stream:
        stream.write_table(table)
    assert len(out.getvalue()) < 20_000
    with pytest.raises(Refusal) as told:
        arrow(out.getvalue(), Limits(body=1 << 20))
    assert told.value.status == 413


def test_arrow_with_nulls_or_ragged_rows_is_refused():
    for rows in ([[1.0, 2.0], None], [[1.0, 2.0], [1.0]], [[1.0, None], [1.0, 2.0]]):
        table = pa.table({"vector": pa.array(rows, pa.list_(pa.float32()))})
        out = io.BytesIO()
        with pa.ipc.new_stream(out, table.schema) as stream:
            stream.write_table(table)
        with pytest.raises(Refusal):
            arrow(out.getvalue(), Limits())
