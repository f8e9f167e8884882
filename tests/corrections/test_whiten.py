import numpy as np
import pytest
from scipy.linalg import inv, sqrtm

from dohyo.corpus import MODALITIES
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from worlds import paired

CORPUS = paired(np.random.default_rng(0), 150, 6)


def whitened(side, shrinkage):
    fitted = fit_map("whiten", Evidence.of(CORPUS), {"shrinkage": shrinkage})
    return fitted, CORPUS.unit(side).astype(np.float64)


@pytest.mark.parametrize("side", MODALITIES)
def test_without_shrinkage_the_covariance_is_the_identity_before_rows_are_scaled(side):
    fitted, x = whitened(side, 0.0)
    white = (x - fitted.arrays[f"{side}_mean"]) @ fitted.arrays[f"{side}_matrix"]
    np.testing.assert_allclose(np.cov(white.T, ddof=0), np.eye(6), atol=1e-4)


@pytest.mark.parametrize("side", MODALITIES)
def test_it_is_the_formula_with_scipys_matrix_root(side):
    fitted, x = whitened(side, 0.7)
    covariance = np.cov(x.T, ddof=0)
    shrunk = 0.3 * covariance + 0.7 * np.trace(covariance) / 6 * np.eye(6)
    wanted = (x - x.mean(0)) @ inv(sqrtm(shrunk)).real
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    np.testing.assert_allclose(fitted.apply(x, side), wanted, atol=1e-5)


@pytest.mark.parametrize("side", MODALITIES)
def test_with_full_shrinkage_it_is_centering(side):
    fitted, x = whitened(side, 1.0)
    centred = fit_map("center", Evidence.of(CORPUS)).apply(x, side)
    np.testing.assert_allclose(fitted.apply(x, side), centred, atol=1e-6)
