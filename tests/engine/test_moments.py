import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from sklearn.covariance import ledoit_wolf

from dohyo.engine.moments import inverse_root, moments, root
from dohyo.rows import ROWS_PER_BLOCK
from worlds import paired, sphere

seeds = st.integers(0, 2**32 - 1)


def cloud(seed, rows, dim):
    """Unit rows that vary in some directions much more than in others."""
    rng = np.random.default_rng(seed)
    return sphere(rng, rows, dim) + 2 * sphere(rng, 1, dim)


@given(seed=seeds, rows=st.integers(1, 60), dim=st.integers(1, 8))
def test_they_are_numpys_mean_and_covariance_of_the_unit_rows(seed, rows, dim):
    x = cloud(seed, rows, dim) + 0.1
    unit = x.astype(np.float64) / np.linalg.norm(x, axis=1, keepdims=True)
    found = moments(x)
    np.testing.assert_allclose(found.mean, unit.mean(0), atol=1e-6)  # rows are float32
    wanted = np.cov(unit.T, ddof=0).reshape(dim, dim)
    np.testing.assert_allclose(found.covariance, wanted, atol=1e-6)


@given(seed=seeds, first=st.integers(1, 30), second=st.integers(1, 30), dim=st.integers(1, 8))
def test_parts_merged_are_the_whole(seed, first, second, dim):
    x = cloud(seed, first + second, dim)
    merged, whole = moments(x[:first]).merge(moments(x[first:])), moments(x)
    assert merged.n == whole.n == first + second
    np.testing.assert_allclose(merged.mean, whole.mean, atol=1e-14)
    np.testing.assert_allclose(merged.scatter, whole.scatter, atol=1e-12)


def test_more_rows_than_a_block_are_one_cloud():
    x = cloud(0, ROWS_PER_BLOCK + 1_000, 4)
    x[ROWS_PER_BLOCK:] += 1.0  # the last block lies elsewhere
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    np.testing.assert_allclose(moments(x).covariance, np.cov(unit.T, ddof=0), atol=1e-7)


def test_the_length_of_a_row_does_not_matter():
    x = cloud(1, 20, 5)
    longer = x * np.arange(1, 21, dtype=np.float32)[:, None]
    np.testing.assert_allclose(moments(longer).scatter, moments(x).scatter, atol=1e-5)


def test_no_rows_have_no_moments():
    with pytest.raises(ValueError, match=r"^no rows$"):
        moments(np.empty((0, 3), np.float32))


def test_the_unshrunk_inverse_root_whitens():
    """W C W = I where every direction varies."""
    found = moments(cloud(2, 200, 6))
    whitener = found.shrunk(0.0, inverse_root)
    np.testing.assert_allclose(whitener @ found.covariance @ whitener, np.eye(6), atol=1e-9)


def test_directions_in_which_nothing_varies_are_left_at_zero():
    """Five rows in eight dimensions vary in four: W C W is the projection on these."""
    found = moments(cloud(3, 5, 8))
    whitener = found.shrunk(0.0, inverse_root)
    projection = whitener @ found.covariance @ whitener
    np.testing.assert_allclose(projection @ projection, projection, atol=1e-8)
    assert np.trace(projection) == pytest.approx(4)


@given(seed=seeds, share=st.floats(0.0, 1.0))
def test_a_shrunk_covariance_is_the_formula_and_keeps_its_trace(seed, share):
    found = moments(cloud(seed, 40, 5))
    shrunk = found.shrunk(share, lambda values: values)
    level = np.trace(found.covariance) / 5
    wanted = (1 - share) * found.covariance + share * level * np.eye(5)
    np.testing.assert_allclose(shrunk, wanted, atol=1e-12)
    assert np.trace(shrunk) == pytest.approx(np.trace(found.covariance))


def test_a_shrunk_root_is_scipys_matrix_root():
    found = moments(cloud(4, 60, 5))
    level = np.trace(found.covariance) / 5
    wanted = sqrtm(0.7 * found.covariance + 0.3 * level * np.eye(5))
    np.testing.assert_allclose(found.shrunk(0.3, root), wanted, atol=1e-10)


def test_equal_rows_have_a_whitener_of_zeros():
    same = np.tile(cloud(5, 1, 3), (7, 1))
    np.testing.assert_array_equal(moments(same).shrunk(0.5, inverse_root), np.zeros((3, 3)))


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_shrunk_covariance_needs_no_eigenvalues(share):
    side = moments(np.random.default_rng(5).normal(size=(9, 6)))
    np.testing.assert_allclose(side.regular(share), side.shrunk(share, lambda v: v), atol=1e-12)


def test_a_tensor_has_the_moments_of_the_array():
    torch = pytest.importorskip("torch")
    x = cloud(6, ROWS_PER_BLOCK + 50, 6)
    here, there = moments(x), moments(torch.asarray(x))
    assert isinstance(there.scatter, np.ndarray)
    np.testing.assert_allclose(there.mean, here.mean, atol=1e-9)
    np.testing.assert_allclose(there.covariance, here.covariance, atol=1e-8)


@pytest.mark.parametrize(("rows", "dim", "gap"), [(400, 12, 0.0), (60, 40, 1.0), (30, 90, 2.0)])
def test_ledoit_wolf_is_scikit_learns_without_a_second_pass(rows, dim, gap):
    x = paired(np.random.default_rng(5), rows, dim, gap=gap).unit("image")
    _, wanted = ledoit_wolf(x.astype(np.float64))
    assert moments(x).ledoit_wolf == pytest.approx(wanted, rel=1e-5)
    halves = moments(x[:10]).merge(moments(x[10:]))
    assert halves.ledoit_wolf == pytest.approx(wanted, rel=1e-5)


def test_rows_that_are_all_alike_are_shrunk_whole():
    assert moments(np.ones((5, 3), np.float32)).ledoit_wolf == 1.0
