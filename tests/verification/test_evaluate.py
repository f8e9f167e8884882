import numpy as np
import pytest

from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.verification.compare import resampled
from dohyo.verification.evaluate import Pool, evaluate
from dohyo.verification.protocols import PROTOCOLS, splits
from dohyo.verification.retrieval import METRICS
from worlds import paired

CENTER = Recipe(method="center")

WHITEN = Recipe(method="whiten", parameters={"shrinkage": 0.7})
GAUSSIAN_OT = Recipe(method="gaussian_ot")
DISPLACEMENT = Recipe(method="displacement")

# Mixed nDCG@10 and mean cross-modal R@1, on unseen queries and on an unseen corpus.
REFERENCE = [
    ("coco500", NOTHING, ((0.000, 0.529), (0.000, 0.699))),
    ("coco500", CENTER, ((0.173, 0.523), (0.369, 0.695))),
    ("coco500", WHITEN, ((0.403, 0.546), (0.568, 0.689))),
    ("coco500", GAUSSIAN_OT, ((0.548, 0.538), (0.656, 0.666))),
    ("coco500", DISPLACEMENT, ((0.695, 0.636), (0.707, 0.705))),
    ("msrvtt100", NOTHING, ((0.000, 0.305), (0.000, 0.520))),
    ("msrvtt100", CENTER, ((0.216, 0.405), (0.471, 0.615))),
    ("msrvtt100", GAUSSIAN_OT, ((0.542, 0.440), (0.438, 0.580))),
    ("msrvtt100", DISPLACEMENT, ((0.568, 0.415), (0.566, 0.575))),
    ("flickr8k", NOTHING, ((0.000, 0.881), (0.000, 0.969))),
    ("flickr8k", CENTER, ((0.430, 0.891), (0.352, 0.960))),
    ("flickr8k", GAUSSIAN_OT, ((0.841, 0.885), (0.425, 0.949))),
    ("flickr8k", DISPLACEMENT, ((0.919, 0.923), (0.490, 0.961))),
]


@pytest.mark.parametrize(
    ("name", "recipe", "wanted"),
    [pytest.param(*row, id=f"{row[0]}-{row[1].method}") for row in REFERENCE],
)
def test_the_figures_are_those_of_the_designs_independent_implementation(
    name, recipe, wanted, request
):
    pool = Pool(request.getfixturevalue(name))
    tolerance = 0.01 if recipe is NOTHING else 0.02
    for protocol, figures in zip(PROTOCOLS, wanted, strict=True):
        (outcome,) = evaluate(pool, [recipe], protocol)
        found = [
            resampled(outcome.ranked, metric, protocol, seed=0).value
            for metric in ("mixed_ndcg_at_10", "recall_at_1")
        ]
        assert found == pytest.approx(figures, abs=tolerance)


CORPUS = paired(np.random.default_rng(0), 40, 8, texts_each=2)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_recipes_tried_together_fare_as_each_alone(protocol):
    together = evaluate(Pool(CORPUS), [NOTHING, CENTER], protocol)
    for outcome, recipe in zip(together, (NOTHING, CENTER), strict=True):
        (alone,) = evaluate(Pool(CORPUS), [recipe], protocol)
        assert alone.gap_left == outcome.gap_left
        for metric in METRICS:
            np.testing.assert_array_equal(
                alone.ranked.metric(metric), outcome.ranked.metric(metric)
            )


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_recipe_may_differ_from_fold_to_fold(protocol):
    by_fold = [NOTHING, CENTER, NOTHING, CENTER]
    (mixed,) = evaluate(Pool(CORPUS), lambda fold: [by_fold[fold]], protocol)
    pure = dict(
        zip(("none", "center"), evaluate(Pool(CORPUS), [NOTHING, CENTER], protocol), strict=True)
    )
    fold_of = np.empty(40, int)
    for fold, held in enumerate(CORPUS.folds()):
        fold_of[held] = fold
    ranked = mixed.ranked
    for fold, recipe in enumerate(by_fold):
        here = fold_of[ranked.group] == fold
        np.testing.assert_array_equal(
            ranked.cross_share[here], pure[recipe.method].ranked.cross_share[here]
        )


def test_a_map_is_taken_as_it_is_and_a_recipe_at_its_strength():
    elsewhere = fit_map("center", Evidence.of(paired(np.random.default_rng(9), 40, 8)))
    as_map, as_recipe, halved = evaluate(
        Pool(CORPUS), [elsewhere, CENTER, Recipe(method="center", strength=0.5)], "unseen_corpus"
    )
    assert as_map.gap_left > 2 * as_recipe.gap_left  # the means of another world are no use here
    assert as_recipe.gap_left < halved.gap_left


def test_the_gap_that_is_left_is_the_distance_of_the_gallerys_means():
    (outcome,) = evaluate(Pool(CORPUS), [NOTHING], "unseen_corpus")
    owner = CORPUS.groups("text")
    by_fold = [
        np.linalg.norm(
            CORPUS.unit("image", held).mean(0) - CORPUS.unit("text", np.isin(owner, held)).mean(0)
        )
        for held in CORPUS.folds()
    ]
    assert outcome.gap_left == pytest.approx(np.mean(by_fold), abs=1e-6)


class Spy:
    """A recipe that remembers what it was fitted on."""

    strength = 1.0

    def __init__(self):
        self.shown = []

    def fit(self, evidence):
        self.shown.append(evidence)
        return CENTER.fit(evidence)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_fit_is_shown_exactly_the_rows_that_its_split_may_see(protocol):
    spy = Spy()
    evaluate(Pool(CORPUS), [spy], protocol)
    for shown, split in zip(spy.shown, splits(CORPUS, protocol), strict=True):
        np.testing.assert_array_equal(shown.image.rows, CORPUS.unit("image", split.fit_image))
        np.testing.assert_array_equal(shown.text.rows, CORPUS.unit("text", split.fit_text))
