"""One investigation for each way a report can end, on corpora small enough to draw at once."""

from dataclasses import replace

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING
from dohyo.decision.reason import Reason
from dohyo.reports.facts import Facts
from dohyo.reports.findings import Findings, investigate
from worlds import paired, strangers

HOSTILE = '<script>alert("1")</script> & <img src=x onerror=alert(2)>'


@pytest.fixture(scope="session")
def facts() -> Facts:
    return Facts(
        created="2026-01-02T03:04:05+00:00",
        seconds=12.3,
        peak_memory_bytes=400 * 2**20,
        dohyo_version="9.9.9",
        command="dohyo run corpus.npz --out <out>",
    )


@pytest.fixture(scope="session")
def every_ending() -> dict[str, Findings]:
    """Findings by how they end: each verdict, and each way to have less to show."""
    rng = np.random.default_rng(1)
    good = paired(rng, 60, 16, gap=1.0, noise=0.3)
    captioned = replace(
        good,
        caption=tuple(f"{HOSTILE} {row}" for row in range(60)),
        picture=rng.integers(0, 256, (60, 20, 30, 3)).astype(np.uint8),
        encoder="<b>encoder</b>",
    )
    endings = {
        "correct": investigate(captioned),
        "no_signal": investigate(strangers(rng, 60, 16, gap=1.0), stress=False),
        "too_few": investigate(paired(rng, 5, 16), stress=False),
        "unpaired": investigate(
            Corpus.from_arrays(good.image, good.text[:50], paired=False), stress=False
        ),
        "several_texts": investigate(paired(rng, 48, 16, texts_each=3), stress=False),
    }
    endings["harmed"] = refused_after_all(endings["correct"], "do_not_correct", "harm")
    endings["undecided"] = refused_after_all(
        endings["correct"], "insufficient_data", "harm_undecided"
    )
    return endings


def refused_after_all(findings: Findings, verdict: str, code: str) -> Findings:
    """The same findings, had the outer folds not held what the inner ones promised."""
    reason = Reason(
        code,
        {"protocol": "unseen_query", "value": -0.05, "bound": -0.08, "margin": 0.03, "groups": 5e2},
    )
    decision = replace(findings.decision, verdict=verdict, recipe=NOTHING, reasons=(reason,))
    return replace(findings, decision=decision, after=findings.before)
