"""Calibration: scores of both kinds comparable, every list of one kind as it was."""

import numpy as np
import pytest

from dohyo.corpus import MODALITIES
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from dohyo.corrections.recipe import NOTHING, Recipe
from dohyo.corrections.scores.rehearsal import rehearse
from dohyo.errors import CorpusError
from dohyo.verification.compare import share_departure
from dohyo.verification.evaluate import Pool, evaluate
from worlds import paired, strangers

DIM = 16
WORLD = paired(np.random.default_rng(0), 160, DIM, gap=1.2)
TWO_EACH = paired(np.random.default_rng(1), 90, DIM, gap=1.0, texts_each=2)
METHODS = ("none", "center", "whiten", "displacement")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("world", [WORLD, TWO_EACH])
def test_no_ranking_within_one_modality_changes(method, world):
    plain = fit_map(method, Evidence.of(world))
    offset = fit_map(method, Evidence.of(world), {"calibrate": 1.0})
    for asking in MODALITIES:
        for side in MODALITIES:
            query, item = world.unit(asking)[:40], world.unit(side)
            before = plain.apply(query, asking, "query") @ plain.apply(item, side).T
            after = offset.apply(query, asking, "query") @ offset.apply(item, side).T
            for one, other in zip(after, before, strict=True):
                scale, constant = np.polyfit(other, one, 1)
                assert scale > 0
                np.testing.assert_allclose(one, scale * other + constant, atol=2e-6)


@pytest.mark.parametrize("world", [WORLD, TWO_EACH])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("protocol", ["unseen_query", "unseen_corpus"])
def test_cross_modal_recall_is_the_same_for_every_query(method, protocol, world):
    """Recall looks at one kind of item alone, so an offset cannot change it."""
    plain, offset = Recipe(method=method), Recipe(method=method, parameters={"calibrate": 1.0})
    before, after = evaluate(Pool(world), (plain, offset), protocol)
    for metric in ("recall_at_1", "recall_at_10"):
        np.testing.assert_array_equal(
            before.ranked.metric(metric), after.ranked.metric(metric), err_msg=metric
        )


@pytest.mark.parametrize("growing", [0.0, 0.5, 1.0])
def test_each_kind_fills_its_base_rate_on_queries_that_the_fit_never_saw(growing):
    recipe = Recipe(method="none", parameters={"calibrate": 1.0, "growing": growing})
    departures = {}
    for protocol in ("unseen_query", "unseen_corpus"):
        before, after = evaluate(Pool(WORLD), (NOTHING, recipe), protocol)
        assert min(share_departure(before.ranked).values()) < -0.3
        departures[protocol] = np.array(list(share_departure(after.ranked).values()))
    if growing < 1:
        weight = 1 - growing
        mean = weight * departures["unseen_query"] + growing * departures["unseen_corpus"]
    else:
        mean = departures["unseen_corpus"]
    assert np.abs(mean).max() < 0.06


def test_the_evidence_it_learns_from_is_never_what_it_asks_with():
    """A map that keeps anchors must be rehearsed on rows that it does not keep."""
    evidence = Evidence.of(WORLD)
    seen = []

    def fit(part):
        seen.append(part)
        return fit_map("none", part)

    rehearse(fit, evidence, 0.5)
    rows = {row.tobytes() for row in evidence.image.rows}
    for part in seen:
        assert {row.tobytes() for row in part.image.rows} <= rows
        assert len(part.image.rows) + len(part.text.rows) < 2 * len(rows)
    assert len(seen) == 12


def test_without_pairs_it_works_as_well():
    loose = strangers(np.random.default_rng(2), 100, DIM, gap=1.0)
    fitted = fit_map("calibrate", Evidence(Evidence.of(loose).image, Evidence.of(loose).text, None))
    assert min(fitted.offset) > 0.5


def test_too_few_items_are_one_clear_sentence():
    few = paired(np.random.default_rng(3), 7, DIM)
    with pytest.raises(CorpusError, match="Calibration needs 8 items of each modality; one has 7"):
        fit_map("calibrate", Evidence.of(few))


def test_many_rows_are_rehearsed_once(monkeypatch):
    monkeypatch.setattr("dohyo.corrections.scores.rehearsal.WHOLE_ROWS", 100)
    monkeypatch.setattr("dohyo.corrections.scores.rehearsal.QUERIES", 30)
    fits = []

    def fit(part):
        fits.append(part)
        return fit_map("none", part)

    many = rehearse(fit, Evidence.of(WORLD), 0.5)
    assert len(fits) == 3
    monkeypatch.undo()
    np.testing.assert_allclose(many, rehearse(fit, Evidence.of(WORLD), 0.5), atol=0.1)
