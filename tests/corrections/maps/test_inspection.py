"""What can be told of a map from the map alone."""

import numpy as np
import pytest

from dohyo.corpus import MODALITIES
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map
from dohyo.corrections.maps.inspection import inspection, scaling
from dohyo.corrections.maps.typical_rows import typical_rows
from dohyo.corrections.registry import METHODS
from worlds import paired

DIM = 8
WORLD = paired(np.random.default_rng(0), 400, DIM, gap=0.8)


def fitted_on(method, **parameters):
    return fit_map(method, Evidence.of(WORLD), parameters)


@pytest.mark.parametrize("method", METHODS)
def test_it_moves_rows_as_it_moves_those_of_the_fit(method):
    """Exactly where it holds them, and roughly where they are drawn from its statistics."""
    fitted = fitted_on(method, calibrate=0.0)
    found = inspection(fitted)
    for side in MODALITIES:
        rows = WORLD.unit(side)
        true = np.degrees(np.arccos((rows * fitted.moved(rows, side)).sum(1).clip(-1, 1)))
        slack = 0.05 if found.origin == "items" else 3.0
        assert found.degrees[side].mean() == pytest.approx(true.mean(), abs=slack)
    assert found.moves == (method not in ("none", "calibrate"))
    assert sum(found.sizes.values()) == sum(each.nbytes for each in fitted.arrays.values())
    assert found.grows


def test_a_scale_is_read_from_what_the_map_multiplies_by():
    matrix = np.diag(np.array([8.0, 1.0, 2.0, 0.0], np.float32))
    arrays = {"image_matrix": matrix, "text_scale": np.float32([4, 1, 1, -0.25])}
    fitted = AlignmentMap(method="whiten", parameters={}, dimension=4, arrays=arrays)
    # The geometric mean of 8, 2 and 1 is 2.52; a direction that is dropped stays at 0.
    np.testing.assert_allclose(scaling(fitted, "image"), [3.1748, 0.7937, 0.39685, 0], atol=1e-4)
    np.testing.assert_allclose(scaling(fitted, "text"), [4, 1, 1, 0.25])
    assert not len(scaling(fitted_on("center"), "image"))


@pytest.mark.parametrize("method", ["center", "standardize", "whiten"])
def test_rows_drawn_from_statistics_are_like_the_real_ones(method):
    rows, origin = typical_rows(fitted_on(method), "text", 4_000)
    assert origin == "statistics"
    real = WORLD.unit("text")
    np.testing.assert_allclose(rows.mean(0), real.mean(0), atol=0.08)
    if method == "whiten":
        np.testing.assert_allclose(np.cov(rows.T), np.cov(real.T), atol=0.03)


def test_a_map_without_statistics_does_not_grow():
    center = fitted_on("center")
    bare = {name: array for name, array in center.arrays.items() if name.endswith("_mean")}
    assert not inspection(
        AlignmentMap(method="center", parameters={}, dimension=DIM, arrays=bare)
    ).grows
