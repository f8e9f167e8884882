"""Any number of rows in flat memory, and no bad row gets in."""

import tracemalloc

import numpy as np
import pytest

from dohyo.monitor import Gathered, Monitor
from dohyo.rows import unit_rows


def test_bit_by_bit_is_the_same_as_at_once():
    rows = np.random.default_rng(0).normal(size=(900, 6))
    whole, parts = Gathered(), Gathered()
    assert whole.add("image", rows) == ""
    for start in range(0, 900, 7):
        assert parts.add("image", rows[start : start + 7]) == ""
    assert parts.rows("image") == 900
    assert parts.mean("image") == pytest.approx(unit_rows(rows).mean(0), abs=1e-6)
    assert whole.length("image") == pytest.approx(np.linalg.norm(rows, axis=1).mean())
    assert np.array_equal(whole.sample("image"), unit_rows(rows))
    assert np.array_equal(parts.sample("image"), whole.sample("image"))


def test_every_row_is_as_likely_to_be_in_the_sample():
    times = np.zeros(400)
    angles = np.linspace(0.1, 1.4, 400)
    rows = np.stack([np.cos(angles), np.sin(angles)], 1)
    for seed in range(500):
        gathered = Gathered(seed=seed, kept=40)
        for part in np.array_split(rows, 5):
            gathered.add("text", part)
        kept = gathered.sample("text")
        angle = np.arctan2(kept[:, 1], kept[:, 0])
        found = np.abs(angle[:, None] - angles).argmin(1)
        assert len(set(found)) == 40
        times[found] += 1
    # 500 draws of one in ten each: the fifths of the rows have 4,000 ± 60 places.
    assert times.reshape(5, 80).sum(1) == pytest.approx(4000, abs=250)


def test_a_million_rows_take_no_more_memory_than_a_block(tmp_path):
    path = tmp_path / "rows.npy"
    rows = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=(1_000_000, 8))
    rows[:] = np.random.default_rng(1).normal(size=(1000, 8)).astype(np.float16).repeat(1000, 0)
    rows.flush()
    monitor = Monitor(learn=1)
    tracemalloc.start()
    seen = monitor.update(np.load(path, mmap_mode="r"), None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen.phase == "learning"
    assert peak < 16e6  # a block of 16,384 rows of eight float64 is 1 MB, and there are a few


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
@pytest.mark.parametrize("many", [1, 40_000])
def test_rows_with_a_bad_one_among_them_are_refused_whole(bad, many):
    gathered = Gathered()
    rows = np.random.default_rng(2).normal(size=(50, 4))
    gathered.add("image", rows)
    wrong = np.ones((many, 4), np.float32)
    wrong[-1] = bad
    assert "NaN, infinity or only zeros" in gathered.add("image", wrong)
    assert gathered.rows("image") == 50
    assert gathered.mean("image") == pytest.approx(unit_rows(rows).mean(0), abs=1e-6)


@pytest.mark.parametrize(
    ("side", "rows", "said"),
    [
        ("image", np.ones(4), "no matrix"),
        ("image", np.ones((3, 4), int), "no matrix"),
        ("image", [["a", "b"]], "no matrix"),
        ("image", np.ones((3, 5)), "5 dimensions, not 4"),
        ("text", np.ones((3, 5)), "different dimensions"),
        ("text", np.ones((3, 0)), "different dimensions"),
    ],
)
def test_what_is_no_matrix_of_the_same_dimension_is_refused(side, rows, said):
    gathered = Gathered()
    gathered.add("image", np.ones((2, 4)))
    assert said in gathered.add(side, rows)
    assert gathered.modalities == ("image",)
    assert gathered.add("text", np.ones((0, 4))) == ""
    assert gathered.modalities == ("image",)


def test_what_was_gathered_is_judged_like_an_update():
    one, other = Monitor(learn=2, calibrate=5), Monitor(learn=2, calibrate=5)
    rng = np.random.default_rng(3)
    for _ in range(20):
        image, text = rng.normal(size=(2, 40, 5))
        gathered = other.gather()
        for part in (slice(0, 15), slice(15, 40)):
            gathered.add("image", image[part])
            gathered.add("text", text[part])
        first, second = one.update(image, text), other.judge(gathered)
        assert first.phase == second.phase
        assert first.values == pytest.approx(second.values, abs=1e-4)
    few = other.gather()
    few.add("image", np.ones((9, 5)))
    assert "fewer" in other.judge(few).why
