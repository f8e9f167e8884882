"""dohyo (土俵): measure, align and verify the modality gap of image-text embeddings.

import dohyo

corpus = dohyo.read("corpus.npz")
profile = dohyo.measure(corpus)
fitted = dohyo.align(corpus)                  # chooses, or says why not to correct
moved = fitted.apply(vectors, "image")
dohyo.run(corpus, "out")                      # the whole report
"""

import importlib as _importlib
import typing as _typing

from dohyo.version import __version__ as __version__

if _typing.TYPE_CHECKING:
    from dohyo.corpus import Corpus
    from dohyo.corrections.map import AlignmentMap, load_map
    from dohyo.corrections.maps.diff import MapDiff, diff
    from dohyo.corrections.maps.extend import extend
    from dohyo.corrections.maps.merge import merge
    from dohyo.corrections.recipe import Recipe
    from dohyo.decision.align import align
    from dohyo.decision.policy import Policy
    from dohyo.decision.policy_file import read_policy
    from dohyo.decision.verdict import Decision
    from dohyo.decision.verify import Verification, verify
    from dohyo.embedding.corrected import CorrectedEncoder
    from dohyo.embedding.embed import embed
    from dohyo.errors import (
        CorpusError,
        DohyoError,
        MapError,
        MissingExtra,
        StoreError,
        UsageError,
    )
    from dohyo.estimate import Estimate
    from dohyo.io.judgements import read_judgements
    from dohyo.io.read import read
    from dohyo.io.write import write
    from dohyo.judgements import Judgements, QuerySet
    from dohyo.measures.profile import Profile, measure
    from dohyo.reports.findings import Findings
    from dohyo.reports.publish import run

_HOMES = {
    "AlignmentMap": "dohyo.corrections.map",
    "Corpus": "dohyo.corpus",
    "CorpusError": "dohyo.errors",
    "CorrectedEncoder": "dohyo.embedding.corrected",
    "Decision": "dohyo.decision.verdict",
    "DohyoError": "dohyo.errors",
    "Estimate": "dohyo.estimate",
    "Findings": "dohyo.reports.findings",
    "Judgements": "dohyo.judgements",
    "MapDiff": "dohyo.corrections.maps.diff",
    "MapError": "dohyo.errors",
    "MissingExtra": "dohyo.errors",
    "Policy": "dohyo.decision.policy",
    "Profile": "dohyo.measures.profile",
    "QuerySet": "dohyo.judgements",
    "Recipe": "dohyo.corrections.recipe",
    "StoreError": "dohyo.errors",
    "UsageError": "dohyo.errors",
    "Verification": "dohyo.decision.verify",
    "align": "dohyo.decision.align",
    "diff": "dohyo.corrections.maps.diff",
    "embed": "dohyo.embedding.embed",
    "extend": "dohyo.corrections.maps.extend",
    "load_map": "dohyo.corrections.map",
    "measure": "dohyo.measures.profile",
    "merge": "dohyo.corrections.maps.merge",
    "read": "dohyo.io.read",
    "read_judgements": "dohyo.io.judgements",
    "read_policy": "dohyo.decision.policy_file",
    "run": "dohyo.reports.publish",
    "verify": "dohyo.decision.verify",
    "write": "dohyo.io.write",
}
"""Where each public name lives: `import dohyo` loads none of them before it is asked for."""

__all__ = [
    "AlignmentMap",
    "Corpus",
    "CorpusError",
    "CorrectedEncoder",
    "Decision",
    "DohyoError",
    "Estimate",
    "Findings",
    "Judgements",
    "MapDiff",
    "MapError",
    "MissingExtra",
    "Policy",
    "Profile",
    "QuerySet",
    "Recipe",
    "StoreError",
    "UsageError",
    "Verification",
    "align",
    "diff",
    "embed",
    "extend",
    "load_map",
    "measure",
    "merge",
    "read",
    "read_judgements",
    "read_policy",
    "run",
    "verify",
    "write",
]


def __getattr__(name: str) -> _typing.Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dohyo' has no attribute {name!r}")
    found = getattr(_importlib.import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
