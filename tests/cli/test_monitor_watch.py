"""`dohyo monitor watch`, `status`, `alarms`: a folder watched from the command line."""

import json
import os
import signal
import threading
import time
from datetime import date, timedelta

import numpy as np
import pytest

from dohyo.cli.main import status
from dohyo.rollout.ledger import Ledger


def day(folder, number, *, shift=0.0):
    """Put the batch of a day there."""
    rng = np.random.default_rng(number)
    meaning = rng.normal(size=(20, 6)) / 3
    image = meaning + (1 + shift) * np.eye(6)[0] + rng.normal(size=(20, 6)) / 4
    text = meaning - np.eye(6)[0] + rng.normal(size=(20, 6)) / 4
    file = folder / f"{date(2026, 1, 1) + timedelta(number)}.npz"
    np.savez(file, image=image, text=text)
    os.utime(file, (1_000, 1_000))


@pytest.fixture
def folder(tmp_path):
    """Two weeks, then a jump; one file is broken."""
    found = tmp_path / "batches"
    found.mkdir()
    for number in range(20):
        day(found, number, shift=3.0 * (number >= 14))
    (found / "2026-01-09.npz").write_bytes(b"broken")
    os.utime(found / "2026-01-09.npz", (1_000, 1_000))
    return found


QUICK = ("--once", "--learn", "2", "--calibrate", "5", "--false-alarm-every", "20d")
NOTIFY = ("--policy", "notify")


def test_a_folder_is_watched_once_and_the_same_command_goes_on(folder, dohyo, tmp_path):
    said = dohyo("monitor", "watch", folder, *QUICK, *NOTIFY)
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert "warming up" in lines[1]
    assert "7 more batches" in lines[1]
    assert "2026-01-09.npz: refused, and nothing changed by it" in said.out
    assert "the data is no longer what it was (alarm 1)" in said.out
    assert "Batches taken: 20. Alarms: 1." in said.out
    day(folder, 20, shift=3.0)
    more = json.loads(dohyo("monitor", "watch", folder, "--once", "--json").out)
    assert more["taken"] in ({"calibrating": 1}, {"watching": 1})
    assert more["standing"]["settings"]["policy"] == "notify"
    assert sum(more["standing"]["counts"].values()) == 21
    japanese = dohyo("monitor", "watch", folder, "--once", "--lang", "ja")
    assert "監視を開始しました" in japanese.out
    anew = json.loads(dohyo("monitor", "watch", folder, "--once", "--anew", "--json").out)
    assert anew["standing"]["left"] == 7


