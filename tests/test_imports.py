"""The public names: complete, documented, light to import."""

import subprocess
import sys
from types import ModuleType

import pytest

import dohyo

HEAVY = {"torch", "ray", "nicegui", "altair", "sklearn", "onnxruntime", "PIL"}
TIMED = "import time; t = time.process_time(); import dohyo; print(time.process_time() - t)"


def test_all_is_sorted_and_complete():
    assert dohyo.__all__ == sorted(dohyo._HOMES)
    assert set(dohyo.__all__) <= set(dir(dohyo))
    assert not [n for n in dohyo.__all__ if isinstance(getattr(dohyo, n), ModuleType)]
    with pytest.raises(AttributeError, match="nothing"):
        dohyo.nothing  # noqa: B018


@pytest.mark.parametrize("name", dohyo.__all__)
def test_every_public_name_is_documented(name):
    doc = getattr(dohyo, name).__doc__ or ""
    # A bare dataclass gets its signature as docstring.
    assert doc.strip()
    assert not doc.startswith(f"{name}(")


def test_import_dohyo_loads_nothing_heavy():
    # A fresh interpreter, not this one.
    loaded = subprocess.check_output(
        [sys.executable, "-c", "import dohyo, sys; print(*sys.modules)"], text=True
    )
    assert not HEAVY & set(loaded.split())


def test_import_dohyo_takes_less_than_half_a_second():
    # Its own time on the core, at best: what it waits for others is not its doing.
    runs = (subprocess.check_output([sys.executable, "-c", TIMED], text=True) for _ in range(3))
    assert min(map(float, runs)) < 0.5
