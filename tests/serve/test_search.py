"""One list of both kinds, as the roll-out says."""

import numpy as np
import pytest

from dohyo.rollout.refusal import Refusal
from dohyo.search.diversity import diverse
from dohyo.serve.settings import Limits


def ask(client, sides, **how):
    body = {"vector": sides[1][0].tolist(), "modality": "text", "k": 10, **how}
    said = client.post("/v1/search", json=body)
    assert said.status_code == 200, said.text
    return said.json()


def kinds(answer):
    return [hit["modality"] for hit in answer["hits"]]


def test_off_is_raw_and_on_is_fair(client, sides):
    raw = ask(client, sides)
    assert raw["list"] == "raw"
    assert set(kinds(raw)) == {"text"}
    client.put("/v1/rollout", json={"stage": "on"})
    fair = ask(client, sides)
    assert fair["list"] == "corrected"
    assert 2 <= kinds(fair).count("image") <= 8


def test_the_corrected_list_is_what_the_map_and_an_exact_search_give(client, sides, fitted):
    items = np.concatenate(
        [fitted.apply(side, kind) for side, kind in zip(sides, ("image", "text"), strict=True)]
    )
    scores = items @ fitted.apply(sides[1][:1], "text", "query")[0]
    names = [f"i{n}" for n in range(40)] + [f"t{n}" for n in range(40)]
    wanted = [names[place] for place in np.argsort(-scores)[:10]]
    assert [hit["id"] for hit in ask(client, sides, list="corrected")["hits"]] == wanted
    again = ask(client, sides, strength=0.999999)
    assert [hit["id"] for hit in again["hits"]] == wanted


def test_strength_goes_from_the_raw_list_to_the_corrected_one(client, sides):
    raw, fair = ask(client, sides, list="raw"), ask(client, sides, list="corrected")
    nothing, all_ = ask(client, sides, strength=0), ask(client, sides, strength=1)
    assert [h["id"] for h in nothing["hits"]] == [h["id"] for h in raw["hits"]]
    assert [h["id"] for h in all_["hits"]] == [h["id"] for h in fair["hits"]]
    half = kinds(ask(client, sides, strength=0.5)).count("image")
    assert 0 <= half <= 10


def test_filters_shares_and_diversity(client, sides):
    assert {h["payload"]["shelf"] for h in ask(client, sides, where={"shelf": "low"})["hits"]} == {
        "low"
    }
    assert kinds(ask(client, sides, least=0.3)).count("image") == 3
    plain, spread = ask(client, sides), ask(client, sides, diversity=0.9)
    assert plain["hits"][0]["id"] == spread["hits"][0]["id"]
    assert [h["id"] for h in plain["hits"]] != [h["id"] for h in spread["hits"]]


def test_diversity_follows_the_formula():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(30, 5)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = (unit @ unit[0]).astype(np.float32)
    weight, taken, left = 0.4, [int(np.argmax(scores))], list(range(30))
    left.remove(taken[0])
    while len(taken) < 8:
        worth = [
            (1 - weight) * scores[i] - weight * max(unit[i] @ unit[j] for j in taken) for i in left
        ]
        taken.append(left.pop(int(np.argmax(worth))))
    assert diverse(scores, vectors, 8, weight) == taken
    assert diverse(scores, vectors, 30, 0.0) == np.argsort(-scores, kind="stable").tolist()


def test_a_canary_is_sticky_and_grows(client, sides):
    def corrected(key):
        return ask(client, sides, key=key, k=1)["list"] == "corrected"

    keys = [f"user-{n}" for n in range(200)]
    client.put("/v1/rollout", json={"stage": "canary", "percent": 20})
    first = {key for key in keys if corrected(key)}
    assert {key for key in keys if corrected(key)} == first
    assert 20 <= len(first) <= 60  # binomial, 40 expected
    client.put("/v1/rollout", json={"stage": "canary", "percent": 60})
    assert first <= {key for key in keys if corrected(key)}


