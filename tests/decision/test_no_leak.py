"""The figures shown are of data that neither choice nor fit nor offsets nor hubs had seen."""

import numpy as np
import pytest

from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision import choose as choosing
from dohyo.decision import decide as module
from dohyo.decision.choose import choose, tried_rungs
from dohyo.decision.decide import decide
from dohyo.decision.policy import Policy
from dohyo.verification.evaluate import Pool, evaluate
from dohyo.verification.protocols import PROTOCOLS
from populations import held_out
from worlds import paired, strangers

USELESS = [
    Recipe(method="center"),
    Recipe(method="whiten", parameters={"shrinkage": 0.05}),
    Recipe(method="standardize"),
    Recipe(method="gaussian_ot"),
]
ANYTHING = Policy(
    level=0.5, recall_margin=1.0, share_departure=1.0, neighbours_kept=0.0, signal_p=1.0
)
CORPORA = 24


def leaky(corpus, ladder, policy, k, seed, progress):
    """Choose for each fold by the fold's own queries: what must never happen."""
    known, outcomes = tried_rungs(corpus, ladder, policy=policy, k=k, seed=seed)
    return [
        choose(
            known,
            {p: [each.only(held) for each in tried] for p, tried in outcomes.items()},
            policy=policy,
            seed=seed,
        ).candidates
        for held in corpus.folds(k, seed)
    ]


def optimism(seed):
    """Return by how much what is shown exceeds the same recipes' figures on fresh data."""
    corpus, fresh = (
        strangers(np.random.default_rng(s), 48, 8, gap=1.0) for s in (seed, 100_000 + seed)
    )
    decision = decide(corpus, ladder=USELESS, policy=ANYTHING, seed=seed)
    again = held_out(fresh, decision.chosen_by_fold, ANYTHING, seed=seed)
    return np.mean(
        [
            decision.protocols[p].change["mixed_ndcg_at_10"].value
            - again.protocols[p].change["mixed_ndcg_at_10"].value
            for p in PROTOCOLS
        ]
    )


@pytest.fixture
def best_alone(monkeypatch):
    """Take the best rung outright: to prefer the first of near equals would hide a leak."""
    monkeypatch.setattr(choosing, "_near", lambda candidate, best: candidate is best)
    monkeypatch.setattr(module, "with_tasks", lambda decision, *_: decision)
    monkeypatch.setattr(module, "partitions", lambda *_, **__: ())


@pytest.mark.usefixtures("best_alone")
def test_choosing_among_useless_rungs_leaks_nothing_and_a_planted_leak_is_seen(monkeypatch):
    honest = np.array([optimism(seed) for seed in range(CORPORA)])
    monkeypatch.setattr(module, "_nested", leaky)
    planted = np.array([optimism(seed) for seed in range(CORPORA)])
    error = honest.std(ddof=1) / np.sqrt(CORPORA)
    assert honest.mean() <= 2.33 * error, f"{honest.mean():+.4f} ± {error:.4f}, 24 corpora"
    more = planted - honest
    error = more.std(ddof=1) / np.sqrt(CORPORA)
    assert more.mean() > 2.33 * error, f"{more.mean():+.4f} ± {error:.4f}, 24 corpora"


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(method="calibrate"),
        Recipe(method="center", parameters={"calibrate": 1.0, "hubs": 0.5}),
        Recipe(method="displacement", parameters={"calibrate": 1.0}),
    ],
    ids=lambda recipe: recipe.label,
)
def test_fit_offsets_and_hub_banks_never_see_the_rows_that_ask(recipe, protocol, monkeypatch):
    """Whatever stands in the rows that are held out, the map of their fold is the same."""
    corpus = paired(np.random.default_rng(0), 60, 8)
    fits = []
    plain = Recipe.fit
    monkeypatch.setattr(
        Recipe, "fit", lambda self, evidence: fits.append((self, evidence)) or plain(self, evidence)
    )
    evaluate(Pool(corpus), [NOTHING, recipe], protocol)
    seen = [evidence for tried, evidence in fits if tried == recipe]
    splits = list(Pool(corpus).splits(protocol, k=4, seed=0))
    assert len(seen) == len(splits)
    for evidence, split in zip(seen, splits, strict=True):
        for side, queries, modality in (
            (evidence.image, split.query_image, "image"),
            (evidence.text, split.query_text, "text"),
        ):
            asking = {row.tobytes() for row in corpus.unit(modality, queries)}
            assert asking.isdisjoint(row.tobytes() for row in side.rows)
