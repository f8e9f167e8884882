"""dohyo migrate into a folder that is full, or that it may not write."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.small_disk import filled, small_disk
from tests.cli.test_migrate import check_copy, fitted, held, rows
from tests.stores.places import ChromaFolder, LanceFolder, MilvusLite, Place, QdrantFolder
from tests.stores.rights import WITHOUT_ROOT

from dohyo.stores.protocol import Rows

__all__ = ["fitted", "small_disk"]
PLACES = [LanceFolder(), QdrantFolder(), MilvusLite(), ChromaFolder()]
EACH = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)
COUNT = 2_000
"""Rows whose copy needs more than is left on a disk that was filled."""


def keyed(place: Place, count: int) -> Rows:
    given = rows(count)
    if "int" in place.keys:
        return given
    return Rows(tuple(map(str, given.ids)), given.vectors, given.payload)


def migrate(place: Place, folder: Path, name: str, fitted: Path, before=()) -> tuple[int, str]:
    """Run the command in a process of its own, for a client may not outlive a full disk."""
    # fmt: off
    ran = subprocess.run(
        [*before, sys.executable, "-m", "dohyo", "migrate", place.url(folder), name, "--map",
         str(fitted), "--force", "--quiet"],
        capture_output=True, text=True, timeout=120, check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    # fmt: on
    return ran.returncode, ran.stderr


def filled_store(place: Place, folder: Path, count: int) -> tuple[str, dict]:
    """Make a collection, under an alias where there are any; return its name and its rows."""
    with place.opened(folder) as store:
        place.make(store, "products", keyed(place, count))
        if aliases := store.has_aliases:
            store.switch("live", "products")
    with place.opened(folder) as store:
        return "live" if aliases else "products", held(store, "products")


def check_untouched(place: Place, folder: Path, before: dict) -> None:
    with place.opened(folder) as store:
        after = held(store, "products")
        assert after.keys() == before.keys()
        assert all((after[key][0] == before[key][0]).all() for key in before)
        assert not store.has_aliases or store.resolve("live") == "products"


@EACH
def test_a_full_disk_is_one_line_and_after_making_room_it_goes_on(place, small_disk, fitted):
    name, before = filled_store(place, small_disk, COUNT)
    filler = filled(small_disk)
    code, said = migrate(place, small_disk, name, fitted)
    assert code == 2, said
    assert len(said.splitlines()) == 1, said
    assert ".rs:" not in said, said
    filler.unlink()
    check_untouched(place, small_disk, before)
    code, said = migrate(place, small_disk, name, fitted)
    assert code == 0, said
    with place.opened(small_disk) as store:
        check_copy(store, "products", fitted)


@EACH
@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
def test_a_folder_that_may_not_be_written_is_one_line(place, fitted, tmp_path):
    name, before = filled_store(place, tmp_path, 40)
    folder = tmp_path / place.folder
    everything = [folder, *folder.rglob("*")]
    modes = {each: each.stat().st_mode for each in everything}
    for each in everything:
        each.chmod(0o555 if each.is_dir() else 0o444)
    try:
        code, said = migrate(place, tmp_path, name, fitted, before=WITHOUT_ROOT)
    finally:
        for each, mode in modes.items():
            each.chmod(mode)
    assert code == 2, said
    assert len(said.splitlines()) == 1, said
    assert ".rs:" not in said, said
    check_untouched(place, tmp_path, before)
