"""A picture inside the page, with nothing but the standard library to make it."""

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

LARGEST = 128


def data_uri(picture: NDArray[np.uint8]) -> str:
    """Return a (h, w, 3) picture as a PNG data URI, thinned out to at most 128 pixels a side."""
    step = -(-max(picture.shape[:2]) // LARGEST)
    return "data:image/png;base64," + base64.b64encode(png(picture[::step, ::step])).decode()


def png(picture: NDArray[np.uint8]) -> bytes:
    """Encode a (h, w, 3) picture (PNG specification, W3C 2003: 8-bit RGB, no filter)."""
    height, width, _ = picture.shape
    rows = np.concatenate(
        [np.zeros((height, 1), np.uint8), picture.reshape(height, width * 3)], axis=1
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
