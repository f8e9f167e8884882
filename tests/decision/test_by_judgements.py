"""Judged queries decide, with pairs and without, from inside the index and from outside."""

from dataclasses import replace

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.corrections.map import fit_map
from dohyo.corrections.recipe import LADDER, NOTHING, Recipe
from dohyo.decision import trials as module
from dohyo.decision.align import align
from dohyo.decision.choose import Candidate
from dohyo.decision.decide import decide, judge
from dohyo.decision.judged_guardrails import judged_failures, kept_of_pairs
from dohyo.decision.policy import Policy
from dohyo.decision.reason import Reason
from dohyo.decision.verify import verify
from dohyo.errors import UsageError
from dohyo.judgements import Judgements, QuerySet
from dohyo.verification.judged.asked import asked_of
from dohyo.verification.judged.evaluate import ask
from dohyo.verification.protocols import PROTOCOLS
from dohyo.words import Words
from worlds import paired, strangers

RNG = np.random.default_rng
WORLD = paired(RNG(2), 80, 16)
ALONE = Corpus.from_arrays(WORLD.image, WORLD.text, paired=False)
SHORT = (Recipe(method="calibrate"), Recipe(method="center", parameters={"calibrate": 1.0}))


def counterparts(rows: int = 80) -> Judgements:
    names = [(f"image/{row}", f"text/{row}") for row in range(rows)]
    return Judgements.from_lists(
        [name for pair in names for name in pair],
        [name for pair in names for name in reversed(pair)],
        [1] * (2 * rows),
    )


SAID = counterparts()


@pytest.fixture(scope="module")
def inside():
    return decide(WORLD, judgements=SAID, ladder=SHORT)


@pytest.fixture(scope="module")
def outside():
    index = Corpus.from_arrays(WORLD.image, WORLD.text[60:], paired=False)
    queries = QuerySet.from_arrays(texts=WORLD.text[:60])
    said = Judgements.from_lists(
        [f"text/{row}" for row in range(60)],
        [f"image/{row}" for row in range(60)],
        [1] * 60,
        queries=queries,
    )
    return decide(index, judgements=said)


def test_a_gap_over_judged_queries_is_corrected(inside):
    assert inside.verdict == "correct"
    assert inside.protocols["judged"].change["judged_ndcg_at_10"].low > 0
    assert (inside.judged.queries, inside.judged.judgements) == (160, 160)
    assert inside.deciding == inside.promised == ("judged",)


def test_with_pairs_both_protocols_are_shown_beside(inside):
    assert set(inside.protocols) == {"judged", *PROTOCOLS}
    assert inside.segments is not None
    assert inside.tasks
    told = inside.held_out_json()
    assert told["judged"]["queries"] == 160
    assert set(told["judged"]["by_modality"]) == {"image", "text"}


def test_without_pairs_judged_queries_decide_alone(outside):
    assert outside.verdict == "correct"
    assert set(outside.protocols) == {"judged"}
    assert [c.recipe for c in outside.candidates] == list(LADDER)
    assert all(c.information is not None for c in outside.candidates)
    assert outside.judged.outside
    assert outside.candidates[0].to_json(outside.policy, Words())["scores"]["judged"]


def test_pairs_in_name_only_are_refused_however_large_the_gain():
    nothing = strangers(RNG(0), 80, 16, gap=1.0)
    decision = decide(nothing, judgements=SAID, ladder=SHORT)
    assert decision.verdict == "do_not_correct"
    assert decision.reasons[0].code == "no_judged_signal"
    assert not any(candidate.passes for candidate in decision.candidates)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_too_few_queries_cannot_decide_and_the_number_wanted_is_said(language):
    decision = decide(WORLD, judgements=counterparts(10), ladder=SHORT)
    assert (decision.verdict, decision.recipe) == ("insufficient_data", NOTHING)
    told = decision.reasons[0].say(Words(language))
    assert "10" in told
    assert "40" in told