def test_shadow_answers_raw_and_keeps_sums(client, sides):
    client.put("/v1/rollout", json={"stage": "shadow"})
    for n in range(12):
        assert ask(client, sides, key=str(n))["list"] == "raw"
    for _ in range(100):
        told = client.get("/v1/rollout").json()["shadow"]
        if told["n"] == 12:
            break
    assert told["n"] == 12
    assert told["cross_raw"]["value"] == 0
    assert told["cross_corrected"]["value"] > 0.2
    assert 0 <= told["overlap"]["low"] <= told["overlap"]["value"] <= told["overlap"]["high"] <= 1


def test_interleaving_credits_clicks_to_the_list_that_showed_them(client, sides):
    client.put("/v1/rollout", json={"stage": "shadow", "interleave": 1.0})
    for n in range(6):
        found = ask(client, sides, key=str(n))
        assert found["list"] == "interleaved"
        ids = [hit["id"] for hit in found["hits"]]
        assert len(set(ids)) == len(ids) == 10
        shown = client.service.feedback.shown(found["search"])
        rank = shown.team.index("c") + 1
        told = {"search": found["search"], "clicked": [rank]}
        assert client.post("/v1/feedback", json=told).json() == {"new": 1}
        assert client.post("/v1/feedback", json=told).json() == {"new": 0}
    benefit = client.get("/v1/rollout").json()["benefit"]["interleaved"]
    assert (benefit["corrected"], benefit["raw"], benefit["ties"]) == (6, 0, 0)
    assert benefit["share"]["low"] > 0.5


def test_forged_feedback_is_refused(client, sides):
    found = ask(client, sides)
    for search in ("", "x", "!!", found["search"][:-2] + "AA", found["search"] + "A" * 2_000, "é"):
        said = client.post("/v1/feedback", json={"search": search, "clicked": [1]})
        assert said.status_code in (400, 422), search
    said = client.post("/v1/feedback", json={"search": found["search"], "clicked": [11]})
    assert said.json()["error"]["code"] == "bad_rank"


def test_judgements_are_counted_by_list(client, sides):
    raw, fair = ask(client, sides, list="raw"), ask(client, sides, list="corrected")
    for found, grade in ((raw, 0), (fair, 2)):
        judged = [{"rank": rank, "grade": grade} for rank in (1, 2, 3)]
        client.post("/v1/feedback", json={"search": found["search"], "judged": judged})
    told = client.get("/v1/rollout").json()["benefit"]["judged"]
    assert (told["raw"]["value"], told["corrected"]["value"]) == (0, 1)
    assert told["raw"]["n"] == 3


@pytest.mark.parametrize(
    "how",
    [
        {"k": 0},
        {"k": 201},
        {"least": 0.6},
        {"strength": 1.5},
        {"vector": []},
        {"vector": [float(0)] * 16, "list": "corrected"},
        {"vector": [1.0] * 3},
        {"text": "both"},
        {"collection": "other"},
        {"unknown": 1},
        {"where": {"nothing": [1]}},
        {"key": 5},
        {"vector": None, "text": "no encoder"},
    ],
)
def test_senseless_searches_are_refused(client, sides, how):
    body = {"vector": sides[1][0].tolist(), "modality": "text", **how}
    said = client.post("/v1/search", json=body)
    assert 400 <= said.status_code < 500 or said.status_code == 501
    assert set(said.json()) == {"error"}


def test_too_many_searches_get_429_and_slow_ones_504(made, sides):
    client = made(limits=Limits(waiting=0))
    said = client.post("/v1/search", json={"vector": sides[1][0].tolist()})
    assert (said.status_code, said.headers["retry-after"]) == (429, "1")
    slow = made(limits=Limits(seconds=0.0), state=client.service.settings.state.parent / "slow")
    said = slow.post("/v1/search", json={"vector": sides[1][0].tolist()})
    assert (said.status_code, said.json()["error"]["code"]) == (504, "slow")


def test_a_stage_without_a_corrected_copy_is_refused(client, sides):
    import dohyo
    from dohyo.corpus import Corpus

    other = client.service.library.add(dohyo.align(Corpus.from_arrays(*sides), "whiten"))
    assert client.post(f"/v1/maps/{other}/activate", json={}).json()["stage"] == "off"
    for path, method in (("/v1/rollout", "PUT"), ("/v1/rollout/proposals", "POST")):
        said = client.request(method, path, json={"stage": "shadow"})
        assert (said.status_code, said.json()["error"]["code"]) == (409, "no_copy")


