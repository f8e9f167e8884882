"""A state in which the data has changed and a map is in service."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import SimpleNamespace

import numpy as np

import dohyo
from dohyo.corpus import Corpus
from dohyo.corrections.maps.library import Library
from dohyo.corrections.recipe import Recipe
from dohyo.decision.decide import decide
from dohyo.io.atomic import new_folder
from dohyo.monitor import book
from dohyo.monitor.adjust.proof import OURS, folder_of
from dohyo.monitor.batch import Batch
from dohyo.monitor.explain.memory import Memory
from dohyo.monitor.settings import WatchSettings
from dohyo.rollout.ledger import Ledger
from dohyo.rollout.proposals import Proposals
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import Rollouts, Wanted

BOSS = Caller("boss", "approver")
FIRST = datetime(2026, 3, 2, tzinfo=UTC)
DIM = 16


def pairs(n=60, *, seed=0, moved=0.0, scene="calm"):
    """Pairs that share a meaning, a gap between the kinds; `moved` shifts the images elsewhere."""
    rng = np.random.default_rng(seed)
    meaning = rng.normal(size=(n, DIM))
    gap = 6.0 * (np.arange(DIM) == 0)
    image = meaning + gap + moved * (np.arange(DIM) == 3) + 0.3 * rng.normal(size=(n, DIM))
    text = meaning - gap + 0.3 * rng.normal(size=(n, DIM))
    return Corpus.from_arrays(
        image.astype(np.float32),
        text.astype(np.float32),
        captions=[f"{scene} {each}" for each in range(n)],
        sources=[scene] * n,
        pictures=np.full((n, 8, 8, 3), 200, np.uint8),
    )


class World:
    """Batches before and after a change, an alarm, and a map that was fitted before."""

    def __init__(self, state, *, moved=4.0, kind="drift", n=60, map_=None, keep=60, paired=True):
        self.state = state
        self.ledger = Ledger(state / "service.sqlite")
        self.rollouts = Rollouts(self.ledger)
        self.proposals = Proposals(self.ledger, self.rollouts)
        self.library = Library(state / "maps")
        self.memory = Memory(keep=keep)
        self.batches = {}
        book.begin(self.ledger, "w", WatchSettings(), FIRST)
        self.old, self.new = pairs(n, seed=1), pairs(n, seed=2, moved=moved, scene="night")
        self._put(self.old, 0, "learning")
        self._put(self.new, 3, "encoder" if kind == "encoder" else "watching", paired=paired)
        detail = {"stream": "image_shift", "share": 0.8, "began_batch": "day 3"}
        with self.ledger.change():
            row = book.write_alarm(
                self.ledger, "w", kind, detail, at=FIRST, received=FIRST, batch="day 5"
            )
        self.alarm = row["number"]
        if map_ is not None:
            self.map = self.library.add(map_)
            self.rollouts.change("goods", Wanted(map=self.map), BOSS, "")
            self.rollouts.change("goods", Wanted(stage="on"), BOSS, "")

    def _put(self, corpus, number, outcome, *, paired=True, parts=3):
        for each, rows in enumerate(np.array_split(np.arange(len(corpus.image)), parts)):
            at = FIRST + timedelta(days=number + each)
            batch = Batch.of(corpus.subset(rows), id=f"day {number + each}", at=at)
            if not paired:
                object.__setattr__(batch, "text_to_image", None)
            self.batches[batch.id] = batch
            if outcome != "encoder":
                self.memory.take(batch, learning=outcome == "learning")
            with self.ledger.change():
                book.write_batch(self.ledger, "w", batch, received=at, outcome=outcome)

    def more(self, corpus, number):
        """Let further batches come."""
        self._put(corpus, number, "calibrating")

    @property
    def row(self):
        """The alarm as the ledger holds it."""
        return book.alarms(self.ledger)[0]

    @property
    def rollout(self):
        return self.rollouts.of("goods")


def spoiling():
    """A map that sends images where no text is."""
    fitted = dohyo.align(pairs(200, seed=1), "whiten")
    arrays = {name: np.array(each) for name, each in fitted.arrays.items()}
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(DIM, DIM)))[0]
    arrays["image_matrix"] = (arrays["image_matrix"] @ turn).astype(np.float32)
    return replace(fitted, arrays=arrays)


@lru_cache
def decided(world):
    """Decide once for each change that the tests plant."""
    corpus, pairs_from = world
    ladder = [Recipe(method="center", parameters={"calibrate": 1.0})]
    decision = decide(corpus, ladder=ladder, pairs_from=pairs_from)
    return decision, decision.fit(corpus)


KNOWN = {}


def short_proof(state, alarm, corpus, explanation, *, pairs, **_):
    """Decide among one method and write what a proof writes, in a second instead of twenty."""
    same = KNOWN.setdefault(corpus.fingerprint(), corpus)
    decision, fitted = decided((same, None if corpus.paired else pairs))
    with new_folder(state / folder_of(alarm), overwrite=True, ours=OURS) as draft:
        (draft / "report.html").write_text("short")
        (draft / "report.json").write_text("{}")
        (draft / "explanation.json").write_text(json.dumps(explanation))
        if decision.verdict == "correct":
            fitted.save(draft / "map")
    return SimpleNamespace(decision=decision, fitted=fitted)
