"""A watch that has warmed up, seen a change and told it, in a ledger of its own."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np

from dohyo.corpus import Corpus
from dohyo.monitor.adjust.adjusted import Adjusted, Told
from dohyo.monitor.adjust.follow_up import FollowUp, follow_up
from dohyo.monitor.adjust.settings import AdjustSettings
from dohyo.monitor.batch import Batch
from dohyo.monitor.watch import Watch
from dohyo.rollout.ledger import Ledger
from dohyo.rollout.proposals import MONITOR, Proposals
from dohyo.rollout.stages import Rollouts, Wanted

FIRST = datetime(2026, 3, 2, tzinfo=UTC)
REPORT = """<!doctype html><html lang="en"><title>proof</title><h1>The proof</h1>
<script>document.querySelector("h1").textContent = "A script of strangers ran"</script></html>"""
HOSTILE = '<script>alert("x")</script>'


def batch(number, *, shift=0.0, n=40, name="camera"):
    rng = np.random.default_rng(number)
    meaning = rng.normal(size=(n, 12))
    image = meaning + 1.5 * (np.arange(12) == 0) + shift * (np.arange(12) == 3)
    text = meaning - 1.5 * (np.arange(12) == 0) + 0.3 * rng.normal(size=(n, 12))
    picture = np.full((n, 8, 8, 3), 60 if shift else 200, np.uint8)
    corpus = Corpus.from_arrays(
        image.astype(np.float32),
        text.astype(np.float32),
        labels=rng.integers(3, size=n),
        class_names=("cup", "shoe", HOSTILE),
        captions=[f"item {number}/{place}" for place in range(n)],
        pictures=picture,
        sources=[name] * n,
    )
    figures = {"cross_share": 0.4 - 0.3 * (shift > 0) + 0.02 * float(rng.normal())}
    at = FIRST + timedelta(days=number)
    return Batch.of(corpus, id=f"{at:%Y-%m-%d}.npz", at=at, figures=figures)


def watched(state, *, quiet=24, drifted=6, after=0, name="batches"):
    """Fill a ledger; return it. The change makes an alarm, whose explanation is written."""
    ledger = Ledger(state / "service.sqlite")
    watch = Watch(
        ledger,
        name,
        {
            "every": 30.0,
            "learn": 5,
            "calibrate": 12,
            "season": "none",
            "extra": ("cross_share",),
            "reservoir": 60,
            "beat_seconds": None,
        },
        channels=["webhook alerts.example"],
    )
    for number in range(quiet + drifted + after):
        shifted = quiet <= number < quiet + drifted + after
        watch.take(
            batch(number, shift=1.6 if shifted else 0.0, name="phone" if shifted else "camera")
        )
    bad = batch(99)
    watch.take(Batch(id="broken.npz", at=bad.at, why="it is no archive"))
    watch.take(batch(3))
    watch.follow_up(follow=followed)
    return ledger


def followed(ledger, number, memory):
    """Explain an alarm, and propose what an adjustment would have, without a minute of work."""
    by = FollowUp(read=lambda id: None, settings=AdjustSettings(policy="notify"))
    follow_up(ledger, number, memory, by)
    there = ledger.rows("SELECT collection FROM rollouts")
    row = ledger.rows("SELECT * FROM alarms WHERE number = ?", number)[0]
    if row["kind"] != "drift" or not there:
        return
    interval = {"value": 0.062, "low": 0.041, "high": 0.085, "n": 240, "seed": 0}
    change = {"mixed_ndcg_at_10": interval, "recall_at_1": interval | {"low": -0.01}}
    folder = f"proposals/alarm-{number}"
    proposal = Proposals(ledger, Rollouts(ledger)).propose(
        there[0]["collection"],
        Wanted(stage="canary", percent=25.0),
        MONITOR,
        "It gains. <b>Really</b>.",
        alarm=number,
        report=folder,
    )
    report = ledger.path.parent / folder / "report.html"
    report.parent.mkdir(parents=True)
    report.write_text(REPORT, encoding="utf-8")
    answer = Adjusted(
        outcome="proposed",
        why=[Told("begins", {"percent": 25.0})],
        proposal=proposal,
        groups=240,
        report=folder,
        contest={
            "groups": 240,
            "mixed_ndcg_at_10_change": interval,
            "change": {"unseen_query": change, "unseen_corpus": change},
        },
    )
    text = json.dumps(answer.to_json())
    with ledger.change():
        ledger.rows("UPDATE alarms SET adjusted = ? WHERE number = ?", text, number)
