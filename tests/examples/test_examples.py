"""Every script in examples/ runs as its reader would run it, in an empty folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))
SAYS = {
    "store_lancedb.py": ("Written: products__dohyo_", "products: ", "pictures found of 50"),
    "store_qdrant.py": ("products: ", "products__dohyo_", "pictures found of 50"),
}
"""What must be in the output, by file; an example that is not named here has only to run."""


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs(path, tmp_path):
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "TMPDIR": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, str(path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    for said in SAYS.get(path.name, ()):
        assert said in ran.stdout


@pytest.mark.parametrize("name", ["store_lancedb.py", "store_qdrant.py"])
def test_after_the_correction_more_captions_find_their_picture_beside_the_texts(name, tmp_path):
    path = next(each for each in EXAMPLES if each.name == name)
    said = subprocess.run(
        [sys.executable, str(path)],
        cwd=tmp_path,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    counts = [int(line.split(": ")[1].split()[0]) for line in said.splitlines() if "pict" in line]
    assert counts[1] > counts[0]
    assert counts[2:] in ([], [counts[0]])  # and back as it was
