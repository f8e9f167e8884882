"""dohyo (土俵): measure, align and verify the modality gap of image-text embeddings.

import dohyo

corpus = dohyo.read("corpus.npz")
profile = dohyo.measure(corpus)
fitted = dohyo.align(corpus)                  # chooses, or says why not to correct
moved = fitted.apply(vectors, "image")
dohyo.run(corpus, "out")                      # the whole report
"""

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
from dohyo.version import __version__ as __version__

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
