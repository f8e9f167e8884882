"""What people are told of a canary: why, in figures, and nothing of its items."""

import pytest
from tests.monitor.alerts.rows import MONDAY

from dohyo.dashboard.views.alarms import alarm_of
from dohyo.monitor.alerts import message_of
from dohyo.monitor.alerts.message import TOLD
from dohyo.monitor.explain.explain import explain
from dohyo.monitor.explain.say import say
from dohyo.words import Words


class Context:
    def __init__(self, language):
        self.words = Words(language)


def alarm(why="vectors", **changed):
    detail = {
        "expected": "clip-a",
        "found": "clip-b",
        "why": why,
        "image_cosine": 0.8125,
        "text_cosine": 1.0,
        "recall_before": 0.75,
        "recall_after": 0.5,
        "canary": {"encoder": ["clip-a", "clip-b"]},
    }
    row = {"number": 4, "watch": "shop", "at": MONDAY.isoformat(), "kind": "encoder"}
    more = {"state": "open", "explained": None, "adjusted": None}
    return row | more | {"detail": detail | changed}


@pytest.mark.parametrize("why", ["fingerprint", "dimension", "vectors", "recall"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_reason_is_a_sentence_with_the_figures(why, language):
    told = message_of(alarm(why), Words(language))
    assert set(told.body["detail"]) == set(TOLD["canary"])
    for shown in ("0.812", "1.000", "0.750", "0.500", "clip-a", "clip-b"):
        assert shown in told.body["text"]
    assert Words(language)(f"alerts.canary.why.{why}") in told.body["text"]
    assert told.body["kind"] == "encoder"
    lead = alarm_of(Context(language), alarm(why), None)["lead"]
    assert Words(language)(f"alerts.canary.why.{why}") in lead


def test_vectors_of_another_dimension_have_no_cosine():
    told = message_of(alarm("dimension", image_cosine=None, text_cosine=None), Words())
    assert "– (pictures) and – (texts)" in told.body["text"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_it_is_explained_without_a_word_about_batches(language):
    found = explain(alarm(), None, since=())
    (sentence,) = say(found, Words(language))
    assert sentence == Words(language)("explain.kind.canary")
