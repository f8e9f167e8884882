import numpy as np
import pytest

from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from dohyo.corrections.scores.hubs import BANK, NEIGHBOURS, bank, closeness
from dohyo.rows import unit_rows
from worlds import paired, sphere

DIM = 8


def banks(seed=0, rows=50):
    rng = np.random.default_rng(seed)
    return {f"{side}_bank": sphere(rng, rows, DIM) for side in ("image", "text")}


def test_closeness_is_the_mean_of_the_second_to_sixth_best_score():
    items, queries = sphere(np.random.default_rng(1), 20, DIM), banks()
    got = closeness(items, queries)
    for column, side in enumerate(("image", "text")):
        scores = -np.sort(-(items @ queries[f"{side}_bank"].T), axis=1)
        wanted = scores[:, 1 : NEIGHBOURS + 1].mean(axis=1)
        np.testing.assert_allclose(got[:, column], wanted, atol=1e-6)


def test_blocks_change_nothing(monkeypatch):
    items, queries = sphere(np.random.default_rng(1), 20, DIM), banks()
    whole = closeness(items, queries)
    monkeypatch.setattr("dohyo.corrections.scores.hubs.ENTRIES_PER_BLOCK", 150)
    np.testing.assert_allclose(closeness(items, queries), whole, atol=1e-6)


def test_a_bank_of_one_query_is_its_own_neighbour():
    items = sphere(np.random.default_rng(1), 3, DIM)
    one = banks(rows=1)
    np.testing.assert_allclose(closeness(items, one)[:, 0], items @ one["image_bank"][0], atol=1e-6)


def test_the_bank_is_at_most_two_thousand_rows_spread_over_the_evidence():
    rng = np.random.default_rng(2)
    many = Evidence.of(paired(rng, BANK + 500, DIM))
    kept = bank(many)
    assert kept["image_bank"].shape == (BANK, DIM)
    np.testing.assert_array_equal(kept["image_bank"][[0, -1]], many.image.rows[[0, -1]])
    few = Evidence.of(paired(rng, 30, DIM))
    np.testing.assert_array_equal(bank(few)["text_bank"], few.text.rows)


def test_an_item_in_the_middle_of_everything_is_found_less_often():
    rng = np.random.default_rng(3)
    corpus = paired(rng, 120, DIM, gap=0.5, noise=0.3)
    image, text = corpus.unit("image"), corpus.unit("text")
    text[0] = unit_rows(image.mean(0, keepdims=True))[0]  # a text in the middle of all images

    def times_found(hubs):
        fitted = fit_map("none", Evidence.of(corpus), {"hubs": hubs})
        scores = fitted.apply(image, "image", "query") @ fitted.apply(text, "text").T
        return (np.argsort(-scores, axis=1)[:, :10] == 0).any(axis=1).sum()

    assert times_found(0.0) > times_found(0.5) > times_found(1.0)


def test_the_scores_are_those_of_the_vectors_less_the_penalty():
    corpus = paired(np.random.default_rng(4), 60, DIM)
    fitted = fit_map("center", Evidence.of(corpus), {"hubs": 0.4})
    moved = fitted.moved(corpus.text, "text")
    ask = fitted.apply(corpus.image, "image", "query")
    got = ask @ fitted.apply(corpus.text, "text").T
    wanted = fitted.moved(corpus.image, "image") @ moved.T - fitted.penalty(moved)[:, 0]
    scale = np.polyfit(wanted.ravel(), got.ravel(), 1)
    np.testing.assert_allclose(got, scale[0] * wanted + scale[1], atol=1e-6)
    assert scale[0] > 0
    assert scale[1] == pytest.approx(0, abs=1e-6)
