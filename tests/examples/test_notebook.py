"""The notebook for researchers runs from top to bottom, and is stored without what it said."""

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

NOTEBOOK = Path(__file__).parents[2] / "examples" / "researcher.ipynb"


@pytest.fixture(scope="module")
def stored():
    return nbformat.read(NOTEBOOK, as_version=4)


def test_it_is_stored_without_outputs(stored):
    code = [cell for cell in stored.cells if cell.cell_type == "code"]
    assert code
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


def test_it_runs_and_draws_three_pictures(stored, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    # Jupyter keeps its own files in the home folder, and its sockets need a short name.
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    client = nbclient.NotebookClient(
        stored, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    ran = client.execute()
    outputs = [out for cell in ran.cells if cell.cell_type == "code" for out in cell.outputs]
    assert not [out for out in outputs if out.output_type == "error"]
    assert not [out for out in outputs if out.get("name") == "stderr"]
    drawn = [out for out in outputs if "image/svg+xml" in out.get("data", {})]
    assert len(drawn) == 3
    said = "".join(out.get("text", "") for out in outputs)
    assert "'method': " in said
    assert "\n- " in said
