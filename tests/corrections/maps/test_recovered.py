"""Rows are read back from anchors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.corpus import MODALITIES, Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from dohyo.corrections.maps.recovered import recovered
from worlds import paired, sphere

ANCHORED = {
    "ot": {},
    "displacement": {},
    "displacement, white": {"shrinkage": 0.0},
    "displacement, centred": {"shrinkage": 1.0},
}


@pytest.mark.parametrize(("name", "parameters"), ANCHORED.items(), ids=ANCHORED)
@given(seed=st.integers(0, 2**32 - 1), groups=st.integers(8, 40), gap=st.floats(0.0, 3.0))
def test_they_are_the_rows_of_the_fit(name, parameters, seed, groups, gap):
    corpus = paired(np.random.default_rng(seed), groups, 7, gap=gap)
    fitted = fit_map(name.split(",")[0], Evidence.of(corpus), parameters)
    for side in MODALITIES:
        np.testing.assert_allclose(recovered(fitted.arrays, side), corpus.unit(side), atol=5e-6)


def test_clips_rows_come_back_even_where_there_are_fewer_than_columns(coco500):
    few = coco500.subset(np.arange(200))
    for shrinkage in (0.0, 0.9):
        fitted = fit_map("displacement", Evidence.of(few), {"shrinkage": shrinkage})
        for side in MODALITIES:
            found = recovered(fitted.arrays, side)
            np.testing.assert_allclose(found, few.unit(side), atol=1e-6)
            halved = {
                name: array.astype(np.float16) if name.endswith("_anchor") else array
                for name, array in fitted.arrays.items()
            }
            np.testing.assert_allclose(recovered(halved, side), few.unit(side), atol=1e-3)


def test_a_row_on_the_mean_is_the_mean():
    rng = np.random.default_rng(0)
    same = np.tile(sphere(rng, 1, 6), (10, 1))
    fitted = fit_map("ot", Evidence.of(Corpus.from_arrays(same, sphere(rng, 10, 6))))
    np.testing.assert_allclose(recovered(fitted.arrays, "image"), same, atol=1e-6)
