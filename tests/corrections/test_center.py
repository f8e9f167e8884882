import numpy as np
import pytest

from dohyo.corpus import MODALITIES
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from worlds import paired

CORPUS = paired(np.random.default_rng(0), 70, 6, texts_each=2)


@pytest.mark.parametrize("side", MODALITIES)
def test_each_side_is_moved_so_that_its_mean_is_zero(side):
    fitted = fit_map("center", Evidence.of(CORPUS))
    x = CORPUS.unit(side).astype(np.float64)
    np.testing.assert_allclose((x - fitted.arrays[f"{side}_mean"]).mean(0), 0.0, atol=1e-7)
    moved = np.array([row - x.mean(0) for row in x])
    wanted = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    np.testing.assert_allclose(fitted.apply(CORPUS.unit(side), side), wanted, atol=1e-6)