@pytest.mark.parametrize("corpus", [WORLD, ALONE], ids=["pairs", "no pairs"])
def test_the_choice_of_a_fold_does_not_see_its_queries(corpus, monkeypatch):
    """What shines on the first fold alone is seen by every choice but that fold's."""

    def planted(asked, correctors, *, k, seed):
        nothing, found = ask(asked, correctors, k=k, seed=seed)
        shines = {name: (found.fold == 0).astype(float) for name in found.figures}
        return [nothing, replace(found, figures=shines)]

    monkeypatch.setattr(module, "ask", planted)
    asked = asked_of(corpus, SAID)
    trials = module.try_rungs(asked, SHORT[:1], policy=Policy(), k=4, seed=0)

    def seen(without: int | None) -> Candidate:
        return trials.candidate(1, SHORT[0], Policy(), without)

    assert seen(None).mixed.value == pytest.approx(0.25, abs=0.1)
    assert seen(0).mixed.value == 0
    assert seen(1).mixed.value > 0.25
    held = np.isin(asked.group, corpus.folds(4, 0)[0]) if corpus.paired else asked.fold(4, 0) == 0
    assert ((trials.judged[0].fold == 0) == held).all()
    for protocol in PROTOCOLS if corpus.paired else ():
        assert seen(0).scores[protocol].gain.groups == 60
    assert seen(0).information.neighbours["image"].groups == 60


def test_guardrails_of_judged_queries_name_what_fails(scored):
    def codes(**figures) -> list[str]:
        return [r.code for r in judged_failures({"judged": scored(**figures)}, Policy(), None)]

    assert codes() == []
    assert codes(gain=(-0.1, 0.01)) == ["judged_no_gain"]
    assert codes(gain=(0.01, 0.05)) == ["judged_gain_undecided"]
    assert codes(harm=(-0.1, 0.01)) == ["judged_harm"]
    assert codes(harm=(0.0, 0.05)) == ["judged_harm_undecided"]
    assert codes(departure=(0.3, 0.0)) == ["share_high"]


def test_pairs_may_forbid_a_loss_of_recall_and_nothing_about_mixed_lists(scored):
    scores = {"judged": scored()} | dict.fromkeys(PROTOCOLS, scored(gain=(-0.5, 0.01)))
    assert judged_failures(scores, Policy(), None) == ()
    scores["unseen_query"] = scored(harm=(-0.2, 0.01))
    assert [r.code for r in judged_failures(scores, Policy(), None)] == ["harm"]
    segment = Reason("segment_harmed")
    assert kept_of_pairs((Reason("no_gain"), segment)) == (segment,)


def test_a_recipe_and_a_map_are_judged_by_the_same_queries():
    told = judge(WORLD, SHORT[1], judgements=SAID)
    assert told.verdict == "correct"
    assert told.chosen_by_fold == (SHORT[1],) * 4
    other = paired(RNG(7), 80, 16)
    fitted = fit_map("center", module.Pool(other).evidence(*[np.arange(80)] * 2), {})
    assert judge(ALONE, fitted, judgements=SAID).protocols["judged"].change[
        "judged_ndcg_at_10"
    ].n == len(SAID.query)


def test_align_and_verify_take_the_same_judgements():
    policy = Policy(keep_dimension=True)
    fitted = align(ALONE, judgements=SAID, policy=policy)
    assert fitted.width == 16
    told = verify(ALONE, "center", judgements=SAID)
    assert set(told.decision.protocols) == {"judged"}
    with pytest.raises(UsageError, match=r"^judgements judges what auto chooses"):
        align(ALONE, "center", judgements=SAID)


def test_known_pairs_and_judgements_are_one_yardstick_too_many():
    with pytest.raises(UsageError, match="cannot both"):
        decide(ALONE, judgements=SAID, pairs_from=WORLD)


@pytest.mark.timeout(200)
def test_judged_pairs_of_a_real_set_agree_with_its_pairs(coco500):
    corpus = coco500.subset(np.arange(120))
    said = counterparts(120)
    recipe = Recipe(method="displacement", parameters={"calibrate": 1.0})
    by_pairs, judged = judge(corpus, recipe), judge(corpus, recipe, judgements=said)
    for protocol in PROTOCOLS:
        assert by_pairs.protocols[protocol].change["mixed_ndcg_at_10"].low > 0
    assert judged.protocols["judged"].change["judged_ndcg_at_10"].low > 0
    assert judged.verdict == by_pairs.verdict
