"""Who may be seen by a fit, and what can be found."""

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.corrections.map import fit_map
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.judgements import Judgements, QuerySet
from dohyo.verification.evaluate import Pool
from dohyo.verification.judged.asked import asked_of
from dohyo.verification.judged.compare import compare_judged, judged_figures
from dohyo.verification.judged.evaluate import ask
from dohyo.verification.judged.signal import judged_signal
from worlds import paired, strangers

RNG = np.random.default_rng
WORLD = paired(RNG(0), 60, 16)
CENTER = Recipe(method="center")


def counterparts(corpus: Corpus, rows: range | None = None) -> Judgements:
    """Say of every image and text that its counterpart answers it."""
    rows = rows or range(len(corpus.text))
    of = corpus.groups("text") if corpus.paired else np.arange(len(corpus.text))
    query = [f"image/{of[row]}" for row in rows] + [f"text/{row}" for row in rows]
    item = [f"text/{row}" for row in rows] + [f"image/{of[row]}" for row in rows]
    return Judgements.from_lists(query, item, [1] * len(query))


def alone(corpus: Corpus) -> Corpus:
    return Corpus.from_arrays(corpus.image, corpus.text, paired=False)


def outside(corpus: Corpus) -> tuple[Corpus, Judgements]:
    """The first twenty texts ask from outside; all images and the other texts are the index."""
    index = Corpus.from_arrays(corpus.image, corpus.text[20:], paired=False)
    queries = QuerySet.from_arrays(texts=corpus.text[:20])
    names = [f"text/{row}" for row in range(20)]
    items = [f"image/{row}" for row in range(20)]
    return index, Judgements.from_lists(names, items, [1] * 20, queries=queries)


def test_no_item_finds_itself_and_a_judgement_of_itself_is_of_no_account():
    said = counterparts(WORLD)
    itself = Judgements.from_lists(
        (*said.query, "image/0"), (*said.item, "image/0"), (*said.grade, 3)
    )
    asked = asked_of(WORLD, itself)
    assert len(asked.relevance.key) == 120
    (found,) = ask(asked, [NOTHING], k=4, seed=0)
    assert not (found.ranking == asked.itself[:, None]).any()
    np.testing.assert_allclose(found.base_rate, 60 / 119)


def test_a_fit_never_sees_the_rows_that_ask(monkeypatch):
    seen = []
    real = Pool.evidence

    def spy(self, images, texts):
        seen.append((images, texts))
        return real(self, images, texts)

    monkeypatch.setattr(Pool, "evidence", spy)
    asked = asked_of(WORLD, counterparts(WORLD, range(30)))
    ask(asked, [CENTER], k=4, seed=0)
    fold = asked.fold(4, 0)
    assert len(seen) == 4
    for each, (images, texts) in enumerate(seen):
        held = asked.row[(fold == each) & (asked.modality == 0)]
        assert not np.isin(held, images).any()
        held = asked.row[(fold == each) & (asked.modality == 1)]
        assert not np.isin(held, texts).any()
        assert len(images) == 60 - np.sum((fold == each) & (asked.modality == 0))


def test_folds_are_those_of_the_corpus():
    asked = asked_of(WORLD, counterparts(WORLD))
    for number, held in enumerate(WORLD.folds(4, 3)):
        assert set(asked.group[asked.fold(4, 3) == number]) == set(held)


def test_queries_from_outside_ask_a_map_of_the_whole_index():
    index, said = outside(WORLD)
    asked = asked_of(index, said)
    (found,) = ask(asked, [CENTER], k=4, seed=0)
    fitted = fit_map("center", Pool(index).evidence(np.arange(60), np.arange(40)), {})
    items = np.concatenate([fitted.apply(index.image, "image"), fitted.apply(index.text, "text")])
    scores = fitted.apply(WORLD.text[:20], "text", "query") @ items.T
    assert (found.ranking == np.argsort(-scores, axis=1, kind="stable")[:, :10]).all()
    np.testing.assert_allclose(found.base_rate, 0.6)


def test_a_query_that_nothing_answers_is_left_out_and_counted():
    said = counterparts(WORLD)
    more = Judgements.from_lists(
        (*said.query[:10], "image/40"), (*said.item[:10], "text/1"), (*said.grade[:10], 0)
    )
    asked = asked_of(WORLD, more)
    assert (len(asked.row), asked.unanswered) == (10, 1)


def test_a_small_index_gives_short_lists():
    corpus = paired(RNG(1), 3, 8)
    (found,) = ask(asked_of(alone(corpus), counterparts(corpus)), [NOTHING], k=4, seed=0)
    assert (found.ranking >= 0).sum(axis=1).tolist() == [5] * 6


def test_figures_are_told_by_the_kind_that_asks():
    index, said = outside(WORLD)
    asked = asked_of(index, said)
    before, after = ask(asked, [NOTHING, CENTER], k=4, seed=0)
    told = judged_figures(asked, before, after, seed=0)
    assert set(told.by_modality) == {"text"}
    assert (told.queries, told.judgements, told.outside) == (20, 20, True)
    compared = compare_judged(before, after, seed=0)
    assert set(compared.base_rate) == {"text"}
    assert compared.change["judged_ndcg_at_10"].n == 20
    assert compared.to_json()["change"]["judged_recall_at_10"]["p"] > 0


def test_queries_of_one_group_are_drawn_together():
    asked = asked_of(WORLD, counterparts(WORLD))
    before, after = ask(asked, [NOTHING, CENTER], k=4, seed=0)
    assert compare_judged(before, after, seed=0).change["judged_ndcg_at_10"].n == 60


def test_a_signal_is_told_from_none():
    real = judged_signal(asked_of(WORLD, counterparts(WORLD)), seed=0)
    assert real.p == pytest.approx(1 / 500)
    assert real.value > 3 * real.chance
    nothing = strangers(RNG(0), 60, 16, gap=1.0)
    assert judged_signal(asked_of(nothing, counterparts(nothing)), seed=0).p > 0.05


def test_answers_of_the_own_kind_alone_say_nothing_of_the_gap():
    said = Judgements.from_lists(["text/0", "text/1"], ["text/2", "text/3"], [1, 1])
    assert judged_signal(asked_of(WORLD, said), seed=0) is None
