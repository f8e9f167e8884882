"""Weights of a plan, against POT where every entry is kept, and by hand where few are."""

import numpy as np
import ot
import pytest
from scipy.sparse import csr_array

from dohyo.corrections.transport.kernel import DenseKernel, GraphKernel
from dohyo.corrections.transport.potentials import STEPS, potentials
from worlds import sphere

RNG = np.random.default_rng(0)
IMAGE, TEXT = sphere(RNG, 50, 5), sphere(RNG, 70, 5)
SCORES = (IMAGE @ TEXT.T).astype(np.float64)
EVEN = np.full(50, 1 / 50), np.full(70, 1 / 70)


def plan(kernel, found):
    mass = np.exp(found.image)[:, None] * kernel * np.exp(found.text)
    return mass / mass.sum()


@pytest.mark.parametrize("beta", [1.0, 10.0])
def test_the_plan_is_pots(beta):
    kernel = np.exp(beta * (SCORES - 1))
    found = potentials(DenseKernel(kernel))
    theirs = ot.sinkhorn(*EVEN, 1 - SCORES, 1 / beta, numItermax=10_000, stopThr=1e-12)
    np.testing.assert_allclose(plan(kernel, found), theirs, rtol=1e-4)
    assert found.error < 1e-6


def test_a_sharp_plan_is_that_of_pots_logarithms():
    kernel = np.exp(100.0 * (SCORES - 1))
    found = potentials(DenseKernel(kernel))
    theirs = ot.bregman.sinkhorn_log(
        *EVEN, 1 - SCORES, 1 / 100, numItermax=100_000, stopThr=1e-9, warn=False
    )
    np.testing.assert_allclose(plan(kernel, found), theirs, atol=2e-4 / 50)
    # What is reported is what is there, also where the rounds run out.
    rows = plan(kernel, found).sum(axis=1)
    assert np.abs(50 * rows - 1).max() == pytest.approx(found.error, rel=1e-3, abs=1e-9)


def test_the_sharpest_kernel_there_is_stays_a_number():
    opposite = GraphKernel(csr_array(np.exp(256.0 * (np.eye(2) - 2))), 0.0)
    found = potentials(opposite)
    assert np.isfinite(found.image).all()
    assert np.isfinite(found.text).all()


def graph(share=0.3):
    keep = np.quantile(SCORES, 1 - share) < SCORES
    return csr_array(np.where(keep, np.exp(8 * (SCORES - 1)), 0.0))


def test_on_a_graph_the_far_entries_count_too():
    near, far = graph(), 1e-4
    found = potentials(GraphKernel(near, far))
    whole = near.toarray() + far
    u, v = np.ones(50), np.ones(70)
    for _ in range(3_000):
        u = 1 / (50 * (whole @ v))
        v = 1 / (70 * (whole.T @ u))
    np.testing.assert_allclose(plan(whole, found), u[:, None] * whole * v, rtol=1e-4, atol=1e-12)
    assert found.error < 1e-6


def test_an_island_with_more_images_than_texts_has_no_plan_of_its_own_but_one_with_the_rest():
    """Without the far entries the weights would run away, and the error stay."""
    island = np.zeros((30, 30))
    island[:20, :10] = island[20:, 10:] = 1.0
    alone = potentials(GraphKernel(csr_array(island), 0.0))
    assert (alone.error > 0.3, alone.steps) == (True, STEPS)
    joined = potentials(GraphKernel(csr_array(island), 0.01))
    assert joined.error < 1e-6
    rows = plan(island + 0.01, joined).sum(axis=1)
    np.testing.assert_allclose(rows, 1 / 30, rtol=1e-5)


@pytest.mark.parametrize("unbalanced", [0.2, 0.5, 0.9])
def test_the_unbalanced_plan_is_pots(unbalanced):
    kernel, epsilon = np.exp(10 * (SCORES - 1)), 0.1
    found = potentials(DenseKernel(kernel), unbalanced)
    theirs = ot.unbalanced.sinkhorn_unbalanced(
        *EVEN,
        1 - SCORES,
        epsilon,
        epsilon * (1 - unbalanced) / unbalanced,
        reg_type="kl",
        numItermax=10_000,
        stopThr=1e-12,
    )
    np.testing.assert_allclose(plan(kernel, found), theirs / theirs.sum(), rtol=1e-4)


def test_wholly_unbalanced_the_kernel_is_taken_as_it_is():
    found = potentials(DenseKernel(np.exp(10 * (SCORES - 1))), 1.0)
    assert (np.ptp(found.image), np.ptp(found.text)) == (0, 0)


def test_pytorch_finds_the_same():
    torch = pytest.importorskip("torch")
    kernel = np.exp(10 * (SCORES - 1))
    ours, theirs = potentials(DenseKernel(kernel)), potentials(DenseKernel(torch.asarray(kernel)))
    np.testing.assert_allclose(theirs.image.numpy(), ours.image, atol=1e-9)
    np.testing.assert_allclose(theirs.text.numpy(), ours.text, atol=1e-9)
