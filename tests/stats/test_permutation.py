from itertools import product

import numpy as np
import pytest
from scipy.stats import binom

from dohyo.stats.permutation import permutation_p, sign_flip_p

TRIALS = 1_000


def false_alarms_allowed(trials, rate=0.05):
    return binom.ppf([0.001, 0.999], trials, rate)


def test_p_counts_the_observed_order_among_the_draws():
    draws = np.array([0.1, 0.2, 0.3, 0.4])
    assert permutation_p(0.35, draws) == 2 / 5
    assert permutation_p(9.0, draws) == 1 / 5
    assert permutation_p(0.0, draws) == 1.0


def test_a_tie_counts_against_the_observed_even_when_its_last_bits_differ():
    assert permutation_p(0.1 + 0.2, np.array([0.3, 0.0, 0.0])) == 2 / 4


@pytest.mark.parametrize("level", [0.05, 0.25, 0.5])
def test_p_is_uniform_when_nothing_distinguishes_the_observed(level):
    x = np.random.default_rng(0).normal(size=(TRIALS, 20))
    small = sum(permutation_p(row[0], row[1:]) <= level for row in x)
    low, high = false_alarms_allowed(TRIALS, level)
    assert low <= small <= high


def test_a_sign_flip_agrees_with_all_flips_written_out():
    change = np.random.default_rng(1).normal(0.4, 1.0, size=12)
    every = [abs(np.dot(signs, change)) for signs in product((-1, 1), repeat=12)]
    exact = np.mean(np.array(every) >= abs(change.sum()) - 1e-12)
    drawn = sign_flip_p(change, np.arange(12), draws=20_000)
    assert drawn == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 20_000))


def no_effect(seed, groups=30, each=4):
    rng = np.random.default_rng(seed)
    return np.repeat(rng.normal(size=groups), each) + 0.5 * rng.normal(size=groups * each)


def alarms(group):
    return sum(
        sign_flip_p(no_effect(seed), group, seed=seed, draws=199) <= 0.05 for seed in range(TRIALS)
    )


def test_no_effect_raises_a_false_alarm_as_often_as_promised_if_groups_flip_together():
    low, high = false_alarms_allowed(TRIALS)
    assert low <= alarms(np.repeat(np.arange(30), 4)) <= high
    assert alarms(np.arange(120)) > high  # each row on its own takes captions for evidence


def test_where_hardly_a_draw_reaches_the_observed_more_are_drawn():
    """A hundred comparisons corrected by Holm would swallow the least that 2,000 draws can show."""
    clear, groups = np.full(40, 0.3), np.arange(40)
    assert sign_flip_p(clear, groups) == 1 / 2_001
    assert sign_flip_p(clear, groups, most=20_000) == 1 / 20_001
    unclear = no_effect(0, each=1)
    assert sign_flip_p(unclear, np.arange(30), most=20_000) == sign_flip_p(unclear, np.arange(30))


@pytest.mark.parametrize("level", [0.01, 0.05])
def test_drawing_more_raises_no_more_false_alarms(level):
    found = sum(
        sign_flip_p(no_effect(seed, each=1), np.arange(30), seed=seed, draws=199, most=1_990)
        <= level
        for seed in range(TRIALS)
    )
    assert found <= binom.ppf(0.999, TRIALS, level)


def test_an_effect_of_half_a_deviation_in_fifty_groups_is_mostly_found():
    found = sum(
        sign_flip_p(np.random.default_rng(s).normal(0.5, 1.0, 50), np.arange(50), draws=199) <= 0.05
        for s in range(100)
    )
    assert found >= 80  # a t test would find 93


def test_harm_is_found_as_surely_as_gain():
    change = np.random.default_rng(2).normal(0.5, 1.0, size=60)
    assert sign_flip_p(-change, np.arange(60)) == sign_flip_p(change, np.arange(60))


def test_rows_without_a_change_are_left_out():
    change = np.array([0.5, np.nan, -0.2, 0.9, np.nan])
    kept = [0, 2, 3]
    assert sign_flip_p(change, np.arange(5)) == sign_flip_p(change[kept], np.arange(3))
    with pytest.raises(ValueError, match=r"^no change to test$"):
        sign_flip_p(np.full(2, np.nan), np.arange(2))


def test_strata_weigh_alike_however_many_rows_they_have():
    """A thousand small gains beside ten large losses: among rows clear, among directions not."""
    change = np.r_[np.full(1_000, 0.2), [-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, -1.0]]
    rows = np.arange(1_010)
    by_row = sign_flip_p(change, rows)
    by_direction = sign_flip_p(change, rows, stratum=np.repeat([0, 1], [1_000, 10]))
    weighed = sign_flip_p(np.r_[change[:1_000] / 1_000, change[1_000:] / 10], rows)
    assert by_row < 0.001 < 0.5 < by_direction == weighed
