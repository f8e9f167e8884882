import numpy as np
import pytest
from scipy.stats import binom, t

from dohyo.stats.jackknife import jackknife


def of_mean(x, function=lambda mean: mean):
    return lambda keep: float(function(x[keep].mean()))


def test_for_a_mean_of_few_groups_it_is_students_interval():
    x = np.random.default_rng(0).normal(size=15)
    estimate = jackknife(of_mean(x), 15)
    low, high = t.interval(0.95, 14, x.mean(), x.std(ddof=1) / np.sqrt(15))
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx((x.mean(), low, high))


def test_the_bias_of_a_squared_mean_is_taken_out_and_the_truth_covered():
    """E[mean²] = μ² + σ²/n: with μ = .2, σ = 1 and n = 40 the plain figure is 60 % too large."""
    samples = [np.random.default_rng(s).normal(0.2, 1.0, size=40) for s in range(400)]
    estimates = [jackknife(of_mean(x, np.square), 40) for x in samples]
    plain = np.array([e.value for e in estimates])
    centre = np.array([(e.low + e.high) / 2 for e in estimates])
    error = plain.std() / np.sqrt(400)
    assert plain.mean() - 0.04 > 3 * error
    assert abs(centre.mean() - 0.04) < 3 * error


def test_a_95_percent_interval_covers_a_smooth_function_95_percent_of_the_time():
    samples = (np.random.default_rng(s).normal(2.0, 1.0, size=100) for s in range(400))
    estimates = [jackknife(of_mean(x, np.exp), 100) for x in samples]
    covered = sum(e.low <= np.exp(2.0) <= e.high for e in estimates)
    assert binom.ppf(0.001, 400, 0.95) <= covered <= binom.ppf(0.999, 400, 0.95)


def test_the_interval_is_cut_at_the_floor():
    x = np.random.default_rng(1).normal(0.0, 1.0, size=30)
    free, cut = jackknife(of_mean(x), 30), jackknife(of_mean(x), 30, floor=0.0)
    assert free.low < 0.0 < free.high
    assert (cut.low, cut.high) == (0.0, free.high)
    assert jackknife(of_mean(x - 9.0), 30, floor=0.0).high == 0.0


def masks_of(groups, **settings):
    seen = []
    jackknife(lambda keep: seen.append(keep.copy()) or 0.0, groups, **settings)
    return np.array(seen)


def test_each_group_is_left_out_exactly_once():
    everything, *without = masks_of(53, blocks=20)
    assert everything.all()
    np.testing.assert_array_equal(np.sum(~np.array(without), axis=0), 1)


def test_the_groups_of_a_kind_are_dealt_evenly():
    """Two images among many texts must not be left out together: no image would remain."""
    kind = np.r_[1, 1, np.full(98, 2)]
    for seed in range(50):
        assert masks_of(100, stratum=kind, seed=seed)[:, :2].any(axis=1).all()


def test_another_seed_deals_other_blocks():
    assert not np.array_equal(masks_of(60, seed=0), masks_of(60, seed=1))
    np.testing.assert_array_equal(masks_of(60, seed=1), masks_of(60, seed=1))
