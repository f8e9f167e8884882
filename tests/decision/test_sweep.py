import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.corrections.registry import METHODS
from dohyo.decision.decide import judge
from dohyo.decision.policy import Policy
from dohyo.decision.sweep import STRENGTHS, sweep
from dohyo.errors import UsageError
from dohyo.verification.protocols import PROTOCOLS
from dohyo.words import Words
from worlds import paired

CORPUS = paired(np.random.default_rng(2), 60, 12)


@pytest.fixture(scope="module")
def swept():
    return sweep(CORPUS, Recipe(method="whiten"))


@settings(max_examples=8)
@given(seed=st.integers(0, 99), method=st.sampled_from(sorted(METHODS)))
def test_at_strength_0_gain_and_harm_are_exactly_0(seed, method):
    corpus = paired(np.random.default_rng(seed), 24, 6)
    first = sweep(corpus, Recipe(method=method), seed=seed).points[0]
    assert first.strength == 0
    for protocol in PROTOCOLS:
        scores = first.scores[protocol]
        for figure in (scores.gain, scores.harm):
            assert figure.value == 0
            assert not figure.replicates.any()


def test_strength_0_is_no_correction_and_strength_1_the_whole_one(swept):
    assert [point.strength for point in swept.points] == list(STRENGTHS)
    for end, recipe in ((0, NOTHING), (-1, Recipe(method="whiten"))):
        decision = judge(CORPUS, recipe)
        for protocol in PROTOCOLS:
            scores, change = swept.points[end].scores[protocol], decision.protocols[protocol].change
            assert scores.gain.value == pytest.approx(change["mixed_ndcg_at_10"].value)
            assert scores.harm.value == pytest.approx(change["recall_at_1"].value)


def test_the_gain_grows_from_nothing_to_the_whole(swept):
    gains = [swept.gain(point) for point in swept.points]
    assert gains[0] == 0 < gains[5] <= gains[10]


def test_a_point_that_gains_nothing_does_not_pass(swept):
    assert swept.points[0].why
    assert swept.points[-1] in swept.passing


def test_a_static_collection_weighs_unseen_queries_alone():
    still = sweep(CORPUS, Recipe(method="whiten"), policy=Policy(growing=0.0))
    last = still.points[-1]
    assert still.gain(last) == last.scores["unseen_query"].gain.value
    asked = {r.values.get("protocol") for point in still.points for r in point.why}
    assert "unseen_corpus" not in asked


def test_it_serialises(swept):
    document = json.loads(json.dumps(swept.to_json(Words("ja"))))
    assert [point["strength"] for point in document["points"]] == list(STRENGTHS)
    assert set(document["points"][0]["scores"]) == set(PROTOCOLS)


def test_without_pairs_it_is_judged_by_known_ones_or_refused():
    alone = Corpus.from_arrays(CORPUS.image, CORPUS.text[::-1].copy(), paired=False)
    canary = paired(np.random.default_rng(2), 100, 12).subset(np.arange(60, 100))
    found = sweep(alone, Recipe(method="center"), pairs_from=canary)
    assert found.points[0].scores["unseen_corpus"].gain.groups == 40
    with pytest.raises(UsageError, match=r"^A sweep needs pairs to judge by"):
        sweep(alone, Recipe(method="center"))
