import numpy as np
import pytest

from dohyo.demo.outlines import contours
from dohyo.demo.scenes import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_an_outline_fills_the_unit_disc_and_hardly_exceeds_it(kind):
    outer = contours(kind)[0]
    reach = np.linalg.norm(outer, axis=1).max()
    assert 0.9 <= reach <= 1.3
    assert np.abs(outer.mean(0)).max() < 0.35


@pytest.mark.parametrize("kind", ["ring", "flower"])
def test_a_hole_lies_inside_the_outline(kind):
    outer, hole = contours(kind)
    assert np.linalg.norm(hole, axis=1).max() < np.linalg.norm(outer, axis=1).min()


def test_no_two_kinds_look_alike():
    shapes = {kind: contours(kind)[0].round(3).tobytes() for kind in KINDS}
    assert len(set(shapes.values())) == len(KINDS)
