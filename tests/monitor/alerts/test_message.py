"""What is told of an alarm: plain words, and nothing that should stay at home."""

import json
from email.policy import SMTP

import pytest
from tests.monitor.alerts.rows import DETAILS, alarm

from dohyo.monitor.alerts import Mail, message_of, message_of_proposal, message_of_recovery
from dohyo.words import LANGUAGES, Words

PROPOSAL = {
    "number": 7,
    "alarm": 3,
    "collection": "goods",
    "by": "monitor",
    "at": "2026-11-30T09:00:00+00:00",
    "wanted": {"strength": 0.5, "stage": "on"},
}


def test_a_drift_is_told_in_plain_words():
    told = message_of(alarm(3), Words())
    assert told.key == "alarm-3"
    assert told.subject == "[dohyo] shop: the data has changed (size of the gap)"
    text = told.body["text"]
    assert "size of the gap, with 41 % of the evidence" in text
    assert "about 4 batches ago, with d4.npz; between d6.npz and d2.npz" in text
    assert "dohyo monitor proposals" in text


def test_the_body_is_for_programs():
    body = message_of(alarm(3), Words()).body
    assert set(body) == {
        *("schema_version", "event", "language", "watch", "alarm", "kind", "at", "detail"),
        *("subject", "text"),
    }
    assert (body["schema_version"], body["event"], body["alarm"]) == (1, "alarm", 3)
    assert body["at"] == "2026-11-30T09:00:00+00:00"
    assert body["detail"]["began"] == 4
    assert json.loads(json.dumps(body)) == body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", DETAILS)
def test_every_kind_of_alarm_can_be_told_and_be_over(kind, language):
    words = Words(language)
    for told in (message_of(alarm(3, kind), words), message_of_recovery(alarm(3, kind), words)):
        assert "shop" in told.subject
        assert not {"{", "?"} & set(told.subject + told.body["text"])
    assert message_of(alarm(3, kind), words).body["event"] == (
        "silence" if kind == "silence" else "alarm"
    )
    assert message_of_recovery(alarm(3, kind), words).body["event"] == "recovered"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(200_000, "2.3 days"), (100_000, "27.8 hours"), (150, "2.5 minutes")]
)
def test_a_silence_is_told_in_a_unit_that_people_use(seconds, shown):
    text = message_of(alarm(3, "silence", seconds=seconds), Words()).body["text"]
    assert f"every 24 hours; {shown} have passed" in text
    assert "since 2026-11-27 09:00 UTC" in text


def test_a_proposal_says_what_it_would_change():
    told = message_of_proposal(PROPOSAL, Words(), watch="shop")
    assert (told.key, told.body["event"], told.body["alarm"]) == ("proposal-7", "proposal", 3)
    assert "strength 0.5, stage on" in told.body["text"]
    kept_as = PROPOSAL | {"wanted": json.dumps(PROPOSAL["wanted"])}
    assert message_of_proposal(kept_as, Words(), watch="shop") == told


def test_only_what_is_listed_leaves_the_machine():
    secret = "a caption nobody else may read"
    more = {"examples": [secret], "vectors": [[0.1] * 512], "why": secret, "blamed": [[secret, 1]]}
    for kind in DETAILS:
        assert secret not in str(message_of(alarm(3, kind, **more), Words()))
    wanted = {"strength": 0.5, "note": secret}
    assert secret not in str(message_of_proposal(PROPOSAL | {"wanted": wanted}, Words()))


def test_what_cannot_be_known_is_left_open():
    row = alarm(3, began_batch=None, share=float("inf"), stream="hubness_of_tomorrow_2")
    told = message_of(row, Words())
    assert "with 4 batches ago" in told.body["text"]
    assert "hubness_of_tomorrow_2" in told.subject
    json.dumps(told.body, allow_nan=False)


@pytest.mark.parametrize(
    "words",
    [
        'x"}\r\nBcc: everybody@example.com\r\n\r\nHello',
        "{number} {0} %s \\ </script><b>",
        "a\u202eb\x00c\ud800",
        "長" * 5000,
    ],
)
def test_hostile_words_break_neither_json_nor_headers(words):
    told = message_of(alarm(3, watch=words, stream=words, began_batch=words), Words())
    parsed = json.loads(json.dumps(told.body, allow_nan=False).encode())
    assert parsed == told.body
    assert not set("\r\n\x00\u202e") & set(told.subject)
    letter = Mail("a@example.com", sender="b@example.com", host="localhost", port=25)._letter(told)
    raw = letter.as_bytes(policy=SMTP)
    head = raw.split(b"\r\n\r\n")[0]
    assert b"\nBcc:" not in head
    assert {name.lower() for name, _ in letter.items()} == {
        *("subject", "from", "to", "date", "message-id", "auto-submitted", "dohyo-delivery"),
        *("content-type", "content-transfer-encoding", "mime-version"),
    }
