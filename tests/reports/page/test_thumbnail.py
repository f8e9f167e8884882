"""The PNG writer against Pillow, which had no part in it."""

import base64
import io

import numpy as np
import pytest

from dohyo.reports.page.thumbnail import LARGEST, data_uri, png

Image = pytest.importorskip("PIL.Image")


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 3, 3), (64, 64, 3)])
def test_every_pixel_survives(shape):
    picture = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    read = np.asarray(Image.open(io.BytesIO(png(picture))).convert("RGB"))
    np.testing.assert_array_equal(read, picture)


def test_a_large_picture_is_thinned_out():
    picture = np.zeros((300, 1000, 3), np.uint8)
    data = base64.b64decode(data_uri(picture).removeprefix("data:image/png;base64,"))
    assert max(Image.open(io.BytesIO(data)).size) <= LARGEST
