import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from dohyo.corpus import MODALITIES, Corpus
from dohyo.corrections import standardize
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from worlds import paired

WORLD = paired(np.random.default_rng(0), 130, 6, texts_each=2)
STRETCH = np.array([1.0, 2.0, 0.3, 1.0, 5.0, 0.7], np.float32)
CORPUS = Corpus.from_arrays(WORLD.image * STRETCH, WORLD.text / STRETCH, WORLD.text_to_image)

each_side = pytest.mark.parametrize("side", MODALITIES)


def fitted(corpus=CORPUS, **parameters):
    return fit_map("standardize", Evidence.of(corpus), parameters)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@each_side
def test_without_shrinkage_it_is_scikit_learns_standard_score(side):
    x = CORPUS.unit(side)
    wanted = unit(StandardScaler().fit_transform(x.astype(np.float64)))
    np.testing.assert_allclose(fitted(shrinkage=0.0).apply(x, side), wanted, atol=1e-5)


@each_side
def test_with_full_shrinkage_it_is_centering(side):
    centred = fit_map("center", Evidence.of(CORPUS)).apply(CORPUS.unit(side), side)
    out = fitted(shrinkage=1.0).apply(CORPUS.unit(side), side)
    np.testing.assert_allclose(out, centred, atol=1e-6)


@each_side
def test_between_the_ends_variances_are_moved_towards_their_mean(side):
    x = CORPUS.unit(side).astype(np.float64)
    variance = 0.7 * x.var(axis=0) + 0.3 * x.var(axis=0).mean()
    wanted = unit((x - x.mean(0)) / np.sqrt(variance))
    np.testing.assert_allclose(fitted().apply(x, side), wanted, atol=1e-5)


@each_side
def test_columns_in_another_order_come_out_in_that_order(side):
    order = np.random.default_rng(1).permutation(6)
    there = Corpus.from_arrays(CORPUS.image[:, order], CORPUS.text[:, order], CORPUS.text_to_image)
    out = fitted(there).apply(there.unit(side), side)
    np.testing.assert_allclose(out, fitted().apply(CORPUS.unit(side), side)[:, order], atol=1e-6)


def test_a_dimension_in_which_nothing_varies_is_dropped_and_not_blown_up():
    flat = np.zeros((130, 1), np.float32)
    there = Corpus.from_arrays(
        np.hstack([WORLD.image, flat]), np.hstack([WORLD.text[::2], flat]), paired=False
    )
    x = there.unit("image")
    x[:, -1] = 1e-3
    out = fitted(there, shrinkage=0.0).apply(x, "image")
    np.testing.assert_array_equal(out[:, -1], 0.0)
    np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1.0, atol=1e-6)


def test_a_modality_of_one_item_leaves_no_number_undefined():
    one = Corpus.from_arrays(np.eye(1, 4), np.eye(2, 4)[1:])
    out = fitted(one, shrinkage=0.0).apply(np.eye(4), "image")
    np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1.0, atol=1e-6)


@each_side
def test_pytorch_gets_the_same_rows(side):
    torch = pytest.importorskip("torch")
    arrays, x = fitted().arrays, CORPUS.unit(side)
    there = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    out = standardize.transform(there, torch.from_numpy(x), side)
    np.testing.assert_allclose(out.numpy(), standardize.transform(arrays, x, side), atol=1e-6)
