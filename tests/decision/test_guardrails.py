import json

import numpy as np
import pytest
from scipy.stats import norm

from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.decision.guardrails import failures, score
from dohyo.decision.policy import Policy
from dohyo.verification.evaluate import Pool, evaluate
from dohyo.verification.protocols import PROTOCOLS

POLICY = Policy()


def failed(one, other, policy=POLICY):
    return [
        (reason.values["protocol"], reason.code)
        for reason in failures(dict(zip(PROTOCOLS, (one, other), strict=True)), policy)
    ]


def test_figures_that_touch_nothing_pass(scored):
    assert failed(scored(), scored()) == []


CASES = {
    "a gain that may be chance": ({"gain": (0.02, 0.02)}, ["gain_undecided"]),
    "a gain just shown": ({"gain": (0.02, 0.012)}, []),
    "no gain": ({"gain": (0.0, 0.02)}, ["no_gain"]),
    "a loss where a gain should be": ({"gain": (-0.1, 0.02)}, ["no_gain"]),
    "a loss of recall not excluded": ({"harm": (-0.02, 0.01)}, ["harm_undecided"]),
    "a loss of recall just excluded": ({"harm": (-0.02, 0.006)}, []),
    "a loss of recall": ({"harm": (-0.03, 0.001)}, ["harm"]),
    "a gain of recall too unsure": ({"harm": (0.02, 0.04)}, ["harm_undecided"]),
    "too few of the other kind, and fewer than before": (
        {"departure": (-0.16, 0.14), "departure_before": (-0.15, -0.5)},
        ["share_low"],
    ),
    "too few of the other kind, but more than before": ({"departure": (-0.16, 0.14)}, []),
    "too many of the other kind": ({"departure": (-0.14, 0.16)}, ["share_high"]),
    "too many of the other kind, as before": (
        {"departure": (0.0, 0.16), "departure_before": (0.0, 0.2)},
        ["share_high"],
    ),
    "everything at once": (
        {
            "gain": (-0.1, 0.01),
            "harm": (-0.1, 0.01),
            "departure": (-0.2, 0.2),
            "departure_before": (0.0, 0.0),
        },
        ["no_gain", "harm", "share_low", "share_high"],
    ),
}


@pytest.mark.parametrize(("change", "codes"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("place", [0, 1], ids=PROTOCOLS)
def test_under_either_protocol(change, codes, place, scored):
    both = [scored(), scored()]
    both[place] = scored(**change)
    assert failed(*both) == [(PROTOCOLS[place], code) for code in codes]


def test_the_tolerances_are_the_policys(scored):
    scores = scored(gain=(0.02, 0.01), harm=(-0.02, 0.004), departure=(0.1, 0.0))
    assert failed(scores, scores) == []
    for tighter, code in [
        (Policy(level=0.999), "gain_undecided"),
        (Policy(recall_margin=0.02), "harm"),
        (Policy(share_departure=0.05), "share_high"),
    ]:
        assert code in {code for _, code in failed(scores, scores, tighter)}


@pytest.mark.parametrize(("growing", "place"), [(0.0, 1), (1.0, 0)])
def test_a_protocol_that_nobody_searches_by_forbids_nothing(growing, place, scored):
    both = [scored(), scored()]
    both[place] = scored(**CASES["everything at once"][0])
    assert failed(*both, Policy(growing=growing)) == []
    assert failed(*both[::-1], Policy(growing=growing)) != []
    assert failed(*both, Policy(growing=abs(growing - 0.01))) != []


@pytest.mark.parametrize(
    ("change", "limit"), [({"gain": (0.02, 0.02)}, 0.0), ({"harm": (-0.02, 0.01)}, -0.03)]
)
def test_what_is_undecided_says_how_many_groups_would_decide(change, limit, scored):
    """With that many the bound would stand exactly at the limit."""
    (reason,) = failures({"unseen_query": scored(**change), "unseen_corpus": scored()}, POLICY)
    (value, error), groups = next(iter(change.values())), reason.values["groups"]
    assert groups > 100
    shrunk = error * np.sqrt(100 / groups)
    assert value - norm.ppf(0.95) * shrunk == pytest.approx(limit, abs=1e-3)


CHECK = [
    (Recipe(method="center"), (-0.006, -0.026), (-0.004, -0.022), set()),
    (Recipe(method="gaussian_ot"), (0.009, -0.013), (-0.033, -0.055), {"harm"}),
    (Recipe(method="displacement"), (0.107, 0.085), (0.006, -0.015), set()),
    (
        Recipe(method="displacement", parameters={"share": 0.2}),
        (0.098, 0.076),
        (0.022, 0.003),
        set(),
    ),
]


def test_the_change_of_recall_on_coco_and_its_bound_are_the_designs(coco500):
    recipes = [recipe for recipe, *_ in CHECK]
    scores = [{} for _ in CHECK]
    for protocol in PROTOCOLS:
        before, *after = evaluate(Pool(coco500), [NOTHING, *recipes], protocol)
        for figures, outcome in zip(scores, after, strict=True):
            figures[protocol] = score(before, outcome, protocol, seed=0)
    for figures, (_, *wanted, harms) in zip(scores, CHECK, strict=True):
        for protocol, (value, bound) in zip(PROTOCOLS, wanted, strict=True):
            harm = figures[protocol].harm
            assert (harm.value, harm.lower_bound()) == pytest.approx((value, bound), abs=0.005)
        codes = {reason.code for reason in failures(figures, POLICY)}
        assert codes & {"harm", "harm_undecided"} == harms


def test_scores_serialise_with_the_bounds_that_decide(scored):
    scores = scored(gain=(0.02, 0.01))
    document = json.loads(json.dumps(scores.to_json(POLICY)))
    assert document["mixed_ndcg_at_10_change_lower_bound"] == scores.gain.lower_bound(0.95)
    assert document["recall_at_1_change_lower_bound"] == scores.harm.lower_bound(0.95)
    assert document["cross_share_departure"] == {"image": 0.0, "text": 0.0}
