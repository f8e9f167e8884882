import numpy as np
import pytest
from ot.gaussian import bures_wasserstein_mapping

from dohyo.corpus import Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from worlds import paired

CORPUS = paired(np.random.default_rng(0), 150, 6, noise=1.0)


def shrunk(rows, shrinkage):
    covariance = np.cov(rows.T.astype(float), ddof=0)
    return (1 - shrinkage) * covariance + shrinkage * np.trace(covariance) / 6 * np.eye(6)


@pytest.mark.parametrize("shrinkage", [0.0, 0.1, 0.5])
@pytest.mark.parametrize(("side", "other"), [("image", "text"), ("text", "image")])
def test_it_goes_half_of_the_way_that_pot_goes(shrinkage, side, other):
    fitted = fit_map("gaussian_ot", Evidence.of(CORPUS), {"shrinkage": shrinkage})
    here, there = CORPUS.unit(side), CORPUS.unit(other)
    whole, _ = bures_wasserstein_mapping(
        here.mean(0, float), there.mean(0, float), shrunk(here, shrinkage), shrunk(there, shrinkage)
    )
    half = (np.eye(6) + whole) / 2
    np.testing.assert_allclose(fitted.arrays[f"{side}_matrix"], half, atol=1e-5)
    moved = (here.astype(float) - here.mean(0, float)) @ half
    wanted = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    np.testing.assert_allclose(fitted.apply(here, side), wanted, atol=1e-5)


def test_both_sides_meet_at_the_same_covariance():
    arrays = fit_map("gaussian_ot", Evidence.of(CORPUS), {"shrinkage": 0.0}).arrays
    met = [
        arrays[f"{side}_matrix"] @ shrunk(CORPUS.unit(side), 0.0) @ arrays[f"{side}_matrix"]
        for side in ("image", "text")
    ]
    np.testing.assert_allclose(met[0], met[1], atol=1e-6)


def test_fewer_rows_than_dimensions_leave_no_number_undefined():
    few = paired(np.random.default_rng(1), 5, 20)
    fitted = fit_map("gaussian_ot", Evidence.of(few), {"shrinkage": 0.0})
    assert np.isfinite(fitted.apply(few.unit("image"), "image")).all()


def test_the_shrinkage_can_come_from_the_data():
    """Few rows in many dimensions: the less is known, the more is shrunk."""
    used, uneven = {}, np.linspace(0.1, 2.0, 24)  # where all directions are alike, λ stays near 1
    for rows in (20, 200, 2000):
        world = paired(np.random.default_rng(0), rows, 24)
        evidence = Evidence.of(Corpus.from_arrays(world.image * uneven, world.text * uneven))
        fitted = fit_map("gaussian_ot", evidence, {"ledoit_wolf": 1.0})
        used[rows] = fitted.figures["shrinkage"]
        sides = [side.moments.ledoit_wolf for side in (evidence.image, evidence.text)]
        assert used[rows] == pytest.approx(np.mean(sides))
        half = fit_map("gaussian_ot", evidence, {"ledoit_wolf": 0.5, "shrinkage": 0.3})
        assert half.figures["shrinkage"] == pytest.approx(0.15 + np.mean(sides) / 2)
    assert used[20] > used[200] > used[2000]
