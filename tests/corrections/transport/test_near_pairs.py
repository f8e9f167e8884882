import numpy as np
import pytest

from dohyo.corrections.transport import near_pairs as graph
from dohyo.corrections.transport.near_pairs import near_pairs
from dohyo.corrections.transport.temperature import temperature
from dohyo.engine import cells as engine
from dohyo.engine.cells import sorted_by_cell
from dohyo.rows import unit_rows
from worlds import sphere


@pytest.fixture(scope="module")
def world():
    """Clumps on both sides, in about twenty cells a side."""
    rng = np.random.default_rng(0)
    centre = sphere(rng, 12, 8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "ROWS_IN_ONE_CELL", 100)
        patch.setattr(engine, "ROWS_PER_CELL", 40)
        for rows in (900, 700):
            each = unit_rows(centre[rng.integers(0, 12, rows)] + 0.2 * rng.normal(size=(rows, 8)))
            order, cells = sorted_by_cell(each)
            side = (each[order], cells)
            if rows == 900:
                image = side
        return *image, *side


def test_it_joins_the_nearest_of_both_directions(world):
    image, image_cells, text, text_cells = world
    found = near_pairs(image, image_cells, text, text_cells, k=15, perplexity=5.0)
    scores = (image @ text.T).astype(np.float64)
    by_image = scores >= -np.sort(-scores, axis=1)[:, 14:15]
    by_text = scores >= -np.sort(-scores, axis=0)[14:15]
    wanted, near = by_image | by_text, found.near.toarray()
    joined = near > 0
    assert (joined & wanted).sum() / wanted.sum() >= 0.93
    assert found.share == joined.mean()
    np.testing.assert_allclose(near[joined], np.exp(found.beta * (scores[joined] - 1)), rtol=1e-3)


def test_temperature_and_the_worth_of_the_rest_are_those_of_all_pairs(world, monkeypatch):
    image, image_cells, text, text_cells = world
    monkeypatch.setattr(graph, "SAMPLE", 10_000)
    found = near_pairs(image, image_cells, text, text_cells, k=15, perplexity=5.0)
    scores = image @ text.T
    assert found.beta == pytest.approx(temperature(scores, 5.0), rel=1e-6)
    assert found.perplexity == pytest.approx(5.0, rel=1e-5)
    rest = found.near.toarray() == 0
    kernel = np.exp(found.beta * (scores.astype(np.float64) - 1))
    assert found.far == pytest.approx(kernel[rest].mean(), rel=1e-3)


def test_a_sample_of_images_comes_near_to_it(world, monkeypatch):
    image, image_cells, text, text_cells = world
    monkeypatch.setattr(graph, "SAMPLE", 300)
    found = near_pairs(image, image_cells, text, text_cells, k=15, perplexity=5.0)
    assert found.beta == pytest.approx(temperature(image @ text.T, 5.0), rel=0.03)
