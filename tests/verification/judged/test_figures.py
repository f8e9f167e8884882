"""Figures of judged rankings agree with ranx, and with what they say they are."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.verification.judged.figures import NDCG, RECALL, RECIPROCAL, UNJUDGED_SHARE, figures
from dohyo.verification.judged.relevance import Relevance
from dohyo.verification.lists import DEPTH

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from ranx import Qrels, Run, evaluate

ITEMS = 40


def drawn(seed: int, queries: int = 30, most: int = 25) -> tuple[np.ndarray, Relevance]:
    """Return rankings and graded judgements, some queries with more than ten answers."""
    rng = np.random.default_rng(seed)
    ranking = np.stack([rng.permutation(ITEMS)[:DEPTH] for _ in range(queries)])
    asked, item, grade = [], [], []
    for query in range(queries):
        judged = rng.permutation(ITEMS)[: rng.integers(1, most)]
        grades = rng.integers(0, 4, len(judged))
        grades[0] = max(1, grades[0])
        asked += [query] * len(judged)
        item += judged.tolist()
        grade += grades.tolist()
    return ranking, Relevance.of(
        np.array(asked), np.array(item), np.array(grade), queries=queries, items=ITEMS
    )


@pytest.mark.parametrize("seed", range(5))
def test_graded_figures_agree_with_ranx(seed):
    """Grades repeat, so every ideal list is full of ties."""
    ranking, relevance = drawn(seed)
    ours = figures(ranking, relevance)
    qrels: dict[str, dict[str, int]] = {}
    for query, item, grade in zip(relevance.asked, relevance.item, relevance.grade, strict=True):
        qrels.setdefault(str(query), {})[str(item)] = int(grade)
    run = {
        str(query): {str(item): float(DEPTH - rank) for rank, item in enumerate(items)}
        for query, items in enumerate(ranking)
    }
    metrics = {NDCG: "ndcg@10", RECALL: "recall@10", RECIPROCAL: "mrr@10"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = evaluate(Qrels(qrels), Run(run), list(metrics.values()), return_mean=False)
    order = np.argsort([int(query) for query in sorted(qrels)])
    for name, metric in metrics.items():
        np.testing.assert_allclose(ours[name], np.asarray(theirs[metric])[order], atol=1e-9)


def test_what_nobody_judged_answers_nothing_and_is_counted():
    relevance = Relevance.of(
        np.array([0, 0]), np.array([3, 7]), np.array([2, 0]), queries=1, items=ITEMS
    )
    ranking = np.full((1, DEPTH), -1)
    ranking[0, :4] = [7, 5, 3, 6]
    found = figures(ranking, relevance)
    assert found[UNJUDGED_SHARE] == pytest.approx(0.5)
    assert found[RECIPROCAL] == pytest.approx(1 / 3)
    assert found[NDCG] == pytest.approx(1 / np.log2(4))


@given(seed=st.integers(0, 10_000))
def test_the_ideal_order_scores_one_and_no_order_scores_more(seed):
    ranking, relevance = drawn(seed, queries=4)
    assert (figures(ranking, relevance)[NDCG] <= 1 + 1e-12).all()
    best = np.full_like(ranking, -1)
    for query in range(len(ranking)):
        own = np.flatnonzero(relevance.asked == query)
        order = own[np.argsort(-relevance.grade[own], kind="stable")][:DEPTH]
        best[query, : len(order)] = relevance.item[order]
    np.testing.assert_allclose(figures(best, relevance)[NDCG], 1.0)


def test_a_query_that_nothing_answers_has_no_figure():
    relevance = Relevance.of(np.array([0]), np.array([1]), np.array([0]), queries=1, items=4)
    found = figures(np.zeros((1, DEPTH), np.int64), relevance)
    assert np.isnan([found[name][0] for name in (NDCG, RECALL, RECIPROCAL)]).all()
