"""The verdict holds or breaks under each fault, and the shortened judgement is the honest one."""

from dataclasses import replace

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.recipe import LADDER, NOTHING, Recipe
from dohyo.decision import decide as deciding
from dohyo.decision import stress as module
from dohyo.decision.choose import try_ladder
from dohyo.decision.decide import decide, judge
from dohyo.decision.policy import Policy
from dohyo.decision.stress import stress, stress_of
from dohyo.verification.protocols import PROTOCOLS
from dohyo.verification.stress.registry import CONDITIONS, Condition, spoiled
from dohyo.words import Words
from worlds import paired, shuffled, strangers

RNG = np.random.default_rng
GAPPED = paired(RNG(2), 100, 16, noise=0.3)
CENTER = Recipe(method="center")


@pytest.fixture(scope="module")
def stressed():
    return stress(GAPPED, CENTER)


def test_every_level_of_every_condition_is_tried(stressed):
    tried = [(trial.condition, trial.level) for trial in stressed.trials]
    assert tried == [(name, level) for name, each in CONDITIONS.items() for level in each.levels]
    assert stressed.unstressed.condition is None
    assert list(stressed.breaks_at) == list(CONDITIONS)
    assert not stressed.sampled


def test_without_a_fault_it_is_the_judgement_of_the_correction_itself(stressed):
    decision = judge(GAPPED, CENTER)
    assert stressed.unstressed.verdict == decision.verdict == "correct"
    for protocol in PROTOCOLS:
        change = decision.protocols[protocol].change
        assert stressed.unstressed.gain[protocol].value == change["mixed_ndcg_at_10"].value
        assert stressed.unstressed.harm[protocol].value == change["recall_at_1"].value


def test_a_calibrated_correction_is_judged_as_the_choice_judged_it():
    recipe = LADDER[2]
    assert recipe.calibrates
    found = stress(GAPPED, recipe).unstressed
    (candidate,) = try_ladder(GAPPED, [recipe], policy=Policy()).candidates
    for protocol in PROTOCOLS:
        assert found.gain[protocol].value == candidate.scores[protocol].gain.value
        assert found.harm[protocol].value == candidate.scores[protocol].harm.value


def test_wrong_pairs_take_from_the_gain_what_they_take_from_the_yardstick(stressed):
    gains = [t.gain["unseen_query"].value for t in stressed.trials if t.condition == "wrong_pairs"]
    assert gains == sorted(gains, reverse=True)
    whole = stressed.unstressed.gain["unseen_query"].value
    assert gains[-1] == pytest.approx(0.6 * whole, abs=0.1)
    halved = stressed.unstressed.gain["unseen_query"]
    assert halved.low < halved.value < halved.high


def test_float16_storage_changes_nothing_that_can_be_seen(stressed):
    half = stressed.trials[-1]
    assert half.condition == "float16_storage"
    for protocol in PROTOCOLS:
        assert half.gain[protocol].value == pytest.approx(
            stressed.unstressed.gain[protocol].value, abs=0.01
        )


def deafening(corpus, level, rng):
    """Above a half of it, noise."""
    share = RNG(0).random(len(corpus.image)) < level
    image = np.where(share[:, None], rng.normal(size=corpus.image.shape), corpus.image)
    return replace(corpus, image=image.astype(np.float32))


def test_the_first_level_that_breaks_is_named(monkeypatch):
    conditions = {
        "noise": Condition(deafening, (0.0, 0.05, 1.0)),
        "none": Condition(deafening, (0.0,)),
    }
    monkeypatch.setattr(module, "CONDITIONS", conditions)
    monkeypatch.setattr("dohyo.verification.stress.registry.CONDITIONS", conditions)
    found = stress(GAPPED, CENTER)
    assert found.breaks_at == {"noise": 1.0, "none": None}
    lost = found.trials[2]
    assert (lost.verdict, lost.draws, lost.failed) == ("do_not_correct", 3, 3)
    assert lost.reasons[0].code == "no_signal"
    assert found.trials[0].draws == 1


def test_a_verdict_lost_in_one_draw_of_three_wavers_but_does_not_break(monkeypatch):
    def unlucky(corpus, level, rng):
        return deafening(corpus, 1.0 if rng.random() == first else 0.0, rng)

    conditions = {"luck": Condition(unlucky, (0.5,))}
    monkeypatch.setattr(module, "CONDITIONS", conditions)
    monkeypatch.setattr("dohyo.verification.stress.registry.CONDITIONS", conditions)
    first = RNG([0, 0, 0]).random()
    found = stress(GAPPED, CENTER)
    (trial,) = found.trials
    assert (trial.verdict, trial.draws, trial.failed) == ("do_not_correct", 3, 1)
    assert found.breaks_at == {"luck": None}


