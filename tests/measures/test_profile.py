import json
from dataclasses import replace

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.measures.profile import Profile, measure
from dohyo.measures.registry import MEASURES
from worlds import paired, sphere

LACKING = {
    need: {name for name, each in MEASURES.items() if need in each.needs}
    for need in ("pairs", "labels")
}


def rich(seed=0):
    """A corpus that has everything any measure asks for."""
    from_pairs = paired(np.random.default_rng(seed), 60, 8, texts_each=2)
    return replace(from_pairs, label=np.arange(60) % 3)


def test_every_registered_measure_is_taken_and_told_of():
    told = []
    profile = measure(rich(), progress=lambda *step: told.append(step))
    assert list(profile.estimates) == list(profile.references) == list(MEASURES)
    assert profile.absent == {}
    assert [what for *_, what in told] == [*MEASURES, "measured"]
    assert [done for done, *_ in told] == list(range(len(MEASURES) + 1))


@pytest.mark.parametrize(
    ("lack", "without"), [("pairs", {"text_to_image": None}), ("labels", {"label": None})]
)
def test_what_needs_pairs_or_labels_is_absent_with_the_reason(lack, without):
    profile = measure(replace(rich(), **without))
    assert set(profile.absent) == LACKING[lack]
    assert set(profile.estimates) == set(MEASURES) - LACKING[lack]
    assert all(lack in why or "labels" in why for why in profile.absent.values())


def test_every_figure_lies_in_its_stated_range():
    for name, estimate in measure(rich(1)).estimates.items():
        low, high = MEASURES[name].range
        assert low <= estimate.value <= high, name
        assert low <= estimate.low <= estimate.high <= high, name


def test_scaling_every_row_changes_nothing():
    corpus = paired(np.random.default_rng(2), 40, 8)
    scale = 2.0 ** np.random.default_rng(3).integers(-3, 4, size=(40, 1))  # exact in floats
    scaled = Corpus.from_arrays(
        (corpus.image * scale).astype(np.float32), (corpus.text / scale).astype(np.float32)
    )
    assert measure(scaled) == measure(corpus)


def test_it_survives_json_exactly():
    profile = measure(paired(np.random.default_rng(4), 40, 8))
    document = json.loads(json.dumps(profile.to_json()))
    assert Profile.from_json(document, absent=profile.absent) == profile
    assert document["linear_separability"]["reference"] == 0.5


def same(rows, dim=4):
    return np.tile(np.ones(dim, np.float32), (rows, 1))


rng = np.random.default_rng(5)
ODD = {
    "a single pair": Corpus.from_arrays(sphere(rng, 1, 4), sphere(rng, 1, 4)),
    "two pairs": Corpus.from_arrays(sphere(rng, 2, 4), sphere(rng, 2, 4)),
    "all rows equal": Corpus.from_arrays(same(50), same(50)),
    "all images equal": Corpus.from_arrays(same(50), sphere(rng, 50, 4)),
    "one dimension": Corpus.from_arrays(sphere(rng, 50, 1), sphere(rng, 50, 1)),
    "fewer rows than dimensions": Corpus.from_arrays(sphere(rng, 6, 40), sphere(rng, 6, 40)),
    "one image, many texts of it": Corpus.from_arrays(
        sphere(rng, 1, 4), sphere(rng, 9, 4), np.zeros(9, int)
    ),
    "one image, many texts, unpaired": Corpus.from_arrays(
        sphere(rng, 1, 4), sphere(rng, 30, 4), paired=False
    ),
    "two images, many texts, unpaired": Corpus.from_arrays(
        sphere(rng, 2, 4), sphere(rng, 30, 4), paired=False
    ),
    "all texts of one image": Corpus.from_arrays(
        sphere(rng, 30, 4), sphere(rng, 5, 4), np.zeros(5, int)
    ),
    "one text": Corpus.from_arrays(sphere(rng, 30, 4), sphere(rng, 1, 4), [7]),
}


@pytest.mark.parametrize("corpus", ODD.values(), ids=ODD.keys())
def test_an_odd_corpus_gets_a_figure_or_a_clear_reason_for_every_measure(corpus):
    profile = measure(corpus)
    assert set(profile.estimates) | set(profile.absent) == set(MEASURES)
    assert not set(profile.estimates) & set(profile.absent)
    assert all(". Give " in reason and "\n" not in reason for reason in profile.absent.values())
