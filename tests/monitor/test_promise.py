"""The promise on false alarms, kept on streams of every kind; and changes that must be seen."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, kstest

from dohyo.errors import UsageError
from dohyo.monitor import Monitor
from dohyo.monitor.detector import SIZES, Detector
from dohyo.monitor.ranks import Ranks

EVERY = 50


def false_alarms(draw, streams, *, batches=50, every=EVERY, seed=0):
    """How many of some streams alarm within `batches` judged batches, nothing having changed."""
    alarms = 0
    for number in range(streams):
        rng = np.random.default_rng((seed, number))
        detector = Detector(every, ("a", "b"))
        ranks = {name: Ranks(20) for name in ("a", "b")}
        for step in range(20 + batches):
            value = draw(rng, step)
            found = {n: ranks[n].place(float(v), rng) for n, v in zip("ab", value, strict=True)}
            places = {name: place for name, place in found.items() if place is not None}
            if places and detector.update(places):
                alarms += 1
                break
    return alarms


QUIET = {
    "gaussian": lambda rng, _: rng.normal(size=2),
    "heavy": lambda rng, _: rng.standard_cauchy(size=2),
    "clustered": lambda rng, _: rng.choice([0.0, 0.0, 5.0], 2) + rng.normal(size=2) * 0.01,
    "dependent": lambda rng, _: np.repeat(rng.normal(), 2),
    "constant": lambda _, __: np.zeros(2),
}


@pytest.mark.parametrize("kind", QUIET)
def test_without_a_change_alarms_are_no_more_frequent_than_promised(kind):
    # The mean time is at least EVERY, so by Shiryaev-Roberts P(alarm within n) ≤ n / EVERY; at
    # n = EVERY / 5 that is 0.2, and more than binomial chance allows at 99 % is a broken promise.
    found = false_alarms(QUIET[kind], 400, batches=EVERY // 5)
    assert found <= binom.ppf(0.99, 400, 0.2)


def test_the_mean_time_between_false_alarms_is_at_least_what_was_promised():
    times = []
    for number in range(400):
        rng = np.random.default_rng((7, number))
        detector = Detector(20, ("a",))
        times.append(1)
        while not detector.update({"a": float(rng.random())}) and times[-1] < 2_000:
            times[-1] += 1
    error = np.std(times) / np.sqrt(len(times))
    assert np.mean(times) + 2.33 * error >= 20


def test_forgetting_the_oldest_values_does_not_break_the_promise(monkeypatch):
    # At 4,096 the dependence it brings is too small to be seen; at 40 it would be.
    monkeypatch.setattr("dohyo.monitor.ranks.HELD", 40)
    times = []
    for number in range(300):
        rng = np.random.default_rng((13, number))
        detector, ranks = Detector(20, ("a",)), Ranks(20)
        judged = 0
        while judged < 80:
            place = ranks.place(float(rng.normal()), rng)
            judged += place is not None
            if place is not None and detector.update({"a": place}):
                break
        times.append(judged)
    assert np.mean(times) + 2.33 * np.std(times) / np.sqrt(300) >= 20


def test_each_bet_is_one_on_average():
    for number, size in enumerate(SIZES):

        def won(p, number=number):
            detector = Detector(50, ("a",))
            detector.update({"a": p})
            return detector.arrays()["mass"][0, 0, number]

        found, _ = quad(won, 0, 1, limit=200)
        assert found == pytest.approx(1, abs=1e-3), size


def test_places_are_uniform_whatever_the_distribution():
    rng = np.random.default_rng(3)
    places = []
    for _ in range(300):
        ranks = Ranks(5)
        found = [ranks.place(float(v), rng) for v in rng.standard_cauchy(12).round(0)]
        places += found[5:]
    assert kstest(places, "uniform").pvalue > 0.001


@pytest.mark.parametrize("shift", [2.0, -2.0, 4.0])
def test_a_sudden_change_is_seen_and_dated(shift):
    seen, errors, reached = [], [], 0
    for number in range(40):
        rng = np.random.default_rng((11, number))
        detector, ranks = Detector(180, ("a",)), Ranks(60)
        for step in range(160):
            value = float(rng.normal() + (shift if step >= 120 else 0))
            place = ranks.place(value, rng)
            reached += step == 120
            if place is not None and detector.update({"a": place}):
                if step >= 120:
                    seen.append(step - 119)
                    began, earliest, latest = detector.started()
                    errors.append(earliest >= step - 119 >= latest)
                    assert earliest >= began >= latest
                break
    assert reached >= 25  # of 60 quiet batches, a promise of 180 lets some alarm before
    assert len(seen) >= 0.95 * reached
    assert np.median(seen) <= 12
    assert np.mean(errors) >= 0.7


def batch(rng, n=60, shift=0.0, dim=12):
    meaning = rng.normal(size=(n, dim)) / 3
    away = np.zeros(dim)
    away[0] = 1.0
    images = meaning + away + shift * np.eye(dim)[0] + rng.normal(size=(n, dim)) / 4
    return images, meaning - away + rng.normal(size=(n, dim)) / 4


def test_a_moved_side_is_named():
    rng = np.random.default_rng(5)
    monitor = Monitor(every=100, learn=5, calibrate=30)
    phases = []
    for _ in range(60):
        seen = monitor.update(*batch(rng))
        phases.append(seen.phase)
        assert seen.alarm is None
    assert phases == ["learning"] * 5 + ["calibrating"] * 30 + ["watching"] * 25
    for _ in range(10):
        seen = monitor.update(*batch(rng, shift=0.6))
        if seen.alarm is not None:
            break
    assert seen.alarm is not None
    assert seen.alarm.stream.startswith(("image", "gap"))
    assert seen.alarm.latest <= seen.alarm.began <= seen.alarm.earliest
    again = [monitor.update(*batch(rng, shift=0.6)) for _ in range(40)]
    assert [each.phase for each in again] == ["calibrating"] * 30 + ["watching"] * 10
    assert not any(each.alarm for each in again)


def test_a_season_is_compared_with_its_like():
    rng = np.random.default_rng(6)
    monitor = Monitor(every=2000, learn=14, calibrate=20)
    for day in range(7 * 25):
        weekend = day % 7 >= 5
        shift = 1.5 if weekend else 0.0
        seen = monitor.update(*batch(rng, shift=shift), season=str(weekend))
        assert seen.alarm is None
    usual = monitor.effects()["image_along_gap"]
    assert usual["True"] > 1 > -1 > usual["False"]


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (np.full((20, 12), np.nan), "NaN"),
        (np.zeros((20, 12)), "zeros"),
        (np.ones((20, 11)), "dimensions"),
        (np.ones((3, 12)), "fewer"),
        (np.ones((0, 12)), "fewer"),
        (np.ones(12), "matrix"),
        (np.ones((20, 12), int), "matrix"),
    ],
)
def test_a_bad_batch_is_refused_and_changes_nothing(images, said):
    rng = np.random.default_rng(8)
    good = [batch(rng) for _ in range(40)]
    plain, disturbed = (Monitor(every=100, learn=3, calibrate=10) for _ in range(2))
    for n, (left, right) in enumerate(good):
        first = plain.update(left, right)
        if n > 2:
            refused = disturbed.update(images, right)
            assert refused.phase == "refused"
            assert said in refused.why
        second = disturbed.update(left, right)
        assert first.values == second.values
        assert first.evidence == second.evidence


def test_real_batches_resampled_alarm_no_more_often_than_promised(coco500):
    image, text = coco500.unit("image"), coco500.unit("text")
    early = 0
    for number in range(24):
        rng = np.random.default_rng((14, number))
        monitor = Monitor(every=25, learn=2, calibrate=15, seed=number)
        for _ in range(17 + 5):
            at, to = rng.integers(0, len(image), (2, 30))
            if monitor.update(image[at], text[to]).alarm is not None:
                early += 1
                break
    assert early <= binom.ppf(0.99, 24, 0.2)


def test_real_batches_resampled_keep_quiet_and_a_rotation_is_seen(coco500):
    image, text = coco500.unit("image"), coco500.unit("text")
    rng = np.random.default_rng(9)
    monitor = Monitor(every=200, learn=5, calibrate=30)

    def some(moved=0.0):
        at, to = rng.integers(0, len(image), (2, 100))
        left = image[at].copy()
        if moved:  # turn one side by an angle in the plane of the two widest coordinates
            a, b = np.argsort(-image.var(0))[:2]
            c, s = np.cos(moved), np.sin(moved)
            left[:, [a, b]] = left[:, [a, b]] @ np.array([[c, -s], [s, c]], np.float32)
        return left, text[to]

    assert not any(monitor.update(*some()).alarm for _ in range(100))
    assert any(monitor.update(*some(np.pi / 2)).alarm for _ in range(40))


@pytest.mark.parametrize("wrong", [{"every": 0.5}, {"learn": 0}, {"calibrate": 2}])
def test_senseless_promises_are_refused(wrong):
    with pytest.raises(UsageError):
        Monitor(**wrong)
