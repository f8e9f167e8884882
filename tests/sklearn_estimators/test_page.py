"""The example in docs/sklearn.md runs and finds the correction."""

import re
from pathlib import Path

import numpy as np

PAGE = Path(__file__).parents[2] / "docs" / "sklearn.md"


def test_the_example_runs_and_chooses_a_correction(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    exec(code, names)
    assert names["search"].best_params_["method"] != "none"
    moved = names["moved"]
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), 1, atol=1e-5)
    assert np.linalg.norm(moved.mean(0)) < 0.2 < np.linalg.norm(names["texts"].mean(0))
