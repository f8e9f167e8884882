"""Finished parts outlive a process, for the same work only."""

import errno
import os

import numpy as np
import pytest

from dohyo.errors import CorpusError, Interrupted, UsageError
from dohyo.io import npy_writer, rows
from dohyo.io.draft import open_draft, parts_of, stamp
from dohyo.io.rows import rewrite

X = np.random.default_rng(0).normal(size=(100, 6)).astype(np.float32)
FACTS = {"map": "a"}


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(rows, "BYTES_PER_BLOCK", 6 * 4 * 7)
    monkeypatch.setattr(npy_writer, "BYTES_BETWEEN_SYNCS", 1)


@pytest.fixture
def files(tmp_path, small_blocks):
    np.save(tmp_path / "in.npy", X)
    rewrite(tmp_path / "in.npy", tmp_path / "wanted.npy", doubled)
    return tmp_path


def doubled(block):
    return block * 2


def stops_at(first_row, error):
    """Return a function that works until it meets a row, and the rows it was shown."""
    seen = []

    def work(block):
        if (block == X[first_row]).all(axis=1).any():
            raise error
        seen.append(len(block))
        return block * 2

    return work, seen


def counted():
    seen = []

    def work(block):
        seen.append(len(block))
        return block * 2

    return work, seen


def stopped(folder, at=60, error=KeyboardInterrupt, facts=FACTS):
    work, _ = stops_at(at, error if isinstance(error, BaseException) else error())
    rewrite(folder / "in.npy", folder / "out.npy", work, made_by=facts)


def finished(folder, facts=FACTS):
    """Finish, and return how many rows were done in this run."""
    work, seen = counted()
    rewrite(folder / "in.npy", folder / "out.npy", work, made_by=facts)
    wanted = np.load(folder / "in.npy") * 2
    np.testing.assert_array_equal(np.load(folder / "out.npy"), wanted)
    assert not parts_of(folder / "out.npy").exists()
    return sum(seen)


def test_an_interrupted_file_goes_on_behind_what_is_on_the_disk(files):
    with pytest.raises(Interrupted, match=r"kept in .*out\.npy\.parts.*same command again"):
        stopped(files)
    assert not (files / "out.npy").exists()
    assert 0 < finished(files) < 100
    assert (files / "out.npy").read_bytes() == (files / "wanted.npy").read_bytes()


def test_another_map_begins_anew(files):
    with pytest.raises(Interrupted):
        stopped(files)
    assert finished(files, {"map": "b"}) == 100


def test_a_changed_source_begins_anew(files):
    with pytest.raises(Interrupted):
        stopped(files)
    changed = X.copy()
    changed[0] += 1
    np.save(files / "in.npy", changed)
    assert finished(files) == 100


def test_a_draft_that_was_cut_short_begins_anew(files):
    with pytest.raises(Interrupted):
        stopped(files)
    draft = parts_of(files / "out.npy") / "done" / "rows.npy"
    draft.write_bytes(draft.read_bytes()[:200])
    assert finished(files) == 100


def test_garbage_behind_the_synced_rows_is_overwritten(files):
    with pytest.raises(Interrupted):
        stopped(files)
    with (parts_of(files / "out.npy") / "done" / "rows.npy").open("ab") as draft:
        draft.write(b"half a row")
    finished(files)
    assert (files / "out.npy").read_bytes() == (files / "wanted.npy").read_bytes()


def test_a_bad_row_leaves_nothing_behind(files):
    bad = X.copy()
    bad[60, 1] = np.nan
    np.save(files / "in.npy", bad)

    def refuses(block):
        if np.isnan(block).any():
            raise CorpusError("Bad.", hint="")
        return block

    with pytest.raises(CorpusError, match="row 60"):
        rewrite(files / "in.npy", files / "out.npy", refuses, made_by=FACTS)
    assert sorted(p.name for p in files.iterdir()) == ["in.npy", "wanted.npy"]


def test_a_full_disk_keeps_what_is_finished_and_says_so(files):
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(UsageError, match=r"No space left.*kept in .*make room.*again"):
        stopped(files, error=full)
    assert finished(files) < 100


def test_only_one_process_writes_a_target(tmp_path):
    with (
        open_draft(tmp_path / "out", FACTS),
        pytest.raises(UsageError, match="Another dohyo"),
        open_draft(tmp_path / "out", FACTS),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_a_foreign_folder_is_left_alone(tmp_path):
    parts = parts_of(tmp_path / "out")
    parts.mkdir()
    (parts / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"mine\.txt"), open_draft(tmp_path / "out", FACTS):
        pass
    assert (parts / "mine.txt").read_text() == "mine"


def test_a_stamp_tells_changes_at_both_ends(tmp_path):
    file = tmp_path / "f"
    stamps = []
    for content in (b"a" + bytes(3 << 20) + b"b", b"c" + bytes(3 << 20) + b"b", b"a" * (1 << 20)):
        file.write_bytes(content)
        os.utime(file, ns=(0, 0))
        stamps.append(stamp(file))
    assert len({each["ends"] for each in stamps}) == 3


def test_a_disk_that_fills_before_anything_is_safe_leaves_nothing(files, monkeypatch):
    monkeypatch.setattr(npy_writer, "BYTES_BETWEEN_SYNCS", 1 << 30)
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(UsageError, match="nothing was written"):
        stopped(files, error=full)
    assert not parts_of(files / "out.npy").exists()
