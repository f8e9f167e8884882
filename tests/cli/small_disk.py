"""A real disk of a few megabytes, and what fills it."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

SIZE, LEFT = 24 << 20, 48 << 10
"""Bytes of the disk, and bytes left on it once it was filled."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder on a disk of its own, of a few megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "dohyo-test", str(disk)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("may not mount a small disk")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def filled(disk: Path) -> Path:
    """Fill a disk but for a little, and return the file that does."""
    filler = disk / "filler"
    room = os.statvfs(disk)
    filler.write_bytes(bytes(room.f_bavail * room.f_frsize - LEFT))
    return filler
