import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest
from scipy.stats import binom

from dohyo.demo import build
from dohyo.encoders.builtin import load
from dohyo.errors import UsageError

pytest.importorskip("PIL", reason="needs Pillow")
pytest.importorskip("onnxruntime", reason="needs onnxruntime")

PRINT_DIGEST = """
from hashlib import sha256
from dohyo.demo import build
from dohyo.encoders.builtin import load
w = build(load(threads=1), pictures=8, seed=4)
told = "|".join(w.caption).encode()
drawn = b"".join(p.tobytes() for p in w.pictures)
print(sha256(w.image.tobytes() + w.text.tobytes() + told + drawn).hexdigest())
"""


def recall_at_1(world):
    score = world.text @ world.image.T
    to_image = score.argmax(1) == world.text_to_image
    to_text = world.text_to_image[score.argmax(0)] == np.arange(len(world.image))
    return to_image.mean(), to_text.mean()


def zero_shot_accuracy(world):
    return ((world.image @ world.class_text.T).argmax(1) == world.label).mean()


def test_shapes_and_types(world):
    n, m, k = 400, len(world.caption), len(world.class_name)
    d = load().dimension
    expected = {
        "image": ((n, d), np.float32),
        "text": ((m, d), np.float32),
        "text_to_image": ((m,), np.int64),
        "label": ((n,), np.int64),
        "class_text": ((k, d), np.float32),
    }
    for name, (shape, dtype) in expected.items():
        array = getattr(world, name)
        assert (array.shape, array.dtype) == (shape, dtype), name
    assert {field.name for field in fields(world)} == {
        *expected, "caption", "class_name", "pictures"
    }  # fmt: skip
    assert len(world.pictures) == n
    assert set(np.bincount(world.text_to_image)) == {2, 3}
    assert 0 <= world.label.min() <= world.label.max() == k - 1


def test_rows_are_unit_vectors(world, untrained_world):
    for corpus in (world, untrained_world):
        for rows in (corpus.image, corpus.text, corpus.class_text):
            np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_the_same_seed_gives_the_same_bytes_in_any_process():
    command = [sys.executable, "-c", PRINT_DIGEST]
    assert len({subprocess.check_output(command) for _ in range(2)}) == 1


def test_another_seed_gives_another_corpus():
    encoder = load()
    one, other = (build(encoder, pictures=3, seed=seed) for seed in (0, 1))
    assert one.caption != other.caption
    assert one.pictures[0].tobytes() != other.pictures[0].tobytes()


def test_both_encoders_see_the_same_pictures_and_captions(world, untrained_world):
    assert world.caption == untrained_world.caption
    assert world.pictures[7].tobytes() == untrained_world.pictures[7].tobytes()
    assert not np.array_equal(world.image, untrained_world.image)


def test_the_trained_encoder_pairs_well_above_chance(world):
    assert min(recall_at_1(world)) > 10 / len(world.image)


def test_the_untrained_encoder_pairs_at_chance(untrained_world):
    n = len(untrained_world.image)
    assert max(recall_at_1(untrained_world)) <= binom.ppf(0.9999, n, 1 / n) / n


def test_classes_are_recognised_only_after_training(world, untrained_world):
    n, chance = len(world.image), 1 / len(world.class_name)
    assert zero_shot_accuracy(world) > 3 * chance
    assert zero_shot_accuracy(untrained_world) <= binom.ppf(0.9999, n, chance) / n


def test_the_gap_is_there_to_be_measured(world):
    gap = world.image.mean(0, dtype=np.float64) - world.text.mean(0, dtype=np.float64)
    assert np.linalg.norm(gap) >= 0.3


@pytest.mark.parametrize(("pictures", "seed"), [(0, 0), (-3, 0), (5, -1)])
def test_impossible_requests_are_answered_in_one_line(pictures, seed):
    with pytest.raises(UsageError, match="Ask for at least one picture"):
        build(load(), pictures=pictures, seed=seed)
