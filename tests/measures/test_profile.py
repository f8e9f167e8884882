import json

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.measures.profile import Profile, measure
from dohyo.measures.registry import MEASURES
from worlds import paired, sphere

NEED_PAIRS = {
    "relative_modality_gap": "RMG needs pairs. Give text_to_image.",
    "pairing_signal": "The pairing signal needs pairs. Give text_to_image.",
}


def test_every_registered_measure_is_taken_and_told_of():
    told = []
    profile = measure(
        paired(np.random.default_rng(0), 40, 8), progress=lambda *step: told.append(step)
    )
    assert list(profile.estimates) == list(profile.references) == list(MEASURES)
    assert profile.absent == {}
    assert [what for *_, what in told] == [*MEASURES, "measured"]
    assert [done for done, *_ in told] == list(range(len(MEASURES) + 1))


def test_without_pairs_what_needs_them_is_absent_with_the_reason():
    rng = np.random.default_rng(1)
    profile = measure(Corpus.from_arrays(sphere(rng, 30, 6), sphere(rng, 40, 6), paired=False))
    assert profile.absent == NEED_PAIRS
    assert set(profile.estimates) == set(MEASURES) - set(NEED_PAIRS)


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
    assert Profile.from_json(document) == profile
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
