import sys

import numpy as np
import pytest

from dohyo.encoders.builtin.pixels import to_pixels
from dohyo.errors import CorpusError, MissingExtra

Image = pytest.importorskip("PIL.Image", reason="needs Pillow")


def grey(side=64, value=128):
    return Image.new("L", (side, side), value)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV"])
@pytest.mark.parametrize("size", [(64, 64), (1, 1), (7, 301), (640, 480)])
def test_any_mode_and_size_is_read(mode, size):
    pixels = to_pixels([Image.new("RGB", size, "white").convert(mode)], 64)
    assert (pixels.shape, pixels.dtype) == ((1, 64, 64, 3), np.uint8)


def test_a_picture_of_the_right_size_is_taken_as_it_is():
    rng = np.random.default_rng(0)
    exact = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    np.testing.assert_array_equal(to_pixels([Image.fromarray(exact)], 64)[0], exact)


def test_grey_is_the_same_in_all_three_channels():
    assert (to_pixels([grey(50)], 64) == 128).all()


def test_transparent_is_white():
    clear = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    assert (to_pixels([clear], 64) == 255).all()


def test_sixteen_bits_are_scaled_not_clipped():
    deep = Image.fromarray(np.full((64, 64), 128 * 256, dtype=np.uint16))
    assert deep.mode == "I;16"
    assert (to_pixels([deep], 64) == 128).all()


def test_no_pictures_are_no_rows():
    assert to_pixels([], 64).shape == (0, 64, 64, 3)


@pytest.mark.parametrize(("mode", "size"), [("RGB", (0, 3)), ("La", (3, 3))])
def test_an_unreadable_picture_is_named(mode, size):
    bad = Image.new(mode, size)
    with pytest.raises(CorpusError, match=rf"^Picture 1 \(mode {mode}, \d x 3\) cannot be read"):
        to_pixels([grey(), bad], 64)


def test_without_pillow_the_line_to_type_is_named(monkeypatch):
    picture = grey()
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(MissingExtra, match=r'encoder needs PIL\. pip install "dohyo\[demo\]"$'):
        to_pixels([picture], 64)
