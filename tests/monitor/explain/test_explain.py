"""What an explanation names, and what it leaves unnamed."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import dohyo
from dohyo.corpus import Corpus
from dohyo.monitor.batch import Batch
from dohyo.monitor.explain.explain import explain
from dohyo.monitor.explain.explanation import Explanation
from dohyo.monitor.explain.memory import Memory
from dohyo.monitor.explain.retrieval import Served
from dohyo.monitor.explain.say import say
from dohyo.words import Words

AT = datetime(2026, 3, 2, tzinfo=UTC)
DIM = 12
HOSTILE = "<script>\n\u202e" + "x" * 500


def corpus(seed, *, n=200, shift=0.0, wide=1.0, labels=("cup", "shoe"), source="camera", noise=0.3):
    rng = np.random.default_rng(seed)
    meaning = rng.normal(size=(n, DIM))
    gap = 2.0 * (np.arange(DIM) == 0)
    image = meaning * (1 + (wide - 1) * (np.arange(DIM) == 5)) + gap
    image += shift * (np.arange(DIM) == 3)
    text = meaning - gap + noise * rng.normal(size=(n, DIM))
    return Corpus.from_arrays(
        image,
        text,
        labels=rng.integers(len(labels), size=n),
        class_names=labels,
        captions=[f"{source} {each}" for each in range(n)],
        sources=[source] * n,
        pictures=np.full((n, 100, 130, 3), 7, np.uint8),
    )


def remembered(*after, keep=100, old=None):
    memory = Memory(keep=keep)
    batches = [
        Batch.of(each, id=f"b{n}", at=AT + timedelta(days=n))
        for n, each in enumerate([*(old or [corpus(s) for s in range(4)]), *after])
    ]
    learnt = len(batches) - len(after)
    for n, batch in enumerate(batches):
        memory.take(batch, learning=n < learnt)
    return memory, batches[learnt:]


def explained(*after, detail=None, recent=True, **given):
    memory, batches = remembered(*after, **given)
    alarm = {"kind": "drift", "detail": detail or {}}
    ids = [each.id for each in batches]
    return explain(alarm, memory, since=ids, recent=batches if recent else ())


def test_it_names_the_modality_that_moved_and_the_direction():
    found = explained(corpus(9, shift=1.0), detail={"stream": "image_shift", "share": 0.9})
    first, second = found.moved
    assert (first.modality, first.share, second.share) == ("image", 0.9, 0.0)
    assert first.distance_z > 10
    assert abs(second.distance_z) < 4
    assert {each.modality for each in found.components} == {"image"}
    assert "Pictures carry the alarm: 90 %" in " ".join(say(found, Words()))


def test_the_gap_is_a_direction_of_its_own_and_a_width_is_told():
    rng = np.random.default_rng(0)
    apart = corpus(9)
    further = Corpus.from_arrays(
        apart.image + 0.5 * (np.arange(DIM) == 0), apart.text, apart.text_to_image
    )
    names = {(each.modality, each.name): each for each in explained(further).components}
    assert names["image", "gap"].by > 0
    narrow = Corpus.from_arrays(
        apart.image * np.where(np.arange(DIM) == 0, 1, 0.3),
        apart.text + 0 * rng.normal(size=apart.text.shape),
        apart.text_to_image,
    )
    found = explained(narrow)
    assert any(each.width < 0.7 and each.width_z < -4 for each in found.components)


def test_where_nothing_changed_nothing_stands_out():
    loud, z = 0, []
    for seed in range(40):
        found = explained(corpus(100 + seed), recent=False, keep=0)
        loud += bool(found.components or found.shares)
        z += [each.distance_z for each in found.moved]
    assert loud <= 2
    assert abs(np.mean(z)) < 0.5  # 80 figures that are 0 on average, with deviation 1
    assert max(z) < 6


def test_labels_that_came_went_and_grew_are_named_and_hostile_words_are_cleaned():
    after = corpus(9, labels=("cup", "cup2", HOSTILE), source="night")
    found = explained(after)
    standing = {(each.kind, each.name): each.standing for each in found.shares}
    assert standing["label", "shoe"] == "gone"
    assert standing["label", "cup2"] == "new"
    assert standing["source", "camera"] == "gone"
    assert standing["source", "night"] == "new"
    names = [each.name for each in found.shares]
    assert max(map(len, names)) <= 80
    assert all(each.isprintable() for each in names)
    assert found.compared == 6
    more = explained(corpus(9, n=400, labels=("cup", "cup", "cup", "shoe")))
    assert [(each.name, each.standing) for each in more.shares] == [
        ("cup", "more"),
        ("shoe", "fewer"),
    ]
    for each in more.shares:
        assert each.low <= each.after - each.before <= each.high


def test_examples_lie_along_the_change_with_small_pictures_and_old_ones_beside():
    found = explained(corpus(9, shift=1.5, source="night"))
    new = [each for each in found.examples if each.modality == "image"]
    assert len(new) == 4
    along = [each.new.along for each in new]
    assert along == sorted(along, reverse=True)
    assert along[-1] > 1.5
    assert new[0].new.source == "night"
    assert all(each.old[0].source == "camera" for each in new)
    assert new[0].old[0].cosine >= new[0].old[1].cosine
    assert new[0].new.picture.startswith("data:image/png;base64,")
    assert len(new[0].new.picture) < 64 * 64 * 3 * 2


def test_examples_come_from_what_is_kept_where_batches_are_gone_and_none_where_none_may_be():
    kept = explained(corpus(9, shift=1.5), recent=False)
    assert kept.examples
    none = explained(corpus(9, shift=1.5), keep=0)
    assert not none.examples
    assert "no_reservoir" in none.notes
    assert "must be allowed" in " ".join(say(none, Words()))


def test_retrieval_is_told_beside_the_remembered_pairs():
    worse = explained(corpus(9, noise=3.0))
    figures = {each.name: each for each in worse.figures}
    assert figures["recall_at_1"].change.high < 0
    assert figures["recall_at_1"].before.n == figures["recall_at_1"].after.n == 100
    same = explained(corpus(9))
    assert all(each.change.low < 0 < each.change.high for each in same.figures)
    assert "no_pairs" in explained(corpus(9), keep=0).notes


def test_the_figures_are_those_of_the_map_in_service():
    memory, batches = remembered(corpus(9))
    fitted = dohyo.align(corpus(0), "center", calibrate=1.0)
    served = Served(identity="m", fitted=fitted, strength=1.0)
    alarm = {"kind": "drift", "detail": {}}
    ids = [each.id for each in batches]
    raw, corrected = (
        explain(alarm, memory, since=ids, recent=batches, served=each).figures[1]
        for each in (None, served)
    )
    assert (raw.corrected, corrected.corrected) == (False, True)
    assert corrected.before.value > raw.before.value + 0.1


def test_after_an_earlier_change_the_time_since_that_one_is_what_it_was_before():
    memory, batches = remembered(
        *(corpus(s, shift=1.0) for s in range(20, 24)), corpus(30, shift=1.0)
    )
    alarm = {"kind": "drift", "detail": {}}
    ids = [each.id for each in batches]
    assert explain(alarm, memory, since=ids[4:]).moved[0].distance_z > 10
    found = explain(alarm, memory, since=ids[4:], before=ids[:4])
    assert all(abs(each.distance_z) < 5 for each in found.moved)
    assert found.moved[0].n_before == 800


def test_a_forgotten_time_and_an_alarm_of_the_plumbing_say_so():
    memory, _ = remembered(corpus(9))
    alarm = {"kind": "drift", "detail": {}}
    assert explain(alarm, memory, since=["gone"]).notes == ("forgotten",)
    assert explain(alarm, None, since=["b4"]).notes == ("no_memory",)
    silent = explain({"kind": "silence", "detail": {}}, memory, since=[])
    assert say(silent, Words())[0].startswith("No batch")


def test_one_modality_alone_is_explained():
    memory = Memory()
    for n in range(5):
        batch = Batch.of(corpus(n, shift=n == 4), id=f"b{n}", at=AT)
        object.__setattr__(batch, "text", None)
        object.__setattr__(batch, "text_to_image", None)
        memory.take(batch, learning=n < 4)
    found = explain({"kind": "drift", "detail": {}}, memory, since=["b4"])
    assert [each.modality for each in found.moved] == ["image"]
    assert "gap" not in {each.name for each in found.components}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_it_is_said_in_both_languages_and_survives_json(language):
    found = explained(corpus(9, shift=1.0, labels=("cup", "hat"), source="night"))
    told = say(found, Words(language))
    assert len(told) > 6
    again = Explanation.from_json(json.loads(json.dumps(found.to_json())))
    assert again == found
    assert say(again, Words(language)) == told
