"""`dohyo monitor watch --canary`: from the command line to a sentence in two languages."""

import json
import os
import shutil

import numpy as np
import pytest
from tests.monitor.canaries.drawn import fill

UNTRAINED = ("--canary-encoder", "shapes-world-untrained")


@pytest.fixture
def folder(tmp_path):
    """Two batches, and pairs beside them."""
    found = tmp_path / "batches"
    found.mkdir()
    rng = np.random.default_rng(0)
    for number in (1, 2):
        file = found / f"2026-01-0{number}.npz"
        np.savez(file, image=rng.normal(size=(20, 6)), text=rng.normal(size=(20, 6)))
        os.utime(file, (1_000, 1_000))
    fill(tmp_path / "pairs")
    return found


def test_another_encoder_is_told_in_plain_words_once(folder, dohyo):
    command = ("monitor", "watch", folder, "--once", "--canary", "pairs")
    first = dohyo(*command)
    assert first.code == 0, first.err
    assert "The canary pairs is stored: 16 texts" in first.out
    assert "encoded again" not in dohyo(*command, "--canary-every", "2d").out
    changed = dohyo(*command, *UNTRAINED)
    assert "The canary was encoded again: the encoder has changed." in changed.out
    assert "the encoder is no longer what it was (alarm 1)" in changed.out
    assert "Its fingerprint is another one." in changed.out
    told = json.loads(dohyo("monitor", "alarms", "--json").out)["alarms"][0]
    assert told["adjusted"]["outcome"] == "encoder"  # nobody waits for the next run
    again = dohyo(*command, *UNTRAINED)
    assert "alarm 1" not in again.out
    listed = dohyo("monitor", "alarms")
    assert "the canary, which is encoded again on schedule, shows it" in listed.out
    japanese = dohyo("monitor", "alarms", "--lang", "ja").out
    assert "カナリアを再度エンコードした結果" in japanese.replace("\n", "")
    told = json.loads(dohyo("monitor", "status", "--json").out)["canaries"]["batches"]
    assert (told["encoder"], told["result"]["why"]) == (UNTRAINED[1], "fingerprint")
    assert "its canary was last encoded" in dohyo("monitor", "status").out
    anew = dohyo(*command, *UNTRAINED, "--anew")
    assert "is stored" in anew.out


def test_its_recall_is_watched_where_the_watch_was_begun_with_it(folder, dohyo):
    command = ("monitor", "watch", folder, "--once", "--json")
    begun = json.loads(dohyo(*command, "--canary", "pairs", "--figure", "volume").out)
    assert begun["standing"]["settings"]["extra"] == ["volume", "canary_recall"]
    for more in ((), ("--figure", "volume"), ("--canary", "pairs")):
        assert dohyo(*command, *more).code == 0
    other = dohyo(*command, "--name", "other")
    assert json.loads(other.out)["standing"]["settings"]["extra"] == []
    late = dohyo(*command, "--name", "other", "--canary", "pairs")
    assert json.loads(late.out)["standing"]["settings"]["extra"] == []
    assert dohyo(*command, "--name", "other", "--figure", "volume").code == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--canary", "nowhere"), "There is no nowhere"),
        (("--canary", "batches"), "holds no picture"),
        (("--canary", "pairs", "--canary-every", "often"), "no length of time"),
        (("--canary", "pairs", "--canary-encoder", "moon"), "no built-in encoder"),
        (("--canary-encoder", "shapes-world"), "no canary to encode"),
        (("--canary", "broken"), "05.png"),
    ],
)
def test_a_wrong_canary_is_said_in_one_line_and_no_watch_is_begun(
    folder, dohyo, tmp_path, wrong, said
):
    if "broken" in wrong:
        fill(tmp_path / "broken")
        (tmp_path / "broken" / "05.png").write_bytes(b"")
    found = dohyo("monitor", "watch", folder, "--once", *wrong)
    assert (found.code, said in found.err) == (2, True), found.err
    assert len(found.err.strip().splitlines()) == 1
    assert json.loads(dohyo("monitor", "status", "--json").out)["watches"] == []


def test_a_changed_canary_stops_the_watch_at_its_start(folder, dohyo, tmp_path):
    command = ("monitor", "watch", folder, "--once", "--canary", "pairs")
    dohyo(*command)
    shutil.copy(tmp_path / "pairs" / "01.png", tmp_path / "pairs" / "00.png")
    found = dohyo(*command)
    assert (found.code, len(found.err.strip().splitlines())) == (2, 1)
    assert "is not what was stored at the beginning" in found.err
    assert dohyo(*command, "--anew").code == 0
