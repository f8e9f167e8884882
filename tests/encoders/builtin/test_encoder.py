import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.demo.captions import vocabulary
from dohyo.encoders.builtin import NAMES, BuiltinEncoder, load
from dohyo.encoders.builtin.encoder import fingerprint
from dohyo.encoders.builtin.tokenizer import Tokenizer
from dohyo.encoders.protocol import Encoder
from dohyo.errors import MissingExtra, UsageError

Image = pytest.importorskip("PIL.Image", reason="needs Pillow")
pytest.importorskip("onnxruntime", reason="needs onnxruntime")

TEXTS = ("a red star", "two blue moons above a green ring", "", "something else entirely")


@pytest.fixture(scope="module", params=NAMES)
def encoder(request) -> Encoder:
    return load(request.param, threads=1)


def noise(count, seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, (count, 64, 64, 3), dtype=np.uint8)
    return [Image.fromarray(picture) for picture in pixels]


def test_rows_are_unit_float32_of_the_said_dimension(encoder):
    for rows, count in [(encoder.encode_images(noise(3)), 3), (encoder.encode_texts(TEXTS), 4)]:
        assert (rows.shape, rows.dtype) == ((count, encoder.dimension), np.float32)
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_nothing_in_nothing_out(encoder):
    for rows in (encoder.encode_images([]), encoder.encode_texts([])):
        assert (rows.shape, rows.dtype) == ((0, encoder.dimension), np.float32)


def test_the_same_input_gives_the_same_bytes(encoder):
    again = load(encoder.name, threads=1)
    assert encoder.encode_images(noise(5)).tobytes() == again.encode_images(noise(5)).tobytes()
    assert encoder.encode_texts(TEXTS).tobytes() == again.encode_texts(TEXTS).tobytes()


def test_batches_and_order_do_not_matter(encoder):
    pictures = noise(70)
    together = encoder.encode_images(pictures)
    alone = np.vstack([encoder.encode_images([picture]) for picture in pictures[::-1]])[::-1]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_odd_pictures_are_encoded(encoder):
    odd = [Image.new("L", (30, 90)), Image.new("RGBA", (65, 64)), Image.new("P", (1, 1))]
    assert np.isfinite(encoder.encode_images(odd)).all()


def test_threads_may_share_an_encoder(encoder):
    expected = encoder.encode_texts(TEXTS).tobytes()
    with ThreadPoolExecutor(4) as pool:
        for rows in pool.map(lambda _: encoder.encode_texts(TEXTS), range(8)):
            assert rows.tobytes() == expected


def test_an_encoder_is_frozen(encoder):
    with pytest.raises(FrozenInstanceError):
        encoder.name = "another"


def test_the_vocabulary_is_the_grammars(encoder):
    assert Tokenizer.from_json(encoder.vocabulary) == Tokenizer.from_words(vocabulary())


def test_fingerprints_tell_encoders_apart_and_stay():
    one, again, other = load(NAMES[0]), load(NAMES[0], threads=1), load(NAMES[1])
    assert one.fingerprint == again.fingerprint != other.fingerprint
    assert len(one.fingerprint) == 64


@pytest.mark.parametrize("tower", ["image_model", "text_model"])
def test_one_changed_byte_of_the_weights_changes_the_fingerprint(tower):
    shipped = load()
    parts = {part: getattr(shipped, part) for part in ("image_model", "text_model", "vocabulary")}
    changed = bytearray(parts[tower])
    changed[len(changed) // 2] ^= 1
    other = BuiltinEncoder("shapes-world", **(parts | {tower: bytes(changed)}))
    assert other.fingerprint != shipped.fingerprint


@given(parts=st.lists(st.binary(max_size=20), min_size=3, max_size=3), data=st.data())
def test_a_fingerprint_sees_every_bit_and_every_seam(parts, data):
    whole = b"".join(parts)
    cut = data.draw(st.integers(0, len(whole)))
    moved = [whole[:cut], whole[cut:], b""]
    assert (fingerprint(*parts) == fingerprint(*moved)) == (parts == moved)
    if whole:
        at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
        flipped = bytearray(whole)
        flipped[at] ^= 1 << bit
        assert fingerprint(bytes(flipped)) != fingerprint(whole)


def test_everything_shipped_stays_below_three_megabytes():
    folder = files("dohyo.encoders.builtin")
    shipped = [file for name in NAMES for file in (folder / name).iterdir()]
    assert sum(len(file.read_bytes()) for file in shipped) < 3_000_000
    assert {file.name for file in shipped} == {"image.onnx", "text.onnx"}


def test_an_unknown_name_is_answered_with_those_there_are():
    with pytest.raises(UsageError, match="Choose one of: shapes-world, shapes-world-untrained"):
        load("clip")


def test_without_onnxruntime_the_line_to_type_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(
        MissingExtra,
        match=r'^The built-in encoder needs onnxruntime\. pip install "dohyo\[demo\]"$',
    ):
        load()
