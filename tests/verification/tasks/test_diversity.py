"""Whether the first ten say different things."""

from dataclasses import replace

import numpy as np
import pytest

from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.rows import unit_rows
from dohyo.verification.compare import compare
from dohyo.verification.evaluate import Pool, evaluate
from dohyo.verification.scenes import scenes
from dohyo.verification.tasks.diversity import diversity
from dohyo.verification.tasks.first_ten import first_tens
from worlds import paired

CENTER = [Recipe(method="center")] * 4


@pytest.fixture(scope="module")
def corpus():
    plain = paired(np.random.default_rng(0), 100, gap=2.0, noise=0.3)
    return replace(plain, label=np.arange(100) % 5)


def test_counts_and_distances_are_those_of_loops(corpus):
    every = scenes(Pool(corpus), CENTER)
    figures = diversity(every, 0).figures
    for when in ("before", "after"):
        groups, labels, distances = [], [], []
        for scene, ten in zip(every, first_tens(every), strict=True):
            sides = [scene.before.vectors[m] for m in ("image", "text")]
            rows = np.concatenate([unit_rows(side - side.mean(0)) for side in sides])
            for first in getattr(ten, when).mixed:
                groups.append(len(set(ten.group[first])))
                labels.append(len(set(ten.label[first])))
                cosine = rows[first] @ rows[first].T
                distances.append(1 - cosine[np.triu_indices(10, 1)].mean())
        wanted = {"distinct_groups": groups, "distinct_labels": labels, "list_distance": distances}
        for name, values in wanted.items():
            told = getattr(figures[name], when).value
            assert told == pytest.approx(np.mean(values), abs=1e-5), name


def test_where_one_item_answers_it_is_mixed_ndcg(corpus):
    plain = replace(corpus, label=None)
    pool = Pool(plain)
    told = diversity(scenes(pool, CENTER), 0).figures["alpha_ndcg_at_10"]
    before, after = evaluate(pool, [NOTHING, CENTER[0]], "unseen_corpus")
    wanted = compare(before.ranked, after.ranked, "unseen_corpus", gap_left=(0.0, 0.0))
    assert told.before.value == pytest.approx(wanted.before["mixed_ndcg_at_10"].value, abs=1e-12)
    assert told.after.value == pytest.approx(wanted.after["mixed_ndcg_at_10"].value, abs=1e-12)


def test_with_labels_their_items_answer_and_a_list_of_one_kind_earns_less(corpus):
    """By loops: the k-th relevant item of a kind gains half as much as the one before."""
    every = scenes(Pool(corpus), CENTER)
    discount = 1 / np.log2(np.arange(2, 12))
    told = diversity(every, 0).figures["alpha_ndcg_at_10"]
    for when in ("before", "after"):
        earned = []
        for ten in first_tens(every):
            for query, first in enumerate(getattr(ten, when).mixed):
                gains, left = np.zeros(10), [1.0, 1.0]
                for rank, item in enumerate(first):
                    if ten.label[item] == ten.label[query]:
                        gains[rank] = left[ten.kind[item]]
                        left[ten.kind[item]] /= 2
                same = (ten.label == ten.label[query]) & (np.arange(len(ten.kind)) != query)
                best = sorted(
                    (0.5**k for kind in (0, 1) for k in range((same & (ten.kind == kind)).sum())),
                    reverse=True,
                )[:10]
                earned.append(gains @ discount / (best @ discount[: len(best)]))
        assert getattr(told, when).value == pytest.approx(np.mean(earned), abs=1e-12)


def test_a_longer_vector_space_does_not_look_more_diverse(corpus):
    """Both lists are measured by the same ruler: turning it after the fact changes nothing."""
    one = scenes(Pool(corpus), [NOTHING] * 4)[0]
    shrunk = {m: unit_rows(rows + 5.0) for m, rows in one.before.vectors.items()}
    moved = replace(one, after=replace(one.before, vectors=shrunk))
    change = diversity([moved], 0).figures["list_distance"].change
    assert change.value == 0


def test_labels_that_are_not_known_of_all_items_are_not_counted():
    plain = paired(np.random.default_rng(0), 60)
    every = scenes(Pool(plain), [NOTHING] * 4)
    assert list(diversity(every, 0).figures) == [
        "distinct_groups",
        "list_distance",
        "alpha_ndcg_at_10",
    ]
    alone = [replace(each, label={"image": each.group["image"], "text": None}) for each in every]
    assert "distinct_labels" not in diversity(alone, 0).figures
