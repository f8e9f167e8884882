import numpy as np
import pytest

from dohyo.corrections.graph_components import decompose, reproduced


def topics(rng, images, texts, count, *, across=0.01):
    """Edges are strong within a topic and weak across; every edge is noisy."""
    alike = np.arange(images)[:, None] % count == np.arange(texts) % count
    return np.where(alike, 1.0, across) * rng.uniform(0.5, 1.5, (images, texts))


@pytest.mark.parametrize(("images", "texts"), [(60, 90), (90, 60)])
def test_as_many_strong_components_as_there_are_topics_but_one(images, texts):
    found = decompose(topics(np.random.default_rng(0), images, texts, 4), 20).components
    assert found.value[:3].min() > 0.9
    assert found.value[3] < 0.3
    topic = np.arange(images) % 4
    for vector in found.image[:, :3].T:
        within = sum(vector[topic == t].var() for t in range(4)) / 4
        assert within < 0.1 * vector.var()


def test_it_is_the_plan_less_its_trivial_component():
    affinity = np.random.default_rng(1).uniform(0.1, 1.0, (7, 9))
    found = decompose(affinity, 9)
    left, value, right = found.components.image, found.components.value, found.components.text
    assert value.shape == (6,)
    weight = found.potentials
    plan = np.exp(weight.image)[:, None] * affinity * np.exp(weight.text)
    plan /= plan.sum()
    np.testing.assert_allclose(plan.sum(1), 1 / 7, atol=1e-7)
    np.testing.assert_allclose(plan.sum(0), 1 / 9, atol=1e-7)
    rebuilt = (1 / np.sqrt(63) + (left * value) @ right.T) / np.sqrt(63)
    np.testing.assert_allclose(rebuilt, plan, atol=1e-6)
    assert found.energy == pytest.approx((value**2).sum(), rel=1e-6)


@pytest.mark.parametrize("texts", [80, 200])
def test_topics_are_found_again_in_the_other_half_and_noise_is_not(texts):
    rng = np.random.default_rng(2)
    count = reproduced(topics(rng, 80, texts, 4), 40)
    assert 3 <= count <= 3 + 4  # a component of noise passes at 2.5 % of chance
    assert reproduced(rng.uniform(0.5, 1.5, (80, texts)), 40) <= 4


@pytest.mark.parametrize("shape", [(1, 9), (9, 1), (3, 3), (4, 4)])
def test_a_few_items_have_no_halves_and_leave_no_number_undefined(shape):
    affinity = np.ones(shape)
    assert reproduced(affinity, 8) == 0
    assert decompose(affinity, 8).components.value.shape == (0,)