def test_status_and_alarms_tell_how_it_stands(folder, dohyo, tmp_path):
    for command in ("status", "alarms"):
        said = dohyo("monitor", command)
        assert (said.code, "There is no state" in said.err) == (2, True)
    dohyo("monitor", "watch", folder, *QUICK, *NOTIFY, "--name", "goods")
    said = json.loads(dohyo("monitor", "status", "--json").out)
    (watch,) = said["watches"]
    assert (watch["name"], watch["alarms"], watch["counts"]["refused"]) == ("goods", 1, 1)
    assert (said["open_proposals"], said["unsent_messages"]) == (0, 0)
    assert said["latest_bad"][0]["id"] == "2026-01-09.npz"
    assert "is truncated or not an .npz file" in dohyo("monitor", "status").out
    assert "監視" in dohyo("monitor", "status", "--lang", "ja").out
    (alarm,) = json.loads(dohyo("monitor", "alarms", "--json").out)["alarms"]
    assert alarm["kind"] == "drift"
    assert alarm["adjusted"]["outcome"] == "notified"
    assert alarm["explained"]["kind"] == "drift"
    assert "Alarm 1, 2026-01-1" in dohyo("monitor", "alarms").out
    assert "アラーム 1" in dohyo("monitor", "alarms", "--lang", "ja").out
    assert dohyo("monitor", "status", "--name", "other").code == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("nowhere",), "is no folder"),
        (("batches", "--poll", "soon"), "no length of time"),
        (("batches", "--batch-every", "0d"), "no length of time"),
        (("batches", "--false-alarm-every", "x"), "no length of time"),
        (("batches", "--figure", "mixing"), "a name is taken"),
        (("batches", "--webhook", "https://a.example"), "needs a secret"),
        (("batches", "--mail-to", "a@b.example"), "needs a server"),
        (("batches", "--name", "a\nb"), "no name of a watch"),
        (("nothing://x",), "no store"),
        (("batches", "--season", "moon"), "moon"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_left(folder, dohyo, wrong, said):
    found = dohyo("monitor", "watch", *wrong, "--once")
    assert found.code == 2
    assert said in found.err
    assert "Traceback" not in found.err
    assert len(found.err.strip().splitlines()) == 1


def test_other_settings_are_refused_where_the_promise_rests_on_them(folder, dohyo):
    dohyo("monitor", "watch", folder, *QUICK, *NOTIFY)
    for option in (("--learn", "3"), ("--batch-every", "2d"), ("--season", "hour")):
        said = dohyo("monitor", "watch", folder, "--once", *option)
        assert said.code == 2
        assert "was begun with" in said.err
        assert "--anew" in said.err
    assert dohyo("monitor", "watch", folder, "--once", "--keep", "30d").code == 0


def test_names_with_markup_in_them_are_shown_as_they_are(folder, dohyo):
    (folder / "[red]2026-02-01[bold].npz").write_bytes(b"broken")
    os.utime(folder / "[red]2026-02-01[bold].npz", (1_000, 1_000))
    assert "[red]2026-02-01[bold].npz" in dohyo("monitor", "watch", folder, *QUICK, *NOTIFY).out
    assert "[red]2026-02-01[bold].npz" in dohyo("monitor", "status").out


def test_a_store_is_watched_on_schedule(dohyo, tmp_path):
    lancedb, pa = pytest.importorskip("lancedb"), pytest.importorskip("pyarrow")
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(80, 6)).astype(np.float32)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), 6)
    kinds = ["image", "text"] * 40
    table = pa.table({"id": list(map(str, range(80))), "vector": vectors, "modality": kinds})
    lancedb.connect(tmp_path / "db").create_table("goods", table)
    first = json.loads(dohyo("monitor", "watch", "lancedb://db", "--once", "--json").out)
    assert first["standing"]["name"] == "goods"
    assert first["taken"] == {"learning": 1}
    second = json.loads(dohyo("monitor", "watch", "lancedb://db", "--once", "--json").out)
    assert second["taken"] == {}  # of this day it is there already
    said = dohyo("monitor", "watch", "lancedb://db", "--once", "--collection", "other")
    assert (said.code, "no collection and no alias other" in said.err) == (2, True)
    assert len(json.loads(dohyo("monitor", "status", "--json").out)["watches"]) == 1


def test_metrics_are_left_in_a_file(folder, dohyo, tmp_path):
    dohyo("monitor", "watch", folder, *QUICK, *NOTIFY, "--metrics-file", tmp_path / "m.prom")
    told = (tmp_path / "m.prom").read_text(encoding="utf-8").splitlines()
    (alarms,) = [each for each in told if each.startswith("dohyo_monitor_alarms_total{")][:1]
    assert "batches" in alarms
    assert "drift" in alarms
    assert float(alarms.split()[-1]) == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_runs_until_told_to_stop_and_takes_what_comes(
    folder, monkeypatch, tmp_path, capsys, number, code
):
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(number)

    def meanwhile():
        time.sleep(0.3)
        day(folder, 20, shift=3.0)
        for _ in range(1_000):
            time.sleep(0.05)
            if count(tmp_path) == 21:
                break
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=meanwhile)
    thread.start()
    given = [str(folder), *QUICK[1:], *NOTIFY, "--poll", "0.1s", "--name", "goods"]
    assert status(["monitor", "watch", *given]) == code
    thread.join()
    said = capsys.readouterr()
    assert "Batches taken: 21" in said.out
    assert ("goes on" in said.err) == (code == 130)
    assert signal.getsignal(number) == before


def count(folder):
    file = folder / "dohyo-state" / "service.sqlite"
    if not file.is_file():
        return 0
    ledger = Ledger(file)
    found = ledger.rows("SELECT count(*) AS n FROM batches")[0]["n"]
    ledger.close()
    return found


def test_without_a_command_it_shows_them(dohyo):
    said = dohyo("monitor")
    assert all(name in said.out + said.err for name in ("replay", "watch", "status", "alarms"))
    assert "Traceback" not in said.err
