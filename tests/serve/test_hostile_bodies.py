"""Bodies made to do harm: 4xx in one shape, or 200 where it is what it says it is."""

import gzip
import io
import json
import struct
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dohyo.rollout.refusal import Refusal
from dohyo.serve.bodies import ARROW, JSON, NPY, to_arrow, vectors_of
from dohyo.serve.settings import Limits

pillow = pytest.importorskip("PIL.Image", reason="needs Pillow")


class Encoder:
    name, dimension, fingerprint = "mean", 16, "f"

    def encode_images(self, images):
        return np.array([[np.asarray(i).mean() + n for n in range(16)] for i in images], np.float32)

    def encode_texts(self, texts):
        return np.ones((len(texts), 16), np.float32)


@pytest.fixture
def seeing(made):
    return made(encoder=Encoder())


def picture(kind, size=(20, 20), mode="RGB", **how):
    out = io.BytesIO()
    pillow.new(mode, size, 128).save(out, kind, **how)
    return out.getvalue()


def zipped(name=b"a.txt", content=b"x"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name.decode(), content)
    return out.getvalue()


def chunk(kind, content):
    mark = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + mark


def png_saying(width, height, more=b""):
    """The head of a picture of any size, with next to nothing behind it."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1_000))
    return b"\x89PNG\r\n\x1a\n" + head + more + body + chunk(b"IEND", b"")


def with_exif(exif):
    """A JPEG whose EXIF is what is given."""
    plain = picture("JPEG")
    return (
        plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif + plain[2:]
    )


def refused(said, *statuses):
    assert said.status_code in statuses, (said.status_code, said.text[:200])
    assert set(said.json()) == {"error"}
    assert set(said.json()["error"]) == {"code", "message", "hint", "request_id"}


def post(client, body, kind="image/png"):
    return client.post("/v1/search/picture", content=body, headers={"content-type": kind})


SCRIPT = b"<html><script>alert(1)</script></html>"
FRAMES = {"save_all": True, "append_images": [pillow.new("RGB", (20, 20))] * 3}
REALLY = {
    "png and zip behind it": lambda: picture("PNG") + zipped(),
    "png and html behind it": lambda: picture("PNG") + SCRIPT,
    "gif and script behind it": lambda: picture("GIF") + b"*/=1;alert(1)//",
    "jpeg with html in its comment": lambda: picture("JPEG", comment=SCRIPT),
    "moving gif": lambda: picture("GIF", **FRAMES),
    "moving webp": lambda: picture("WEBP", **FRAMES),
    "jpeg said to be png": lambda: picture("JPEG"),
    "exif of noise": lambda: with_exif(b"\xff" * 60_000),
    "exif that points at itself": lambda: with_exif(
        b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0"
    ),
}
NO_PICTURE = {
    "html": lambda: SCRIPT,
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "svg that includes a file": lambda: (
        b'<!DOCTYPE s [<!ENTITY f SYSTEM "file:///etc/passwd">]><svg/>'
    ),
    "zip before a png": lambda: zipped() + picture("PNG"),
    "gif's name and script": lambda: b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)",
    "png's name and zip": lambda: b"\x89PNG\r\n\x1a\n" + zipped(),
    "half a jpeg": lambda: picture("JPEG", (200, 200))[:400],
    "half a png": lambda: picture("PNG", (200, 200))[:60],
    "png with a wrong sum": lambda: picture("PNG")[:-20] + b"\0" * 20,
    "pdf": lambda: b"%PDF-1.7\n%%EOF",
    "postscript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (r) file",
    "nothing": lambda: b"",
    "empty png": lambda: png_saying(0, 0),
    "less than it says": lambda: png_saying(300, 300),
}
BOMBS = {
    "pixels": lambda: png_saying(60_000, 60_000),
    "one long line": lambda: png_saying(2**31 - 1, 1),
    "real pixels": lambda: picture("PNG", (9_000, 9_000), "1"),
    "tiff": lambda: picture("TIFF", (9_000, 9_000), "1", compression="group4"),
}
TEXT_BOMB = chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 30_000_000))


@pytest.mark.parametrize("name", sorted(REALLY))
def test_a_picture_with_something_in_it_is_a_picture(seeing, name):
    said = post(seeing, REALLY[name]())
    assert said.status_code == 200, said.text
    assert SCRIPT not in said.content


@pytest.mark.parametrize("name", sorted(NO_PICTURE))
def test_what_only_begins_like_a_picture_is_refused(seeing, name):
    refused(post(seeing, NO_PICTURE[name]()), 400)


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_few_bytes_that_stand_for_many_pixels_are_refused(seeing, name):
    body = BOMBS[name]()
    assert len(body) < 200_000
    refused(post(seeing, body), 400, 413)


def test_text_in_a_picture_that_unpacks_to_megabytes_is_refused(seeing):
    refused(post(seeing, png_saying(20, 20, TEXT_BOMB)), 400, 413)


def test_a_picture_of_too_many_bytes_is_refused(seeing):
    refused(post(seeing, picture("PNG") + b"\0" * (11 << 20)), 413)


BODY = {"vectors": [[1.0] * 16], "modality": "image"}
DEEP = b'{"vectors": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
WRONG = {
    "not a number": (JSON, b'{"vectors": [[NaN]], "modality": "image"}', 400),
    "infinity": (JSON, b'{"vectors": [[Infinity]], "modality": "image"}', 400),
    "too large for any float": (JSON, json.dumps(BODY).replace("1.0", "1e999").encode(), 400),
    "an integer of 5,000 digits": (
        JSON,
        json.dumps(BODY).replace("1.0", "9" * 5_000).encode(),
        400,
    ),
    "true for one": (JSON, b'{"vectors": [[true, 0.5, 2]], "modality": "image"}', 400),
    "false for nothing": (JSON, b'{"vectors": [[0.5, false]], "modality": "image"}', 400),
    "nulls": (JSON, b'{"vectors": [[null]], "modality": "image"}', 400),
    "half a body": (JSON, json.dumps(BODY).encode()[:40], 400),
    "deep": (JSON, DEEP, 400),
    "no utf-8": (JSON, b'{"vectors": "\xff\xfe"}', 400),
    "utf-16": (JSON, json.dumps(BODY).encode("utf-16"), 400),
    "a zip as npy": (NPY, zipped(), 400),
    "an npz": (NPY, zipped(b"vectors.npy", b"\0" * 10_000_000), 400),
    "a zip as json": (JSON, zipped(), 400),
    "gzip as arrow": (ARROW, gzip.compress(b"\0" * 10_000_000), 400),
    "half an arrow stream": (ARROW, to_arrow(np.ones((9, 16), np.float32))[:300], 400),
    "a form": ("application/x-www-form-urlencoded", b"vectors=1", 415),
    "html": ("text/html", SCRIPT, 415),
    "no kind": ("", json.dumps(BODY).encode(), 415),
    "json's kind in other words": ("application/json-patch+json", json.dumps(BODY).encode(), 415),
    "xml": ("application/xml", b'<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>', 415),
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_vectors_that_are_none_are_refused(client, name):
    kind, body, status = WRONG[name]
    asked = {} if kind == JSON else {"modality": "image"}
    said = client.post("/v1/transform", params=asked, content=body, headers={"content-type": kind})
    refused(said, status)


def test_npy_with_nan_or_infinity_is_refused(client):
    for bad in (np.nan, np.inf, -np.inf):
        out = io.BytesIO()
        np.save(out, np.full((3, 16), bad, np.float32))
        head = {"content-type": NPY}
        where = "/v1/transform?modality=image"
        refused(client.post(where, content=out.getvalue(), headers=head), 400)


@pytest.mark.parametrize("path", ["/v1/search", "/v1/measure", "/v1/feedback", "/v1/maps"])
@pytest.mark.parametrize("body", [b"", b"{", DEEP, zipped(), b'{"vector": [NaN]}', b"[]", b"null"])
def test_no_address_breaks_on_such_bodies(client, path, body):
    refused(client.post(path, content=body, headers={"content-type": JSON}), 400, 415, 422)


NUMBER = st.one_of(st.floats(allow_nan=False), st.integers(-(2**63), 2**64 - 1))
ODD = st.one_of(NUMBER, st.booleans(), st.none(), st.text(max_size=2), st.lists(NUMBER, max_size=2))


@settings(max_examples=300)
@given(st.lists(st.lists(st.one_of(NUMBER, ODD), min_size=1, max_size=4), min_size=1, max_size=3))
def test_lists_of_numbers_are_read_as_numpy_reads_them_bit_for_bit(value):
    sound = len({len(row) for row in value}) == 1 and all(
        type(each) in (int, float) for row in value for each in row
    )
    if not sound:
        with pytest.raises(Refusal):
            vectors_of(value, Limits())
        return
    with np.errstate(over="ignore"):
        wanted = np.array(value, np.float32)
    assert vectors_of(value, Limits()).tobytes() == wanted.tobytes()
