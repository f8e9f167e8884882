"""`report.json`: every figure under its name (design, section 7)."""

from typing import Any

import numpy as np

from dohyo.corpus import Corpus
from dohyo.measures.norms import norms
from dohyo.reports.facts import Facts
from dohyo.reports.findings import Findings
from dohyo.words import Words

SCHEMA_VERSION = 1
ALWAYS = ("clustering", "zero_shot", "hubness", "diversity")
"""Keys of the contract; where the corpus lacks what a task needs it is null, never zero."""


def document(findings: Findings, words: Words, facts: Facts) -> dict[str, Any]:
    """Return the contract's JSON document; sentences in it are in the language of `words`."""
    decision = findings.decision
    return {
        "schema_version": SCHEMA_VERSION,
        "dohyo_version": facts.dohyo_version,
        "created": facts.created,
        "seed": findings.seed,
        "seconds": facts.seconds,
        "peak_memory_bytes": facts.peak_memory_bytes,
        "corpus": describe(findings.corpus),
        "measure": {
            "before": findings.before.to_json(),
            "after": findings.after.to_json(),
            "absent": findings.before.absent,
        },
        "verify": dict.fromkeys(ALWAYS)
        | decision.held_out_json()
        | {"stress": None if findings.stress is None else findings.stress.to_json(words)},
        "candidates": [c.to_json(decision.policy, words) for c in decision.candidates],
        "decision": decision.to_json(words),
        "value": None if findings.value is None else findings.value.to_json(),
    }


def describe(corpus: Corpus) -> dict[str, Any]:
    """Return the sizes, fingerprints and raw vector lengths of a corpus."""
    labels = None if corpus.label is None else len(np.unique(corpus.label))
    return {
        "images": len(corpus.image),
        "texts": len(corpus.text),
        "dim": corpus.dim,
        "groups": len(np.unique(corpus.groups("text"))) if corpus.paired else None,
        "labels": labels,
        "encoder": corpus.encoder,
        "fingerprint": corpus.fingerprint(),
        "norms": {side: each.to_json() for side, each in norms(corpus).items()},
    }
