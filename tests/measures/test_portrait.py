"""The portrait: one sample for all, complete or saying why not."""

import json

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.measures import portrait as module
from dohyo.measures.portrait import BEHIND, PARTS, portray
from dohyo.measures.profile import Profile, measure
from dohyo.measures.registry import MEASURES
from dohyo.measures.view import BUDGETS, Budget, view
from worlds import paired


@pytest.fixture(scope="module")
def corpus():
    return paired(np.random.default_rng(3), 60, 12, gap=1.0, noise=0.4)


@pytest.fixture(scope="module")
def found(corpus):
    return portray(corpus)


def test_it_holds_the_profile_that_measure_takes(corpus, found):
    assert found.profile == measure(corpus)


def test_every_part_is_there(found):
    assert found.absent == {}
    assert all(getattr(found, part) is not None for part in PARTS)


def test_a_profile_comes_back_from_json(found):
    document = json.loads(json.dumps(found.to_json(), allow_nan=False))
    again = Profile.from_json(
        document["measure"], absent=document["absent"], sampled=document["sampled"]
    )
    assert again == found.profile


def test_parts_that_cannot_be_are_null_with_the_reason():
    same = np.ones((3, 4), np.float32)
    found = portray(Corpus.from_arrays(same, same))
    document = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert "components" in found.absent
    assert document["absent_parts"] == found.absent
    assert all((document[part] is None) == (part in found.absent) for part in PARTS)


def test_the_view_is_made_once(corpus, monkeypatch):
    made = []
    monkeypatch.setattr(module, "view", lambda *a, **k: made.append(1) or view(*a, **k))
    portray(corpus)
    assert made == [1]


def test_progress_ends_where_it_said(corpus):
    told = []
    portray(corpus, progress=lambda *step: told.append(step))
    total = len(MEASURES) + BEHIND
    assert {each[1] for each in told} == {total}
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert told[-1] == (total, total, "measured")


@pytest.mark.parametrize("pairs", [True, False])
def test_items_are_named_by_their_row_in_the_corpus(monkeypatch, pairs):
    monkeypatch.setitem(BUDGETS, "fast", Budget(groups=20, queries=5))
    rows = paired(np.random.default_rng(4), 60, 12, texts_each=2)
    if not pairs:
        rows = Corpus.from_arrays(rows.image, rows.text, paired=False)
    sample = view(rows, effort="fast", seed=5)
    image, text = module._rows(rows, effort="fast", seed=5)
    assert sample.sampled
    np.testing.assert_array_equal(rows.unit("image", image), sample.image)
    np.testing.assert_array_equal(rows.unit("text", text), sample.text)
