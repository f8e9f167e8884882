import errno
import os

import pytest

from dohyo.errors import UsageError
from dohyo.io.atomic import new_file, new_folder

FULL = (
    "Cannot write {}: No space left on device. "
    "Check the disk's space and the folder's permissions; nothing was written."
)


def full_disk(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def write(into, text="new", then=None):
    """Fill what a block yields: a folder with two files, or the file itself; perhaps fail."""
    if into.is_dir():
        (into / "inner").mkdir()
        (into / "inner" / "a.txt").write_text(text)
        (into / "b.txt").write_text(text)
    else:
        into.write_text(text)
    if then is not None:
        raise then


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


both = pytest.mark.parametrize("opened", [new_file, new_folder])


def old(opened, target):
    """Put something in the way."""
    if opened is new_file:
        target.write_text("old")
    else:
        target.mkdir()
        (target / "b.txt").write_text("old")


@pytest.fixture
def room(tmp_path):
    (tmp_path / "neighbour").write_text("mine")
    return tmp_path


@both
def test_what_was_written_stands_under_the_name_and_nothing_else_beside(opened, room):
    with opened(room / "deep" / "target") as draft:
        write(draft)
        assert not (room / "deep" / "target").exists()
    names = (
        {"deep/target"} if opened is new_file else {"deep/target/inner/a.txt", "deep/target/b.txt"}
    )
    assert tree(room).keys() == names | {"neighbour"}
    assert [p.name for p in (room / "deep").iterdir()] == ["target"]


@both
@pytest.mark.parametrize("in_the_way", [False, True])
@pytest.mark.parametrize("error", [RuntimeError("half-way"), KeyboardInterrupt()])
def test_an_error_inside_the_block_leaves_everything_as_it_was(opened, in_the_way, error, room):
    if in_the_way:
        old(opened, room / "target")
    before = tree(room), sorted(room.iterdir())
    ours = {"ours": frozenset({"b.txt"})} if opened is new_folder else {}
    with (
        pytest.raises(type(error)),
        opened(room / "target", overwrite=in_the_way, **ours) as draft,
    ):
        write(draft, then=error)
    assert (tree(room), sorted(room.iterdir())) == before


@both
@pytest.mark.parametrize("in_the_way", [False, True])
@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_a_full_disk_is_one_line_and_leaves_everything_as_it_was(
    opened, in_the_way, fails, room, monkeypatch
):
    if in_the_way:
        old(opened, room / "target")
    before = tree(room), sorted(room.iterdir())
    ours = {"ours": frozenset({"b.txt"})} if opened is new_folder else {}
    monkeypatch.setattr(os, fails, full_disk)
    with (
        pytest.raises(UsageError) as caught,
        opened(room / "target", overwrite=in_the_way, **ours) as draft,
    ):
        write(draft)
    assert str(caught.value) == FULL.format(room / "target")
    assert (tree(room), sorted(room.iterdir())) == before


def test_a_folder_already_moved_aside_comes_back_when_the_new_one_cannot_take_its_place(
    room, monkeypatch
):
    old(new_folder, room / "target")
    before = tree(room)
    plain = os.replace

    def fails_for_the_draft(source, target):
        return full_disk() if source.name == "new" else plain(source, target)

    monkeypatch.setattr(os, "replace", fails_for_the_draft)
    with (
        pytest.raises(UsageError, match=r"No space left on device\."),
        new_folder(room / "target", overwrite=True, ours=frozenset({"b.txt"})) as draft,
    ):
        write(draft)
    assert tree(room) == before


def test_a_disk_that_fills_up_while_the_block_writes_is_one_line_too(room):
    with pytest.raises(UsageError) as caught, new_file(room / "target"):
        full_disk()
    assert str(caught.value) == FULL.format(room / "target")
    assert tree(room).keys() == {"neighbour"}


def test_nothing_is_replaced_without_being_told_to(room):
    for opened in (new_file, new_folder):
        target = room / opened.__name__
        old(opened, target)
        before = tree(room)
        with pytest.raises(UsageError) as caught, opened(target) as draft:
            write(draft)
        assert "add --overwrite." in str(caught.value)
        assert tree(room) == before


@both
def test_what_is_replaced_is_replaced_whole(opened, room):
    old(opened, room / "target")
    ours = {"ours": frozenset({"b.txt"})} if opened is new_folder else {}
    with opened(room / "target", overwrite=True, **ours) as draft:
        if draft.is_dir():
            (draft / "c.txt").write_text("new")
        else:
            write(draft)
    wanted = {"target": b"new"} if opened is new_file else {"target/c.txt": b"new"}
    assert tree(room) == wanted | {"neighbour": b"mine"}


def test_a_folder_with_a_strangers_file_is_never_replaced(room):
    old(new_folder, room / "target")
    (room / "target" / "thesis.tex").write_text("years")
    before = tree(room)
    with (
        pytest.raises(UsageError) as caught,
        new_folder(room / "target", overwrite=True, ours=frozenset({"b.txt"})),
    ):
        pass
    assert str(caught.value) == (
        f"{room / 'target'} holds thesis.tex, which dohyo did not write there. "
        "Choose another folder; --overwrite replaces only dohyo's own."
    )
    assert tree(room) == before


def test_an_empty_folder_is_filled_without_being_told_to(room):
    (room / "target").mkdir()
    with new_folder(room / "target") as draft:
        write(draft)
    assert (room / "target" / "b.txt").read_text() == "new"


def test_the_folder_one_stands_in_is_not_swapped_away(room, monkeypatch):
    monkeypatch.chdir(room)
    with pytest.raises(UsageError, match=r"is the folder you are in\. Name a new folder"):
        new_folder(room, overwrite=True).__enter__()


@pytest.mark.parametrize(
    ("opened", "blocked_by", "message"),
    [
        (new_folder, "file", "{} is a file, not a folder. Choose another name."),
        (new_file, "folder", "{} is a folder. Name a file."),
    ],
)
def test_the_wrong_kind_of_thing_in_the_way_is_named(opened, blocked_by, message, room):
    target = room / "target"
    target.write_text("x") if blocked_by == "file" else target.mkdir()
    with pytest.raises(UsageError) as caught, opened(target, overwrite=True):
        pass
    assert str(caught.value) == message.format(target)


def test_a_parent_that_is_a_file_is_answered_in_one_line(room):
    with pytest.raises(UsageError, match=r"^Cannot write .*neighbour/target: "):
        new_folder(room / "neighbour" / "target").__enter__()
