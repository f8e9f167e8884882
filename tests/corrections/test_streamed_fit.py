"""Methods that read moments alone never hold all rows, wherever the rows are."""

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.corrections.evidence import Evidence, Side
from dohyo.corrections.map import fit_map
from dohyo.corrections.registry import METHODS

LINEAR = sorted(
    name for name, each in METHODS.items() if each.keeps in ("mean", "variance", "scatter")
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    rng = np.random.default_rng(0)
    meaning = rng.normal(size=(9_000, 12))
    for name, shift in (("image", 3.0), ("text", -3.0)):
        rows = meaning + rng.normal(size=meaning.shape)
        rows[:, 0] += shift
        np.save(folder / f"{name}.npy", rows.astype(np.float32))
    return folder


def corpus(files, **options) -> Corpus:
    image, text = (np.load(files / f"{name}.npy", **options) for name in ("image", "text"))
    return Corpus.from_arrays(image, text)


@pytest.mark.parametrize("calibrate", [0.0, 1.0])
@pytest.mark.parametrize("method", LINEAR)
def test_a_linear_fit_never_asks_for_all_rows(files, method, calibrate, monkeypatch):
    wanted = fit_map(method, Evidence.of(corpus(files)), {"calibrate": calibrate})

    def never(side):
        raise AssertionError("all rows at once")

    monkeypatch.setattr(Side, "rows", property(never))
    stored = Evidence.of(corpus(files, mmap_mode="r"))
    found = fit_map(method, stored, {"calibrate": calibrate})
    assert set(found.arrays) == set(wanted.arrays)
    for name, array in wanted.arrays.items():
        np.testing.assert_allclose(found.arrays[name], array, atol=1e-6)


def test_there_are_such_methods():
    assert set(LINEAR) >= {"center", "standardize", "whiten", "gaussian_ot"}


def test_a_part_of_stored_rows_is_read_when_it_is_needed(files):
    whole = Evidence.of(corpus(files, mmap_mode="r"))
    images, texts = np.arange(0, 9_000, 2), np.arange(1, 9_000, 2)
    part = whole.part(images, texts)
    assert part.image.given is whole.image.given
    np.testing.assert_array_equal(part.image.rows, whole.image.rows[images])
    again = part.part(np.arange(10), np.arange(10))
    np.testing.assert_array_equal(again.text.rows, whole.text.rows[texts[:10]])
