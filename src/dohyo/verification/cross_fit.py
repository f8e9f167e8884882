"""Calibrate a tried correction by the queries of the other folds, without another fit."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from dohyo.corrections.scores.offset import Thresholds, offset_of, thresholds
from dohyo.verification.evaluate import Outcome
from dohyo.verification.lists import Lists
from dohyo.verification.protocols import PROTOCOLS, Protocol
from dohyo.verification.retrieval import merged

Offset = tuple[float, float]


def offset_among(
    outcomes: Mapping[Protocol, Outcome], growing: float, *, without: int | None = None
) -> Offset:
    """Return the offsets of image and text queries that held-out queries call for.

    Parameters
    ----------
    outcomes : of one correction without offsets, by protocol
    growing : weight of *unseen corpus* against *unseen query*
    without : a fold whose queries are not looked at; all folds if left out
    """
    weight = {"unseen_query": 1 - growing, "unseen_corpus": growing}
    found = []
    for modality in (0, 1):
        parts, weights = [], []
        for protocol in PROTOCOLS:
            outcome = outcomes[protocol]
            here = (outcome.lists.modality == modality) & (outcome.fold != without)
            if weight[protocol] and here.any():
                parts.append(_thresholds(outcome.lists.of(here)))
                weights.append(weight[protocol])
        found.append(offset_of(parts, weights))
    return found[0], found[1]


def calibrated(
    outcomes: Mapping[Protocol, Outcome], growing: float
) -> tuple[dict[Protocol, Outcome], Offset]:
    """Return the outcomes as if the correction had been calibrated, and its offsets.

    Each fold's lists are merged with the offset that the queries of the other folds call for; the
    offset returned is that of all folds. The vectors are those of one fit for each fold, so this
    costs no fit.
    """
    result = {}
    for protocol, outcome in outcomes.items():
        offset = np.empty(len(outcome.fold))
        for fold in np.unique(outcome.fold):
            pair = offset_among(outcomes, growing, without=int(fold))
            here = outcome.fold == fold
            offset[here] = np.asarray(pair)[outcome.lists.modality[here]]
        result[protocol] = replace(outcome, ranked=merged(outcome.lists, offset))
    return result, offset_among(outcomes, growing)


def _thresholds(lists: Lists) -> Thresholds:
    return thresholds(lists.cross, lists.same, float(lists.base_rate.mean()))
