import numpy as np
import pytest
from scipy.stats import binom, norm

from dohyo.stats.bootstrap import Credits, Resampled, bootstrap_mean

SAMPLES = 400
CHANCE_ALLOWS = binom.ppf([0.001, 0.999], SAMPLES, 0.95)


def covered(samples, truth, group):
    intervals = (bootstrap_mean(sample, group, seed=7).estimate() for sample in samples)
    return sum(e.low <= truth <= e.high for e in intervals)


def clustered(seed, groups=60, each=5):
    """Rows whose variance lies half between the groups and half within."""
    rng = np.random.default_rng(seed)
    shared = np.repeat(rng.normal(size=groups), each)
    return 0.3 + shared + rng.normal(size=groups * each)


def test_a_95_percent_interval_covers_the_truth_95_percent_of_the_time():
    samples = (np.random.default_rng(s).normal(0.3, 1.0, size=200) for s in range(SAMPLES))
    low, high = CHANCE_ALLOWS
    assert low <= covered(samples, 0.3, np.arange(200)) <= high


def test_it_does_so_for_the_fewest_groups_a_verdict_is_given_on():
    samples = (np.random.default_rng(s).normal(0.3, 1.0, size=40) for s in range(SAMPLES))
    low, high = CHANCE_ALLOWS
    assert low <= covered(samples, 0.3, np.arange(40)) <= high


def test_rows_that_belong_together_are_drawn_together_or_the_interval_would_be_too_narrow():
    group = np.repeat(np.arange(60), 5)
    low, high = CHANCE_ALLOWS
    assert low <= covered(map(clustered, range(SAMPLES)), 0.3, group) <= high
    assert covered(map(clustered, range(SAMPLES)), 0.3, np.arange(300)) < low


def test_a_lower_bound_lies_below_the_truth_95_percent_of_the_time():
    bounds = [
        bootstrap_mean(np.random.default_rng(s).normal(size=100), np.arange(100)).lower_bound()
        for s in range(SAMPLES)
    ]
    low, high = CHANCE_ALLOWS
    assert low <= np.sum(np.array(bounds) <= 0) <= high


def test_a_bound_at_a_higher_level_is_lower():
    figure = bootstrap_mean(np.random.default_rng(0).normal(size=100), np.arange(100))
    assert figure.lower_bound(0.99) < figure.lower_bound(0.95) < figure.lower_bound(0.5)


def test_strata_weigh_alike_however_many_rows_they_have():
    values = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.4])
    stratum = np.array([0, 0, 0, 0, 1, 1])
    group = np.arange(6)
    assert bootstrap_mean(values, group, stratum=stratum).value == pytest.approx((1.0 + 0.2) / 2)
    assert bootstrap_mean(values, group).value == pytest.approx(4.4 / 6)


def test_the_standard_error_of_averaged_strata_is_that_of_theory():
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=400), 3 * rng.normal(size=100)
    figure = bootstrap_mean(
        np.concatenate([first, second]), np.arange(500), stratum=np.repeat([0, 1], [400, 100])
    )
    theory = np.sqrt(first.var() / 400 + second.var() / 100) / 2
    assert figure.standard_error() == pytest.approx(theory, rel=0.1)  # 2,000 resamples: ±1.6 %


def test_a_row_without_a_figure_is_left_out_of_the_value_and_of_the_groups():
    values = np.array([0.2, np.nan, 0.6, np.nan])
    group = np.array([4, 4, 9, 11])
    with_gaps = bootstrap_mean(values, group)
    assert with_gaps.value == pytest.approx(0.4)
    assert with_gaps.groups == 2
    without = bootstrap_mean(values[[0, 2]], group[[0, 2]])
    np.testing.assert_array_equal(with_gaps.replicates, without.replicates)


def test_a_corpus_too_large_for_one_block_of_draws_has_the_spread_of_theory():
    values = np.random.default_rng(2).normal(size=3_000)
    figure = bootstrap_mean(values, np.arange(3_000))
    assert len(figure.replicates) == 2_000
    assert figure.standard_error() == pytest.approx(values.std() / np.sqrt(3_000), rel=0.1)


