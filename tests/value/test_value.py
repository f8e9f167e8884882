"""Fixed assumptions scale the interval of the change; nothing is promised past the interval."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import triang
from tests.value.ledger import LIKELY, changes, costs

from dohyo.value.costs import Amount
from dohyo.value.told import value_from_json
from dohyo.value.tornado import MEASURED
from dohyo.value.value import value_of_changes

ONLY_SEARCH = {"detections_per_day": 0.0, "running_cost_per_month": 0.0}
HOURS = 1_000 * 20 * 0.3 * 2 / 60  # a month, at a change of 1
ONCE = 3 * 10 + 4 * 500


def worth(found=0.2, error=0.02, verdict="correct", rates=(), **changed):
    return value_of_changes(changes(found, error, **dict(rates)), costs(**changed), verdict, seed=0)


def test_with_fixed_assumptions_the_interval_is_that_of_the_change_scaled():
    measured = changes().found.estimate()
    told = worth(**ONLY_SEARCH).worth
    assert told.hours.value == pytest.approx(HOURS * measured.value)
    for end in ("low", "high"):
        assert getattr(told.hours, end) == pytest.approx(HOURS * getattr(measured, end), rel=1e-6)
        assert getattr(told.net, end) == pytest.approx(
            30 * HOURS * getattr(measured, end), rel=1e-6
        )
    assert told.net.n == 100


def test_the_account_adds_up_by_hand():
    rates = {"false": -0.01, "missed": -0.2}
    told = worth(rates=rates).worth
    avoided = 100 * 20 * 0.9 * 0.01, 100 * 20 * 0.1 * 0.2
    assert (told.false.value, told.missed.value) == pytest.approx(avoided)
    net = 30 * HOURS * 0.2 + 2 * avoided[0] + 5 * avoided[1] - 100
    assert told.net.value == pytest.approx(net)
    assert told.first_year.value == pytest.approx(12 * net - ONCE)
    assert told.payback.value == pytest.approx(ONCE / net)


def test_detections_that_were_not_measured_count_for_nothing():
    told = worth().worth
    assert told.detections is told.false is told.missed is None
    assert told.net.value == pytest.approx(30 * HOURS * 0.2 - 100)


def test_the_first_year_is_even_at_both_break_evens():
    even = worth().break_even
    at_least = worth(even.found, 1e-9).worth
    assert at_least.first_year.value == pytest.approx(0, abs=1e-6)
    fewest = worth(searches_per_day=even.searches_per_day).worth
    assert fewest.first_year.value == pytest.approx(0, abs=1e-6)


def test_nothing_is_enough_where_no_search_is_mixed():
    told = worth(mixed_share=0.0).to_json()["break_even"]
    assert told == {"mixed_recall_at_10_change": None, "searches_per_day": None}


def test_no_break_even_is_needed_where_detections_pay_alone():
    told = worth(rates={"missed": -0.9}, cost_per_missed_detection=1e6).break_even
    assert (told.found, told.searches_per_day) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("case", "standing"),
    [
        ({}, "shown"),
        ({"verdict": "do_not_correct"}, "verdict"),
        ({"verdict": "insufficient_data"}, "verdict"),
        ({"found": None}, "unknown"),
        ({"found": 0.01, "error": 0.02, "running_cost_per_month": 0.0}, "open"),
        ({"found": 0.01, "error": 0.001}, "loss"),
        ({"found": 0.0, "error": 0.0, "running_cost_per_month": 0.0}, "open"),
    ],
)
def test_a_value_is_shown_only_where_it_may_be_promised(case, standing):
    told = worth(**case)
    assert told.standing == standing
    assert told.shown == (standing == "shown")
    assert told.to_json()["shown"] == told.shown


def test_a_month_that_brings_nothing_never_pays_back():
    told = worth(found=0.001, error=0.0001).worth
    assert told.to_json()["payback_months"] == {"value": None, "low": None, "high": None}


def test_a_free_roll_out_that_brings_nothing_never_pays_back_either():
    told = worth(0.001, 1e-6, engineering_days=0.0, vectors_millions=0.0).worth
    assert told.payback.value == np.inf


def test_a_range_widens_the_interval_and_leaves_the_likely_value():
    plain, ranged = worth().worth, worth(mixed_share=(0.1, 0.3, 0.6)).worth
    assert ranged.net.value == plain.net.value
    assert ranged.net.low < plain.net.low < plain.net.high < ranged.net.high


def test_a_range_of_one_assumption_leaves_the_draws_of_the_others_alone():
    one = costs(hourly_cost=(20.0, 30.0, 40.0)).drawn(0, 50)
    both = costs(hourly_cost=(20.0, 30.0, 40.0), mixed_share=(0.1, 0.2, 0.3)).drawn(0, 50)
    assert np.array_equal(one["hourly_cost"], both["hourly_cost"])


def test_assumptions_are_drawn_independently():
    ranges = dict.fromkeys(("hourly_cost", "mixed_share", "day_rate"), (0.1, 0.2, 0.3))
    drawn = costs(**ranges).drawn(0, 4_000)
    together = np.corrcoef([drawn[name] for name in ranges])
    assert np.abs(together[np.triu_indices(3, 1)]).max() < 0.06


@given(
    ends=st.lists(st.floats(0, 1e4), min_size=3, max_size=3, unique=True).map(sorted),
    u=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=20),
)
def test_a_range_is_the_triangular_distribution(ends, u):
    low, likely, high = ends
    drawn = Amount(low=low, likely=likely, high=high).quantile(np.array(u))
    oracle = triang((likely - low) / (high - low), low, high - low).ppf(u)
    assert drawn == pytest.approx(oracle, rel=1e-6, abs=1e-6 * high)


MORE_IS_BETTER = (
    "searches_per_day",
    "mixed_share",
    "minutes_lost_per_failed_search",
    "hourly_cost",
)
MORE_IS_WORSE = ("running_cost_per_month",)


@given(
    name=st.sampled_from(MORE_IS_BETTER + MORE_IS_WORSE),
    factor=st.floats(1.0, 3.0),
    found=st.floats(0.0, 0.9),
)
def test_more_of_an_assumption_moves_the_net_value_one_way(name, factor, found):
    less = worth(found).worth.net
    more = worth(found, **{name: factor * LIKELY[name]}).worth.net
    sign = 1 if name in MORE_IS_BETTER else -1
    assert sign * (more.value - less.value) >= -1e-9


@given(found=st.floats(-0.5, 0.9), gain=st.floats(0.0, 0.1))
def test_a_larger_change_is_never_worth_less(found, gain):
    assert worth(found + gain).worth.net.low >= worth(found).worth.net.low - 1e-9


def test_the_widest_bar_is_the_assumption_that_moves_the_first_year_most():
    told = worth(hourly_cost=(10.0, 30.0, 90.0)).worth
    assert told.bars[0].name == "hourly_cost"
    assert [bar.reach for bar in told.bars] == sorted((b.reach for b in told.bars), reverse=True)
    bar = next(b for b in told.bars if b.name == "searches_per_day")
    assert (bar.low, bar.high, bar.given) == (750.0, 1250.0, False)
    by_hand = [12 * (30 * HOURS * 0.2 * scale - 100) - ONCE for scale in (0.75, 1.25)]
    assert (bar.at_low, bar.at_high) == pytest.approx(tuple(by_hand))
    measured = next(b for b in told.bars if b.name == MEASURED)
    assert (measured.low, measured.high) == (told.found.low, told.found.high)


def test_a_share_is_not_varied_beyond_the_whole():
    assert costs(mixed_share=0.9).ends("mixed_share") == (pytest.approx(0.675), 1.0)


def test_the_same_seed_gives_the_same_value_and_another_seed_another():
    ranged = {"hourly_cost": (10.0, 30.0, 90.0)}
    first, again = worth(**ranged), worth(**ranged)
    assert first.to_json() == again.to_json()
    other = value_of_changes(changes(), costs(**ranged), "correct", seed=1)
    assert other.worth.net.low != first.worth.net.low


def test_what_was_told_can_be_read_back():
    told = worth(rates={"missed": -0.1}, hourly_cost=(10.0, 30.0, 90.0))
    assert value_from_json(told.to_json(), where="report.json").to_json() == told.to_json()
    nothing = worth(found=None)
    assert value_from_json(nothing.to_json(), where="x").to_json() == nothing.to_json()


def test_an_interval_of_money_covers_the_truth():
    """The change is estimated anew each time; the interval holds its true worth in 95 of 100."""
    truth, rng = 0.2, np.random.default_rng(3)
    held = 0
    for _ in range(200):
        measured = changes(truth + 0.02 * rng.normal()).found
        one = replace(changes(), found=measured)
        told = value_of_changes(one, costs(**ONLY_SEARCH), "correct", seed=0).worth.search
        held += told.low <= 30 * HOURS * truth <= told.high
    assert 180 <= held <= 199  # what chance allows around 190
