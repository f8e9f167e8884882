import json

import numpy as np
import pytest
from scipy.stats import norm
from tests.decision.conftest import figure

from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.information import Information, information, lost
from dohyo.decision.policy import Policy
from dohyo.verification.changed import Changed
from dohyo.verification.evaluate import Pool, evaluate
from dohyo.words import Words
from worlds import paired

POLICY = Policy()
CORPUS = paired(np.random.default_rng(0), 100, 16)


def told(kept=(0.7, 0.02), centred=(0.8, 0.0), change=(0.0, 0.001)):
    changed = Changed(before=figure(0.8, 0.01), after=figure(0.8, 0.01), change=figure(*change))
    return Information(
        neighbours={"image": figure(*kept)},
        centred={"image": figure(*centred)},
        classes={"zero_shot_accuracy": changed},
        effective_rank={"image": np.array([[10.0, 12.0], [11.0, 13.0]])},
    )


@pytest.mark.parametrize(
    ("figures", "codes"),
    [
        ({}, []),
        ({"kept": (0.5, 0.02)}, ["neighbours"]),
        ({"kept": (0.55, 0.02)}, ["neighbours_undecided"]),
        ({"kept": (0.55, 0.005)}, []),
        ({"kept": (0.5, 0.005), "centred": (0.7, 0.0)}, []),
        ({"change": (-0.02, 0.01)}, ["labels_undecided"]),
        ({"change": (-0.02, 0.005)}, []),
        ({"change": (-0.04, 0.001)}, ["labels"]),
        ({"kept": (0.1, 0.01), "change": (-0.4, 0.01)}, ["neighbours", "labels"]),
    ],
)
def test_guardrails_of_kept_information(figures, codes):
    found = lost(told(**figures), POLICY)
    assert [reason.code for reason in found] == codes
    for language in ("en", "ja"):
        assert all(reason.say(Words(language)) for reason in found)


def test_what_is_undecided_says_how_many_groups_would_decide():
    (reason,) = lost(told(kept=(0.55, 0.02)), POLICY)
    spare = 0.55 - POLICY.neighbours_kept * 0.8
    shrunk = 0.02 * np.sqrt(100 / reason.values["groups"])
    assert spare - norm.ppf(0.95) * shrunk == pytest.approx(0, abs=1e-3)


def test_the_tolerances_are_the_policys():
    assert lost(told(), Policy(neighbours_kept=0.9))
    assert lost(told(change=(-0.02, 0.001)), Policy(label_margin=0.01))


def test_the_rank_has_the_spread_of_its_folds_and_one_fold_has_none():
    rank = told().to_json()["effective_rank"]["image"]["change"]
    assert rank["value"] == rank["low"] == rank["high"] == 2.0
    one = told()
    one.effective_rank["image"] = np.array([[10.0, 12.0]])
    assert one.to_json()["effective_rank"]["image"]["before"] == {"value": 10.0}


def of(corpus, recipe):
    (outcome,) = evaluate(Pool(corpus), [recipe], "unseen_corpus")
    return information(outcome.kept, seed=0)


def test_nothing_done_passes_and_serialises():
    found = of(CORPUS, NOTHING)
    assert lost(found, POLICY) == ()
    document = json.loads(json.dumps(found.to_json()))
    assert document["neighbours_kept"]["image"]["value"] == 1
    assert document["neighbours_kept"]["image"]["n"] == 100


SETS = ("coco500", "msrvtt100", "flickr8k")


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("method", ["calibrate", "center", "standardize", "whiten", "displacement"])
def test_what_reshapes_a_cloud_passes(name, method, request):
    assert lost(of(request.getfixturevalue(name), Recipe(method=method)), POLICY) == ()


@pytest.mark.parametrize("name", SETS)
def test_what_replaces_a_cloud_fails(name, request):
    """The spectral map keeps the components of the graph and little of either side."""
    codes = {
        r.code for r in lost(of(request.getfixturevalue(name), Recipe(method="spectral")), POLICY)
    }
    assert "neighbours" in codes
