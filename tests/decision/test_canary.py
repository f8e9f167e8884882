"""A corpus without pairs, judged by a few known ones."""

from dataclasses import replace

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import LADDER, NOTHING, Recipe
from dohyo.decision import canary as module
from dohyo.decision.align import align
from dohyo.decision.choose import Choice, choose_among
from dohyo.decision.decide import decide, judge
from dohyo.decision.verify import verify
from dohyo.errors import UsageError
from dohyo.verification.protocols import PROTOCOLS
from dohyo.words import Words
from worlds import paired, strangers

RNG = np.random.default_rng
WORLD = paired(RNG(2), 260, 16)
CANARY = WORLD.subset(np.arange(200, 260))
REST = WORLD.subset(np.arange(200))
ALONE = Corpus.from_arrays(REST.image, REST.text[::-1].copy(), paired=False)


@pytest.fixture(scope="module")
def decision():
    return decide(ALONE, pairs_from=CANARY)


def test_a_gap_over_known_pairs_is_corrected_by_a_map_of_the_whole_corpus(decision):
    assert decision.verdict == "correct"
    fitted = decision.fit(ALONE)
    assert (fitted.figures["images"], fitted.corpus) == (200, ALONE.fingerprint())
    assert align(ALONE, pairs_from=CANARY).method == fitted.method
    assert verify(ALONE, pairs_from=CANARY).decision.verdict == "correct"


def test_every_rung_is_tried_and_the_figures_are_of_the_canary(decision):
    assert [c.recipe.method for c in decision.candidates] == [rung.method for rung in LADDER]
    for protocol in PROTOCOLS:
        assert decision.protocols[protocol].change["mixed_ndcg_at_10"].n == 60
    assert len(decision.chosen_by_fold) == 4


def test_pairs_of_the_corpus_itself_may_be_the_canary():
    """Its rows are then left out of what is fitted to judge by."""
    whole = Corpus.from_arrays(WORLD.image, WORLD.text[::-1].copy(), paired=False)
    assert decide(whole, pairs_from=CANARY).verdict == "correct"


def test_pairs_in_name_only_are_refused():
    canary = strangers(RNG(0), 60, 16, gap=1.0)
    assert decide(ALONE, pairs_from=canary).verdict == "do_not_correct"


def test_too_few_known_pairs_cannot_decide_and_what_to_do_is_said():
    decision = decide(ALONE, pairs_from=CANARY.subset(np.arange(20)))
    assert (decision.verdict, decision.recipe) == ("insufficient_data", NOTHING)
    told = decision.reasons[0].say(Words())
    assert "20 groups" in told
    assert "centering" in told


@pytest.mark.parametrize("language", ["en", "ja"])
def test_without_known_pairs_it_says_what_to_give_and_what_may_be_tried_unproven(language):
    decision = decide(ALONE)
    assert (decision.verdict, decision.recipe) == ("insufficient_data", NOTHING)
    told = decision.reasons[0].say(Words(language))
    assert "--pairs-from" in told
    assert "40" in told


WRONG = {
    "pairs of its own": (REST, CANARY, "The corpus has pairs of its own"),
    "no pairs in the canary": (ALONE, ALONE, "The set of known pairs has no pairs."),
    "another dimension": (ALONE, paired(RNG(0), 60, 8), "The corpus has 16 columns, the set of"),
    "another encoder": (
        replace(ALONE, encoder="a"),
        replace(CANARY, encoder="b"),
        "The corpus and the set of known pairs come from different encoders.",
    ),
    "nothing left": (replace(CANARY, text_to_image=None), CANARY, "Every row of one modality"),
}


@pytest.mark.parametrize(("corpus", "canary", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_canary_of_no_use_is_refused_in_one_sentence(corpus, canary, said):
    with pytest.raises(UsageError) as caught:
        decide(corpus, pairs_from=canary)
    assert caught.value.what.startswith(said)


def test_pairs_judge_what_is_chosen_and_nothing_that_is_named():
    for asked in (align, verify):
        with pytest.raises(UsageError, match=r"^pairs_from judges what auto chooses, but"):
            asked(ALONE, "center", pairs_from=CANARY)


def test_labels_alone_show_what_is_kept_and_decide_nothing():
    rng = RNG(4)
    label = rng.integers(0, 3, 80)
    meaning = np.eye(16)[label] + 0.1 * rng.normal(size=(80, 16))
    corpus = Corpus.from_arrays(
        (meaning + np.eye(16)[15]).astype(np.float32),
        (np.eye(16)[:3] - np.eye(16)[15]).astype(np.float32),
        labels=label,
        paired=False,
    )
    assert decide(corpus).verdict == "insufficient_data"
    told = judge(corpus, Recipe(method="center"))
    assert told.verdict == "insufficient_data"
    assert set(told.information.classes) == {"label_accuracy_image", "cluster_nmi"}


def test_several_texts_of_an_image_are_one_group():
    several = paired(RNG(5), 60, 16, texts_each=3)
    decision = decide(several)
    assert decision.protocols["unseen_corpus"].change["mixed_ndcg_at_10"].n == 60


def test_several_images_of_a_text_are_given_by_repeating_the_text():
    base = paired(RNG(6), 50, 16)
    image = np.concatenate([base.image, base.image + 0.05])
    text = np.concatenate([base.text, base.text])
    decision = decide(Corpus.from_arrays(image, text))
    assert decision.protocols["unseen_query"].change["mixed_ndcg_at_10"].n == 100


CENTER = Recipe(method="center")


def test_the_figures_of_a_fold_are_of_what_was_chosen_without_it(monkeypatch):
    weighed = module.choose

    def gain(*fails):
        left = iter([False, *fails])  # by the whole canary, then without each fold

        def forced(*given, **named):
            (candidate,) = weighed(*given, **named).candidates
            return choose_among([replace(candidate, passes=not next(left))])

        monkeypatch.setattr(module, "choose", forced)
        decision = decide(ALONE, ladder=[CENTER], pairs_from=CANARY)
        assert [r is NOTHING for r in decision.chosen_by_fold] == list(fails)
        return decision.protocols["unseen_corpus"].change["mixed_ndcg_at_10"].value

    everywhere = gain(False, False, False, False)
    assert 0 < gain(True, False, False, False) < 0.9 * everywhere


def test_the_choice_for_a_fold_sees_no_query_of_that_fold(monkeypatch):
    seen = []

    def spy(ladder, outcomes, **_):
        groups = [each.ranked.group for tried in outcomes.values() for each in tried]
        seen.append(set(np.concatenate(groups) - 200))
        return Choice(candidates=(), recipe=CENTER)

    monkeypatch.setattr(module, "choose", spy)
    decide(ALONE, ladder=[CENTER], pairs_from=CANARY)
    whole, *without = seen
    assert whole == set(range(60))
    for held, rest in zip(CANARY.folds(), without, strict=True):
        assert rest == whole - set(held)
