"""A fixed set of known pairs, encoded again on schedule: is the encoder still the same?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES, Corpus
from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.stats.bootstrap import bootstrap_mean
from dohyo.verification.lists import Gallery, Queries
from dohyo.verification.retrieval import rank

F64 = NDArray[np.float64]
LEAST_COSINE = 0.999
"""Another machine or float16 stays above 0.9999; another preprocessing does not reach 0.99."""
Why = Literal["same", "fingerprint", "dimension", "vectors", "recall"]
WAYS = {"image": "image_to_text", "text": "text_to_image"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Recall@1 of one way, of the stored vectors and of the fresh ones.

    Attributes
    ----------
    before, after, change : with 95 % intervals; the change is paired by query
    """

    before: Estimate
    after: Estimate
    change: Estimate

    def to_json(self) -> dict[str, Any]:
        """Return the three estimates."""
        return {
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            "change": self.change.to_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryFound:
    """What encoding the canary again has shown.

    Attributes
    ----------
    changed : the encoder is not what it was
    why : the first that applies of "fingerprint" (both are known and differ), "dimension",
        "vectors" (the mean cosine of a modality fell short), "recall" (the 95 % interval of a
        way's change leaves out 0, though the vectors are as good as equal); or "same"
    encoder : fingerprints of then and now, None where unknown
    cosine : mean cosine between an item's stored and its fresh vector, by modality; empty where
        the dimensions differ
    recall : by way, "image_to_text" and "text_to_image"
    """

    changed: bool
    why: Why
    encoder: tuple[str | None, str | None]
    cosine: Mapping[str, float]
    recall: Mapping[str, Recall]

    @property
    def recall_now(self) -> float:
        """Recall@1 of the fresh vectors, the mean of both ways: the figure "canary_recall"."""
        return float(np.mean([each.after.value for each in self.recall.values()]))

    def to_json(self) -> dict[str, Any]:
        """Return every field."""
        return {
            "changed": self.changed,
            "why": self.why,
            "encoder": list(self.encoder),
            "cosine": dict(self.cosine),
            "recall": {way: each.to_json() for way, each in self.recall.items()},
        }


def check_canary(
    stored: Corpus, fresh: Corpus, *, least_cosine: float = LEAST_COSINE, seed: int = 0
) -> CanaryFound:
    """Compare a canary's stored vectors with those that the encoder gives now.

    Parameters
    ----------
    stored : with pairs, as it was encoded when watching began
    fresh : the same items in the same order, encoded now; its own pairs are not read
    least_cosine : mean cosine below which the vectors are no longer the same

    Returns
    -------
    CanaryFound; nothing of it depends on chance but the intervals.

    Raises
    ------
    CorpusError
        If the two do not have the same number of items, or no pairs are known.
    """
    for side in MODALITIES:
        before, now = (len(getattr(corpus, side)) for corpus in (stored, fresh))
        if before != now:
            raise CorpusError(
                f"The canary had {before} {side}s and has {now} now.",
                hint="Encode the same items again, in the same order.",
            )
    same_space = stored.dim == fresh.dim
    cosine: dict[str, float] = {
        side: _cosine(stored, fresh, side) for side in MODALITIES if same_space
    }
    recall = _recalls(stored, fresh, seed)
    encoder = (stored.encoder, fresh.encoder)
    why: Why = "same"
    if None not in encoder and encoder[0] != encoder[1]:
        why = "fingerprint"
    elif not same_space:
        why = "dimension"
    elif not min(cosine.values()) >= least_cosine:
        why = "vectors"
    elif any(not each.change.low <= 0 <= each.change.high for each in recall.values()):
        why = "recall"
    return CanaryFound(
        changed=why != "same", why=why, encoder=encoder, cosine=cosine, recall=recall
    )


def _cosine(stored: Corpus, fresh: Corpus, side: Any) -> float:
    found = np.einsum("ij,ij->i", stored.unit(side), fresh.unit(side), dtype=np.float64)
    return float(found.mean())


def _recalls(stored: Corpus, fresh: Corpus, seed: int) -> dict[str, Recall]:
    group = np.concatenate([stored.groups("image"), stored.groups("text")])
    modality = np.repeat(np.arange(2), [len(stored.image), len(stored.text)])
    hits = [_hits(corpus, group, modality) for corpus in (stored, fresh)]
    found = {}
    for number, side in enumerate(MODALITIES):
        here = (modality == number) & ~np.isnan(hits[0])
        before, after = (bootstrap_mean(each[here], group[here], seed=seed) for each in hits)
        found[WAYS[side]] = Recall(
            before=before.share(), after=after.share(), change=after.less(before).estimate()
        )
    return found


def _hits(corpus: Corpus, group: NDArray[np.int64], modality: NDArray[np.int64]) -> F64:
    """Return for each item whether its nearest of the other kind belongs to it; NaN if none."""
    rows = np.concatenate([corpus.unit("image"), corpus.unit("text")])
    queries = Queries(rows=rows, group=group, modality=modality, itself=np.arange(len(rows)))
    return rank(queries, Gallery(rows=rows, group=group, modality=modality)).recall_at_1