def test_pictures_are_searched_by_and_bombs_are_refused(made):
    pillow = pytest.importorskip("PIL.Image", reason="needs Pillow")
    from io import BytesIO

    class Encoder:
        name, dimension, fingerprint = "mean", 16, "f"

        def encode_images(self, images):
            return np.array(
                [[np.asarray(i).mean() + n for n in range(16)] for i in images], np.float32
            )

        def encode_texts(self, texts):
            return np.zeros((len(texts), 16), np.float32)

    client = made(encoder=Encoder())

    def post(body, kind="image/png"):
        return client.post("/v1/search/picture", content=body, headers={"content-type": kind})

    def png(size):
        out = BytesIO()
        pillow.new("1", size).save(out, "PNG")
        return out.getvalue()

    good = png((20, 20))
    assert len(post(good).json()["hits"]) == 10
    bomb = png((9_000, 9_000))
    assert len(bomb) < 100_000
    assert post(bomb).status_code == 413
    for body in (b"", b"GIF89a", good[:40], b"%!PS-Adobe\n", b"<svg/>", b"PK\x03\x04" + good):
        assert post(body).json()["error"]["code"] == "bad_picture"
    assert post(good, "text/html").status_code == 415
    said = client.post("/v1/search", json={"text": "nothing"})
    assert said.json()["error"]["code"] == "no_vector"


def test_measure_gives_the_profile(client, sides):
    import dohyo
    from dohyo.corpus import Corpus

    body = {"images": sides[0].tolist(), "texts": sides[1].tolist()}
    said = client.post("/v1/measure", json=body).json()["measure"]
    wanted = dohyo.measure(Corpus.from_arrays(*sides)).to_json()
    assert said["centroid_distance"]["value"] == pytest.approx(
        wanted["centroid_distance"]["value"], rel=1e-5
    )
    assert set(said) == set(wanted)
    assert client.post("/v1/measure", json={"images": [[1.0]], "texts": 3}).status_code == 400


def test_team_draft_prefers_nobody_where_lists_are_alike():
    from dohyo.serve.interleaving import share_of, team_draft

    rng = np.random.default_rng(0)
    first = [team_draft("abcdefghij", "jihgfedcba", 10, rng)[1] for _ in range(2_000)]
    share = share_of(sum(teams[0] == "c" for teams in first), 2_000)
    assert share.low <= 0.5 <= share.high
    assert all(teams.count("r") == 5 for teams in first)
    items, _ = team_draft("abc", "abd", 4, rng)
    assert sorted(items) == list("abcd")


@pytest.mark.parametrize("p", [0.5, 0.7, 0.95])
def test_the_interval_of_a_share_covers_the_truth(p):
    from dohyo.serve.interleaving import share_of

    rng = np.random.default_rng(1)
    counts = rng.binomial(60, p, 2_000)
    covered = sum((e := share_of(int(c), 60)).low <= p <= e.high for c in counts) / 2_000
    assert covered > 0.925


def test_a_store_that_fails_is_told_without_its_words(made, sides, monkeypatch):
    from dohyo.errors import StoreError

    client = made()

    def fails(*_, **__):
        raise StoreError("secret address 10.0.0.7", hint="…")

    monkeypatch.setattr(client.service.searcher.store, "search", fails)
    monkeypatch.setattr(client.service.searcher.store, "describe", fails)
    said = client.post("/v1/search", json={"vector": sides[1][0].tolist()})
    assert said.status_code == 503
    assert "10.0.0.7" not in said.text
    assert client.get("/v1/ready").status_code == 503
    assert client.get("/v1/health").status_code == 200


def test_a_service_without_a_store_says_so(made, sides):
    client = made(store=False)
    said = client.post("/v1/search", json={"vector": sides[1][0].tolist()})
    assert (said.status_code, said.json()["error"]["code"]) == (501, "no_store")
    assert client.get("/v1/ready").json()["ready"]
    with pytest.raises(Refusal):
        client.service.known("goods")
