"""A small corpus on the disk, and the command line without a new process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from dohyo.cli.main import status


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def dohyo(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Run a command in an empty folder and return what it said."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Said:
        code = status([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


def arrays(pairs: int = 60, dim: int = 16, seed: int = 0) -> dict[str, np.ndarray]:
    """Return pairs that share a direction, with a gap of one constant vector."""
    rng = np.random.default_rng(seed)
    meaning = rng.normal(size=(pairs, dim))
    shift = np.zeros(dim)
    shift[0] = 6.0
    image = meaning + 0.4 * rng.normal(size=(pairs, dim)) + shift
    text = meaning + 0.4 * rng.normal(size=(pairs, dim)) - shift
    return {"image": image.astype(np.float32), "text": text.astype(np.float32)}


@pytest.fixture
def corpus_file(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.npz"
    np.savez(path, **arrays())
    return path


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """Save arrays under their keys, and return the file."""

    def save(**given: np.ndarray) -> Path:
        path = tmp_path / "given.npz"
        np.savez(path, **given)
        return path

    return save
