import numpy as np
import pytest
from scipy.stats import entropy

from dohyo.corrections.transport import temperature as engine
from dohyo.corrections.transport.temperature import HOTTEST, MILDEST, mean_perplexity, temperature
from worlds import sphere

RNG = np.random.default_rng(0)
SCORES = (sphere(RNG, 60, 6) @ sphere(RNG, 90, 6).T).astype(np.float32)


def by_hand(beta):
    weight = np.exp(beta * SCORES.astype(np.float64))
    return np.exp(entropy(weight, axis=1)).mean()


@pytest.mark.parametrize("beta", [0.1, 3.0, 100.0, 256.0])
def test_the_perplexity_is_the_exponential_of_scipys_entropy(beta, monkeypatch):
    assert mean_perplexity(SCORES, beta) == pytest.approx(by_hand(beta), rel=1e-9)
    monkeypatch.setattr(engine, "ENTRIES_PER_BLOCK", 200)
    assert mean_perplexity(SCORES, beta) == pytest.approx(by_hand(beta), rel=1e-9)


@pytest.mark.parametrize("target", [1.5, 5.0, 30.0, 45.0])
def test_the_temperature_gives_the_perplexity_asked_for(target):
    assert by_hand(temperature(SCORES, target)) == pytest.approx(target, rel=1e-5)


def test_where_no_temperature_will_do_it_is_the_end_of_the_range():
    assert temperature(np.ones((4, 9)), 4.5) == HOTTEST
    assert temperature(np.ones((4, 1)), 1.0) == HOTTEST
    assert temperature(SCORES, 90.0) == MILDEST


def test_pytorch_finds_the_same():
    torch = pytest.importorskip("torch")
    assert temperature(torch.asarray(SCORES), 20.0) == pytest.approx(temperature(SCORES, 20.0))
