"""One-sided batches, live figures, blame, drift, and what each stream is for."""

import numpy as np
import pytest

from dohyo.errors import UsageError
from dohyo.monitor import Monitor
from dohyo.monitor.detector import Detector
from dohyo.monitor.ranks import Ranks
from dohyo.monitor.streams import STREAMS

D = 12


def batch(rng, n=60, *, turn=None, spread=1.0):
    meaning = rng.normal(size=(n, D)) * np.linspace(1, 0.2, D) / 3
    away = np.eye(D)[0] / 2
    image = meaning + away + spread * rng.normal(size=(n, D)) / 5
    text = meaning - away + rng.normal(size=(n, D)) / 5
    return (image if turn is None else image @ turn), text


def watching(**more):
    """Return a monitor that has been watching for a while, and what draws its batches."""
    rng = np.random.default_rng(17)
    monitor = Monitor(**({"every": 200, "learn": 5, "calibrate": 40} | more))
    for _ in range(46):
        monitor.update(*batch(rng), figures={"volume": float(rng.normal())})
    return monitor, rng


def first_alarm(monitor, batches):
    for given, more in batches:
        seen = monitor.update(*given, **more)
        if seen.alarm is not None:
            return seen.alarm
    return None


def test_every_stream_of_a_whole_batch_has_a_value():
    monitor, rng = watching()
    assert set(monitor.update(*batch(rng)).values) == set(STREAMS) == set(monitor.streams)


def test_a_batch_of_one_modality_feeds_its_own_streams_alone():
    monitor, rng = watching()
    before = monitor._detector.arrays()["mass"].copy()
    image, _ = batch(rng)
    seen = monitor.update(image, None)
    assert seen.phase == "watching"
    assert seen.values
    assert all(name.startswith("image_") for name in seen.values)
    after = monitor._detector.arrays()["mass"]
    moved = {n for n, a, b in zip(monitor.streams, before, after, strict=True) if (a != b).any()}
    assert moved == set(seen.values)


def test_a_stream_that_is_never_fed_raises_no_evidence():
    detector = Detector(50, ("a", "never"))
    rng = np.random.default_rng(0)
    for _ in range(300):
        detector.update({"a": float(rng.random())})
    assert not detector.arrays()["mass"][1].any()
    assert [name for name, _ in detector.blamed()] == ["a"]


def test_images_alone_can_be_watched_and_learned():
    rng = np.random.default_rng(1)
    monitor = Monitor(every=200, learn=5, calibrate=30)
    for _ in range(40):
        assert monitor.update(batch(rng)[0], None).alarm is None
    alarm = first_alarm(monitor, (((batch(rng)[0] + 0.5, None), {}) for _ in range(20)))
    assert alarm is not None
    assert alarm.stream.startswith("image_")


def test_a_live_figure_is_a_stream_of_its_own_and_is_blamed():
    monitor, rng = watching(extra=("volume", "benefit"))
    high = ((batch(rng), {"figures": {"volume": 3 + float(rng.normal())}}) for _ in range(30))
    alarm = first_alarm(monitor, high)
    assert alarm is not None
    assert alarm.stream == "volume"
    assert alarm.blamed[0] == ("volume", alarm.share)
    shares = [share for _, share in alarm.blamed]
    assert shares == sorted(shares, reverse=True)
    assert len(shares) == 8
    assert 0.5 < sum(shares) <= 1
    assert alarm.to_json()["blamed"][0][0] == "volume"


def test_a_figure_that_was_not_declared_or_is_not_finite_is_not_watched():
    monitor, rng = watching(extra=("volume",))
    seen = monitor.update(*batch(rng), figures={"volume": np.nan, "noise": 1.0})
    assert not {"volume", "noise"} & set(seen.values)


def test_figures_alone_are_a_batch_and_nothing_at_all_is_none():
    monitor, _ = watching(extra=("volume",))
    assert monitor.update(None, None, figures={"volume": 0.0}).values == {"volume": 0.0}
    assert "neither" in monitor.update(None, None).why
    with pytest.raises(UsageError, match="taken"):
        Monitor(extra=("gap_size",))


def test_a_batch_of_figures_is_not_learned_from():
    monitor = Monitor(learn=1, calibrate=5, extra=("volume",))
    assert monitor.update(None, None, figures={"volume": 0.0}).phase == "learning"
    assert monitor.reference is None


def swapped():
    """Return what exchanges the second widest direction with a narrow one."""
    order = np.arange(D)
    order[[1, 9]] = [9, 1]
    return np.eye(D)[order]


@pytest.mark.parametrize(
    ("change", "streams"),
    [
        ({"turn": swapped()}, {"image_shape", "image_outside"}),
        ({"spread": 1.6}, {"image_shape", "image_spread", "hubness", "mixing"}),
    ],
)
def test_a_change_of_covariance_is_seen_by_the_streams_that_are_for_it(change, streams):
    monitor, rng = watching()
    alarm = first_alarm(monitor, ((batch(rng, **change), {}) for _ in range(40)))
    assert alarm is not None
    assert alarm.stream in streams


def test_a_slow_drift_is_seen_too():
    # The ranks are among all values so far, not among the latest: under a drift the mean of the
    # past lags behind by half the way, and the newest value is a record more and more often.
    told = []
    for number in range(20):
        rng = np.random.default_rng((8, number))
        detector, ranks = Detector(180, tuple("abcdefghij")), Ranks(20)
        for step in range(400):
            place = ranks.place(rng.normal() + 0.01 * max(0, step - 50), rng)
            if place is not None and detector.update({"a": place}):
                told.append(step - 50)
                break
    assert len(told) == 20
    assert np.median(told) < 140  # it has then moved by 1.4 deviations


@pytest.mark.parametrize("shift", [1.0, 2.0, 4.0])
def test_the_interval_of_the_begin_covers_it_nine_times_in_ten(shift):
    covered = []
    for number in range(60):
        rng = np.random.default_rng((9, number))
        detector, ranks = Detector(180, ("a", "b", "c")), Ranks(20)
        for step in range(250):
            place = ranks.place(rng.normal() + (shift if step >= 50 else 0), rng)
            if place is not None and detector.update({"a": place}):
                if step >= 50:
                    _, earliest, latest = detector.started()
                    covered.append(latest <= step - 49 <= earliest)
                break
    assert len(covered) >= 45
    # 90 % in the long run; by chance it may be a little less in so few.
    assert np.mean(covered) >= 0.82
