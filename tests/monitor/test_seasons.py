"""Weekdays and hours are learned, and the promise holds with them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy.stats import binom, kstest

from dohyo.errors import UsageError
from dohyo.monitor import Monitor
from dohyo.monitor.detector import Detector
from dohyo.monitor.ranks import Ranks
from dohyo.monitor.seasons import centres, residuals, season_of

WEEK = np.array([0.0, 1.0, 2.0, 3.0, 2.0, -4.0, -5.0])
EVERY = 20
WEEKLY = {
    "gaussian": lambda rng, day: rng.normal() + WEEK[day % 7],
    "heavy": lambda rng, day: rng.standard_cauchy() + WEEK[day % 7],
    "clustered": lambda rng, day: rng.choice([0.0, 0.0, 5.0]) + 0.01 * rng.normal() + WEEK[day % 7],
    "wild weekends": lambda rng, day: rng.normal() * (1 + 4 * (day % 7 >= 5)) + WEEK[day % 7],
}


def days_to_alarm(draw, number, *, most):
    """How many judged days it takes, nothing but the weekdays having changed."""
    rng = np.random.default_rng((21, number))
    detector, ranks = Detector(EVERY, ("a",)), Ranks(20)
    judged = 0
    for day in range(most + 21):
        place = ranks.place(draw(rng, day), rng, day % 7)
        judged += place is not None
        if judged == most or (place is not None and detector.update({"a": place})):
            break
    return judged


@pytest.mark.parametrize("kind", WEEKLY)
def test_with_weekdays_alarms_are_no_more_frequent_than_promised(kind):
    times = np.array([days_to_alarm(WEEKLY[kind], n, most=60) for n in range(400)])
    # In the first fifth of the promised time, a fifth of the streams may alarm (Markov's
    # inequality for the e-detector), and on average it takes the promised time, here cut at 60.
    assert (times <= EVERY // 5).sum() <= binom.ppf(0.99, 400, 0.2)
    assert times.mean() + 2.33 * times.std() / 20 >= EVERY


def test_with_equal_counts_of_each_season_a_place_is_uniform_whatever_the_distribution():
    places = []
    for number in range(1500):
        rng = np.random.default_rng((4, number))
        ranks = Ranks(5)
        for day in range(4 * 3):
            place = ranks.place(float(rng.standard_cauchy()), rng, day % 3)
        places.append(place)
    assert kstest(places, "uniform").pvalue > 0.001


def test_a_season_is_judged_once_three_of_it_are_there():
    rng = np.random.default_rng(0)
    ranks = Ranks(10)
    for day in range(40):
        assert (ranks.place(float(day), rng, 0) is None) == (day < 10)
    judged = [ranks.place(float(day), rng, 1) is not None for day in range(5)]
    assert judged == [False, False, False, True, True]


def test_an_outlier_moves_what_is_usual_little():
    rng = np.random.default_rng(1)
    values, codes = rng.normal(size=40), np.repeat([0, 1], 20)
    values[codes == 1] += 5
    values[3] = 1e6
    centre, count = centres(values, codes)
    assert centre == pytest.approx([0, 5], abs=0.8)
    assert list(count) == [20, 20]


def test_residuals_of_any_number_have_one_spread():
    rng = np.random.default_rng(2)
    last = {m: [] for m in (3, 12)}
    for _ in range(3000):
        for m, found in last.items():
            codes = np.repeat([7, 9], [m, 12])
            found.append(residuals(rng.normal(size=m + 12), codes)[0][0])
    assert np.std(last[3]) == pytest.approx(1, abs=0.06)
    assert np.std(last[12]) == pytest.approx(1, abs=0.06)


def test_the_names_of_seasons():
    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)  # a Tuesday
    names = [season_of(at, season) for season in ("none", "weekday", "hour", "weekhour")]
    assert names == ["", "Tue", "09", "Tue 09"]


def test_the_weekday_is_learned_and_shown_and_the_warm_up_says_so():
    rng = np.random.default_rng(3)
    monitor = Monitor(every=5000, learn=7, calibrate=14, season="weekday", extra=("volume",))
    start, phases = datetime(2026, 6, 1, tzinfo=UTC), []  # a Monday
    for day in range(7 * 9):
        rows = rng.normal(size=(2, 20, 4))
        figures = {"volume": 100 + 10 * WEEK[day % 7] + rng.normal()}
        seen = monitor.update(*rows, at=start + timedelta(day), figures=figures)
        phases.append(seen.phase)
    assert phases == ["learning"] * 7 + ["calibrating"] * 21 + ["watching"] * 35
    effects = monitor.effects()["volume"]
    assert list(effects) == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert list(effects.values()) == pytest.approx(10 * (WEEK - WEEK.mean()), abs=2)


def test_a_change_on_top_of_the_weekdays_is_seen():
    rng = np.random.default_rng(5)
    monitor = Monitor(every=1000, learn=3, calibrate=21, extra=("volume",))
    alarm = None
    for day in range(7 * 12):
        volume = WEEK[day % 7] + rng.normal() + (3 if day >= 60 else 0)
        rows = rng.normal(size=(2, 20, 4))
        seen = monitor.update(*rows, season=str(day % 7), figures={"volume": volume})
        alarm = alarm or seen.alarm
    assert alarm is not None
    assert alarm.stream == "volume"


def test_a_season_needs_a_time():
    rows = np.ones((20, 4))
    with pytest.raises(UsageError, match="no weekday"):
        Monitor(season="weekday").update(rows, rows)
    with pytest.raises(UsageError, match="no season"):
        Monitor(season="moon")


def test_seasons_that_never_come_again_are_refused_in_the_end():
    monitor = Monitor(learn=1, calibrate=5, extra=("volume",))
    rows = np.random.default_rng(0).normal(size=(20, 4))
    monitor.update(rows, rows)
    for number in range(1000):
        monitor.update(None, None, season=str(number), figures={"volume": 1.0})
    with pytest.raises(UsageError, match="1001st season"):
        monitor.update(None, None, season="one more", figures={"volume": 1.0})