def test_too_few_groups_are_an_answer_without_figures():
    few = paired(RNG(1), 50, 8, noise=0.3)
    thin = next(t for t in stress(few, CENTER).trials if t.condition == "class_imbalance")
    assert thin.groups < 40
    assert (thin.verdict, thin.reasons[0].code) == ("insufficient_data", "too_few_groups")
    assert thin.gain == thin.harm == {}


def test_a_large_corpus_is_sampled(monkeypatch):
    monkeypatch.setattr(module, "MOST_GROUPS", 60)
    found = stress(GAPPED, CENTER)
    assert found.sampled
    assert found.unstressed.groups == 60
    assert len(PROTOCOLS) == len(found.unstressed.gain)


def test_a_fitted_map_is_taken_as_it_is():
    fitted = CENTER.fit(Evidence.of(paired(RNG(9), 100, 16)))
    found = stress(GAPPED, fitted)
    direct = judge(GAPPED, fitted).protocols["unseen_corpus"].change["mixed_ndcg_at_10"]
    assert found.unstressed.gain["unseen_corpus"].value == direct.value


def test_the_policy_of_the_verdict_is_the_policy_of_the_stress():
    strict = replace(Policy(), share_departure=0.0)
    assert stress(GAPPED, CENTER, policy=strict).unstressed.verdict == "do_not_correct"


def test_the_document_says_where_it_breaks(stressed):
    told = stressed.to_json(Words())
    assert set(told["conditions"]) == set(CONDITIONS)
    wrong = told["conditions"]["wrong_pairs"]
    assert [trial["level"] for trial in wrong["trials"]] == [0.05, 0.1, 0.2, 0.4]
    assert wrong["breaks_at"] == stressed.breaks_at["wrong_pairs"]
    figure = wrong["trials"][0]["recall_at_1_change"]["unseen_corpus"]
    assert {"value", "low", "high", "n", "seed"} <= set(figure)


def test_only_a_verdict_to_correct_by_own_pairs_is_stressed():
    refused = judge(strangers(RNG(0), 60, 8), CENTER)
    assert stress_of(strangers(RNG(0), 60, 8), refused) is None
    world = paired(RNG(0), 160, 12, noise=0.2)
    corpus = Corpus.from_arrays(world.image[:100], world.text[:100], paired=False)
    canary = Corpus.from_arrays(world.image[100:], world.text[100:])
    by_canary = decide(corpus, ladder=[CENTER], pairs_from=canary)
    assert by_canary.verdict == "correct"
    assert stress_of(corpus, by_canary) is None


def test_progress_is_told_to_the_end():
    told = []
    stress(paired(RNG(1), 50, 8), CENTER, progress=lambda *step: told.append(step))
    assert [step[0] for step in told] == list(range(len(told)))
    assert told[-1][0] == told[-1][1]


@pytest.fixture
def without_tasks(monkeypatch):
    monkeypatch.setattr(deciding, "with_tasks", lambda decision, *rest: decision)


def test_clip_on_coco_with_every_pair_shuffled_is_left_alone(coco500, without_tasks):
    decision = decide(shuffled(RNG(0), coco500))
    assert (decision.verdict, decision.recipe) == ("do_not_correct", NOTHING)


def test_clip_on_coco_with_three_pairs_in_ten_wrong_still_gains(coco500, without_tasks):
    """Right about the sign under both protocols, though the yardstick itself is spoiled."""
    spoilt = spoiled(coco500, "wrong_pairs", 0.3, seed=0)
    assert (spoilt.text_to_image != np.arange(500)).mean() == pytest.approx(0.3)
    decision = decide(spoilt, ladder=[LADDER[0], LADDER[-1]])
    assert decision.verdict != "do_not_correct"
    clean = judge(coco500, LADDER[-1])
    for protocol in PROTOCOLS:
        gain = decision.protocols[protocol].change["mixed_ndcg_at_10"]
        assert gain.low > 0
        assert gain.high < clean.protocols[protocol].change["mixed_ndcg_at_10"].value


def test_coco_keeps_its_verdict_under_every_fault_but_duplicates(coco500):
    found = stress(coco500, LADDER[-1])
    assert found.unstressed.verdict == "correct"
    assert {name for name, level in found.breaks_at.items() if level is not None} <= {
        "near_duplicates"
    }
    for trial in found.trials:
        assert all(gain.low > 0 for gain in trial.gain.values())