def test_an_average_of_hits_never_leaves_zero_to_one():
    hits = np.array([1.0, 1.0, 1.0, 0.0])
    estimate = bootstrap_mean(hits, np.arange(4)).estimate()
    assert 0.0 <= estimate.low <= estimate.high <= 1.0


def test_one_group_alone_shows_no_spread():
    estimate = bootstrap_mean(np.array([0.2, 0.4]), np.zeros(2, int)).estimate()
    assert (estimate.low, estimate.high) == pytest.approx((0.3, 0.3))
    assert estimate.n == 1


def test_nothing_to_average_is_said():
    with pytest.raises(ValueError, match=r"^no figure to average$"):
        bootstrap_mean(np.array([np.nan]), np.zeros(1, int))
    with pytest.raises(ValueError, match=r"^no figure to average in stratum 1$"):
        bootstrap_mean(np.array([1.0, np.nan]), np.arange(2), stratum=np.arange(2))


def test_figures_resampled_together_average_draw_by_draw():
    rng = np.random.default_rng(3)
    x = rng.normal(size=50)
    one, other = (bootstrap_mean(v, np.arange(50), seed=5) for v in (x, -x))
    both = one.averaged_with(other)
    assert both.value == pytest.approx(0.0)
    assert both.standard_error() == pytest.approx(0.0, abs=1e-12)  # one's luck is the other's loss


@pytest.mark.parametrize("change", [{"seed": 1}, {"groups": 3}])
def test_figures_resampled_apart_have_no_average(change):
    kept = {"value": 0.0, "replicates": np.zeros(2), "groups": 2, "seed": 0}
    with pytest.raises(ValueError, match=r"^the two figures were not resampled together$"):
        Resampled(**kept).averaged_with(Resampled(**(kept | change)))


def test_the_interval_is_the_widened_percentile_one():
    x = np.random.default_rng(4).normal(size=30)
    estimate = bootstrap_mean(x, np.arange(30)).estimate(p=0.2)
    reach = norm.ppf(0.975) * x.std(ddof=1) / np.sqrt(30)  # ddof=1 is the widening
    assert estimate.high - estimate.low == pytest.approx(2 * reach, rel=0.1)
    assert estimate.p == 0.2


def met(rng, groups=60, each=4):
    """Figures that fall with what a query's group is, and with one item that stands in its way.

    Every group stands in the way of as many others as it is tall.
    """
    tall = rng.gamma(1.0, 1.0, groups)
    group = np.repeat(np.arange(groups), each)
    rival = rng.choice(groups, len(group), p=tall / tall.sum())
    blocked = rng.random(len(group)) < np.minimum(tall[rival], 1.0) * 0.6
    taken = np.where(blocked, rival, -1)
    credits = Credits(group=taken, amount=np.full(len(group), -1.0))
    return (~blocked).astype(float), group, credits


def test_credits_move_the_resamples_and_not_the_average():
    ratios = []
    for seed in range(20):
        values, group, credits = met(np.random.default_rng(seed))
        plain = bootstrap_mean(values, group)
        credited = bootstrap_mean(values, group, credits=credits)
        assert credited.value == plain.value
        ratios.append(credited.standard_error() / plain.standard_error())
    assert np.mean(ratios) > 1.5


def test_credits_dealt_at_random_add_no_spread_on_average():
    """What a group happens to take by chance is in the figures of the rows already."""
    ratios = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        values, group = (rng.random(200) < 0.5).astype(float), np.repeat(np.arange(100), 2)
        taken = np.where(values == 0, rng.integers(0, 100, 200), -1)
        credits = Credits(group=taken, amount=np.full(200, -1.0))
        ratios.append(
            bootstrap_mean(values, group, credits=credits).standard_error()
            / bootstrap_mean(values, group).standard_error()
        )
    assert np.mean(ratios) < 1.06


def test_credits_of_groups_that_do_not_ask_are_passed_over():
    values, group, _ = met(np.random.default_rng(1))
    strangers = Credits(group=np.full(50, 1_000), amount=np.full(50, -1.0))
    credited = bootstrap_mean(values, group, credits=strangers)
    np.testing.assert_array_equal(credited.replicates, bootstrap_mean(values, group).replicates)
