"""Every item asks its fold."""

import numpy as np
import pytest

from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.verification.evaluate import Pool
from dohyo.verification.scenes import Look, Scene, scenes
from dohyo.verification.tasks import first_ten as module
from dohyo.verification.tasks.first_ten import first_ten, first_tens, sampled
from worlds import paired, sphere


def scene(seed, images, texts, *, dim=6, rough=False):
    rng = np.random.default_rng(seed)
    rows = {"image": sphere(rng, images, dim), "text": sphere(rng, texts, dim)}
    if rough:  # many equal scores
        rows = {name: np.round(each * 2) / 2 for name, each in rows.items()}
    look = Look(vectors=rows, items=rows, queries=rows, prompts=None)
    return Scene(
        fold=0,
        group={"image": np.arange(images), "text": np.arange(texts)},
        label={"image": None, "text": None},
        before=look,
        after=look,
    )


def by_loops(look):
    """The full ranking of each item, its first ten and those of its own kind."""
    queries = np.concatenate([look.queries["image"], look.queries["text"]])
    items = np.concatenate([look.items["image"], look.items["text"]])
    images = len(look.items["image"])
    scores = queries @ items.T
    mixed, own = [], []
    for query in range(len(items)):
        order = sorted(range(len(items)), key=lambda i: (-scores[query, i], i))
        order.remove(query)
        mixed.append(order[:10])
        same = [i for i in order if (i < images) == (query < images)]
        own.append([i - images * (query >= images) for i in same[:10]])
    return np.array(mixed), own[:images], own[images:]


@pytest.mark.parametrize("rough", [False, True])
def test_the_lists_are_those_of_loops(rough, monkeypatch):
    monkeypatch.setattr(module, "QUERIES_PER_BLOCK", 7)
    one = scene(0, 15, 21, rough=rough)
    mixed, image, text = by_loops(one.before)
    found = first_ten(one).before
    np.testing.assert_array_equal(found.mixed, mixed)
    np.testing.assert_array_equal(found.own[0], image)
    np.testing.assert_array_equal(found.own[1], text)


def test_a_correction_with_columns_asks_as_queries_and_is_found_as_items():
    corpus = paired(np.random.default_rng(3), 80)
    one = scenes(Pool(corpus), [Recipe(method="calibrate")] * 4)[0]
    mixed, *_ = by_loops(one.after)
    assert one.after.queries["image"].shape[1] > corpus.dim
    np.testing.assert_array_equal(first_ten(one).after.mixed, mixed)


def test_an_untouched_fold_is_ranked_once():
    pool = Pool(paired(np.random.default_rng(0), 60))
    every = scenes(pool, [NOTHING] * 4)
    tens = first_tens(every)
    assert all(ten.before is ten.after for ten in tens)
    assert [id(ten) for ten in first_tens(every)] == [id(ten) for ten in tens]


@pytest.mark.parametrize(("images", "texts"), [(20, 0), (0, 20), (5, 5)])
def test_a_fold_of_one_kind_or_of_ten_items_has_no_lists(images, texts):
    assert first_ten(scene(0, images, texts)) is None


def test_a_sample_is_of_whole_groups():
    group = np.repeat(np.arange(50), 3)
    here = sampled(group, 20, 0)
    assert here.sum() == 60
    assert len(np.unique(group[here])) == 20
    assert sampled(group, 50, 0).all()
    assert (sampled(group, 20, 1) != here).any()
