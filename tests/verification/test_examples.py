import numpy as np
import pytest

from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.verification.examples import examples
from dohyo.verification.protocols import splits
from worlds import paired

CORPUS = paired(np.random.default_rng(0), 60, 12, texts_each=2, gap=1.0)


@pytest.fixture(scope="module")
def drawn():
    return examples(CORPUS, Recipe(method="center"))


def rows(modality):
    split = next(splits(CORPUS, "unseen_corpus"))
    return set((split.query_image if modality == "image" else split.query_text).tolist())


def test_three_queries_of_each_kind_come_from_a_fold_that_the_map_never_saw(drawn):
    assert [e.query.modality for e in drawn] == ["image"] * 3 + ["text"] * 3
    for example in drawn:
        for item in (example.query, *example.before, *example.after):
            assert item.row in rows(item.modality)


def test_no_query_finds_itself_and_the_counterparts_are_marked(drawn):
    owner = CORPUS.groups("text")

    def group(item):
        return item.row if item.modality == "image" else owner[item.row]

    for example in drawn:
        for item in (*example.before, *example.after):
            assert (item.modality, item.row) != (example.query.modality, example.query.row)
            other = item.modality != example.query.modality
            assert item.relevant == (other and group(item) == group(example.query))


def test_the_lists_are_the_nearest_of_both_kinds(drawn):
    split = next(splits(CORPUS, "unseen_corpus"))
    held = [("image", int(r)) for r in split.query_image]
    held += [("text", int(r)) for r in split.query_text]

    def unit(modality, row):
        return CORPUS.unit(modality, np.array([row]))[0]

    for example in drawn:
        query = (example.query.modality, example.query.row)
        others = sorted(
            (item for item in held if item != query),
            key=lambda item: -float(unit(*item) @ unit(*query)),
        )
        assert [(item.modality, item.row) for item in example.before] == others[:5]


def test_nothing_done_changes_no_list_and_a_correction_does(drawn):
    assert all(e.before == e.after for e in examples(CORPUS, NOTHING))
    assert any(e.before != e.after for e in drawn)


def test_the_draw_follows_the_seed():
    first, again, other = (examples(CORPUS, NOTHING, seed=s) for s in (1, 1, 2))
    assert first == again
    assert first != other
