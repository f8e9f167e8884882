"""Populations with a known truth about a correction, and what is asked of many corpora of one."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.policy import Policy
from dohyo.decision.proof import Proof, proof_of
from dohyo.verification.evaluate import Pool, evaluate
from dohyo.verification.protocols import FOLDS, PROTOCOLS
from worlds import paired, strangers


def gap_without_pairs(seed: int, groups: int = 60) -> Corpus:
    """Every correction closes the gap; there is nothing behind it."""
    return strangers(np.random.default_rng(seed), groups, 16, gap=1.0)


def pairs_without_gap(seed: int, groups: int = 60) -> Corpus:
    """Pairs that are found already: there is no gap to close."""
    return paired(np.random.default_rng(seed), groups, 16, gap=0.0, noise=0.6)


def loud_when_scaled(seed: int, groups: int = 60, *, quiet_columns: int = 28) -> Corpus:
    """A gap over pairs whose meaning is in eight columns; scaling wakes up the noise beside it.

    `standardize` closes the gap and takes .05 to .07 of cross-modal R@1.
    """
    rng = np.random.default_rng(seed)
    columns = 8 + quiet_columns
    meaning, away = rng.normal(size=(groups, 8)), np.eye(1, columns, columns - 1)[0]
    sides = []
    for sign in (1.0, -1.0):
        quiet = 0.1 * rng.normal(size=(groups, quiet_columns))
        near = meaning + 0.35 * rng.normal(size=meaning.shape)
        sides.append((np.concatenate([near, quiet], axis=1) + sign * away).astype(np.float32))
    return Corpus.from_arrays(*sides)


def gap(seed: int, groups: int = 100, *, gap: float = 0.3, dim: int = 8) -> Corpus:
    """Pairs half in noise, and a gap that hides part of them."""
    return paired(np.random.default_rng(seed), groups, dim, gap=gap, noise=0.8)


five_points = partial(gap, groups=1_000, gap=0.163, dim=16)
"""Centering gains .05 of mixed nDCG@10 under either protocol."""

wide_gap = partial(gap, gap=1.0, dim=16)
"""As encoders have it: hardly a list shows anything of the other kind."""


def held_out(
    corpus: Corpus, by_fold: Recipe | Sequence[Recipe], policy: Policy, *, seed: int
) -> Proof:
    """Return the figures that a verdict rests on, and no others."""
    recipes = [by_fold] * FOLDS if isinstance(by_fold, Recipe) else by_fold
    pool, tried = Pool(corpus), {}
    for protocol in PROTOCOLS:
        before, after = evaluate(
            pool, lambda fold: (NOTHING, recipes[fold]), protocol, k=FOLDS, seed=seed
        )
        tried[protocol] = before, after
    return proof_of(tried, policy, seed=seed)
