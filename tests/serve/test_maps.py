"""Maps are listed, uploaded, activated, and never come from a path."""

import pytest

FIELDS = ("map", "arrays")


@pytest.fixture
def files(tmp_path, sides):
    import dohyo
    from dohyo.corpus import Corpus

    dohyo.align(Corpus.from_arrays(*sides), "whiten").save(tmp_path / "map")
    return {
        "map": (tmp_path / "map" / "map.json").read_bytes(),
        "arrays": (tmp_path / "map" / "arrays.safetensors").read_bytes(),
    }


def upload(client, files):
    sent = {field: (f"../../{field}", content) for field, content in files.items()}
    return client.post("/v1/maps", files=sent)


def test_an_uploaded_map_can_be_activated_and_survives_a_restart(made, files, sides):
    first = made()
    said = upload(first, files)
    assert said.status_code == 201
    which = said.json()["map"]
    assert which in {each["map"] for each in first.get("/v1/maps").json()["maps"]}
    asked = {"vectors": sides[0][:1].tolist(), "modality": "image", "map": which}
    assert len(first.post("/v1/transform", json=asked).json()["vectors"][0]) == 16
    told = first.post(f"/v1/maps/{which}/activate", json={"why": "better"}).json()
    assert (told["map"], told["stage"]) == (which, "off")
    again = made()
    assert again.get("/v1/maps").json()["active"] == which
    assert again.get("/v1/audit").json()["audit"][0]["why"] == "better"


def test_going_back_brings_the_map_before_at_the_stage_it_had(made, files):
    client = made()
    first = client.get("/v1/maps").json()["active"]
    said = client.post("/v1/maps/rollback", json={"to": "previous"})
    assert (said.status_code, said.json()["error"]["code"]) == (409, "no_previous")
    client.put("/v1/rollout", json={"stage": "canary", "percent": 30})
    other = upload(client, files).json()["map"]
    client.post(f"/v1/maps/{other}/activate", json={"why": "newer"})
    back = client.post("/v1/maps/rollback", json={"to": "previous", "why": "worse"}).json()
    assert (back["map"], back["stage"], back["percent"]) == (first, "canary", 30)
    logged = client.get("/v1/audit").json()["audit"][0]
    assert (logged["action"], logged["why"]) == ("went_back", "worse")
    assert client.post("/v1/maps/rollback", json={"to": "previous"}).status_code == 409
    assert client.post("/v1/maps/rollback").json()["stage"] == "off"
    assert client.post("/v1/maps/rollback", json={"to": "../x"}).status_code == 422


@pytest.mark.parametrize("damage", ["swap", "cut", "change", "missing", "extra", "pickle"])
def test_damaged_maps_are_refused_and_nothing_is_kept(client, files, damage):
    before = client.get("/v1/maps").json()
    sent = dict(files)
    if damage == "swap":
        sent = {"map": files["arrays"], "arrays": files["map"]}
    elif damage == "cut":
        sent["arrays"] = files["arrays"][:-7]
    elif damage == "change":
        sent["arrays"] = files["arrays"][:-1] + bytes([files["arrays"][-1] ^ 1])
    elif damage == "missing":
        del sent["arrays"]
    elif damage == "extra":
        sent["other"] = b"x"
    else:
        sent["arrays"] = b"\x80\x04cos\nsystem\n(S'true'\ntR."
    said = upload(client, sent)
    assert 400 <= said.status_code < 500, said.text
    assert set(said.json()) == {"error"}
    assert client.get("/v1/maps").json() == before


def test_a_map_that_is_not_there_cannot_be_activated(client):
    assert client.post("/v1/maps/0123456789abcdef/activate", json={}).status_code == 404
    assert client.post("/v1/maps/nothing/activate", json={}).status_code == 422


def test_other_bodies_are_no_map(client):
    assert client.post("/v1/maps", content=b"x").status_code == 415
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert 400 <= client.post("/v1/maps", content=b"--y\r\n", headers=broken).status_code < 500
