"""What is remembered is bounded, and goes through bytes unchanged."""

from datetime import UTC, datetime

import numpy as np
import pytest

from dohyo.monitor.batch import Batch, Side
from dohyo.monitor.explain.memory import Memory
from dohyo.monitor.explain.past import MOST_NAMES, OTHERS
from dohyo.monitor.explain.reservoir import PICTURES, THUMBNAIL, Reservoir

AT = datetime(2026, 1, 1, tzinfo=UTC)


def batch(n, *, rows=40, d=8, paired=True, pictures=True):
    rng = np.random.default_rng(n)
    return Batch(
        id=f"b{n}",
        at=AT,
        image=Side(
            rows=rng.normal(size=(rows, d)),
            label=tuple(f"label {each % 3}" for each in range(rows)),
            picture=np.full((rows, 200, 90, 3), n % 250, np.uint8) if pictures else None,
        ),
        text=Side(rows=rng.normal(size=(rows, d)), caption=tuple(map(str, range(rows)))),
        text_to_image=np.arange(rows) if paired else None,
    )


def filled(keep=20, batches=8, **given):
    memory = Memory(keep=keep)
    for n in range(batches):
        memory.take(batch(n, **given), learning=n < 4)
    return memory


@pytest.mark.parametrize("batches", [0, 2, 8])
@pytest.mark.parametrize("keep", [0, 20])
def test_loaded_it_goes_on_bit_for_bit(keep, batches):
    one = filled(keep, batches)
    other = Memory.load(one.save())
    assert other.save() == one.save()
    for n in range(batches, 10):
        for memory in (one, other):
            memory.take(batch(n), learning=n < 4)
    assert other.save() == one.save()


def test_it_is_small_however_long_it_watches():
    memory = filled(keep=50, batches=6, d=256)
    for n in range(6, 200):
        memory.take(batch(n, rows=5, d=256, pictures=False), learning=False)
    assert len(memory.latest) == 60
    assert len(memory.save()) < 2_000_000
    assert memory.latest[-1].id == "b199"


def test_without_leave_no_vector_is_kept():
    memory = filled(keep=0)
    assert memory.old.items("image") == memory.new.items("image") == []
    assert memory.old.pairs() is None


def test_pictures_are_few_and_small_and_captions_short():
    memory = filled(keep=100)
    held = [each.picture for each in memory.old.items("image") if each.picture is not None]
    assert 0 < len(held) <= PICTURES
    assert max(max(each.shape[:2]) for each in held) <= THUMBNAIL
    assert len(memory.old.items("image")) == 100


def test_pairs_stay_together_and_the_sample_is_uniform():
    counts = np.zeros(4)
    for seed in range(200):
        reservoir = Reservoir(10)
        rng = np.random.default_rng(seed)
        for n in range(4):
            given = Side(rows=np.eye(4)[[n] * 30])
            reservoir.add(
                Batch(id=str(n), at=AT, image=given, text=given, text_to_image=np.arange(30)), rng
            )
        images, texts = reservoir.pairs()
        np.testing.assert_array_equal(images, texts)
        assert len(images) == 10
        counts += images.sum(0)
    assert abs(counts / counts.sum() - 0.25).max() < 0.03  # 2,000 draws of one in four


def test_names_beyond_so_many_are_counted_as_others():
    memory = Memory()
    rows = 3 * MOST_NAMES
    side = Side(
        rows=np.random.default_rng(0).normal(size=(rows, 4)),
        label=tuple(f"label {each}" for each in range(rows)),
    )
    memory.take(Batch(id="b", at=AT, image=side), learning=True)
    counts = memory.before["image"]["label"].counts
    assert len(counts) == MOST_NAMES + 1
    assert counts[OTHERS] == 2 * MOST_NAMES


@pytest.mark.parametrize("data", [b"", b"x" * 100, b"\x02\x00\x00\x00\x00\x00\x00\x00{}"])
def test_what_is_no_memory_is_refused(data):
    with pytest.raises(ValueError, match="no memory"):
        Memory.load(data)
