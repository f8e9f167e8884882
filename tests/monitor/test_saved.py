"""A monitor that was saved goes on as if nothing had been."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from dohyo.errors import UsageError
from dohyo.monitor import Monitor
from dohyo.monitor.ranks import HELD

START = datetime(2026, 1, 1, tzinfo=UTC)


def stream(days, *, seed=0, rows=24, d=6):
    """Batches in which ties must be broken, one without texts now and then, and a change."""
    rng = np.random.default_rng(seed)
    for day in range(days):
        image, text = rng.normal(size=(2, rows, d)) + (1.5 if day > 60 else 0.0)
        figures = {"volume": float(rng.integers(3))}
        yield (
            (image, None if day % 9 == 4 else text),
            {"at": START + timedelta(day), "figures": figures},
        )


def watch(**more):
    options = {"every": 60, "learn": 3, "calibrate": 10, "season": "weekday", "seed": 5}
    return Monitor(**(options | more), extra=("volume",))


@pytest.mark.parametrize("at", [0, 1, 3, 20, 50])
def test_a_loaded_monitor_goes_on_bit_for_bit(at):
    one = watch()
    days = list(stream(90))
    for given, more in days[:at]:
        one.update(*given, **more)
    other = Monitor.load(one.save())
    seen = [(one.update(*given, **more), other.update(*given, **more)) for given, more in days[at:]]
    assert all(first == second for first, second in seen)
    assert any(first.alarm for first, _ in seen)
    assert one.save() == other.save()
    assert one.effects() == other.effects()


def test_a_batch_larger_than_the_sample_is_drawn_alike_by_a_loaded_monitor():
    rng = np.random.default_rng(1)
    one = Monitor(learn=1, calibrate=5)
    one.update(*rng.normal(size=(2, 20, 4)))
    other = Monitor.load(one.save())
    large = rng.normal(size=(2, 3000, 4))
    assert one.update(*large) == other.update(*large)


@pytest.mark.parametrize("learned", [False, True])
def test_a_saved_monitor_is_less_than_20_megabytes_at_512_dimensions(learned):
    rng = np.random.default_rng(2)
    names = ("cross_share", "comparability", "volume", "refused", "benefit", "canary_recall")
    monitor = Monitor(every=1e9, learn=2, calibrate=5, season="weekhour", extra=names)
    for hour in range(12 if learned else 1):
        rows = rng.normal(size=(2, 30, 512)).astype(np.float32)
        monitor.update(*rows, at=START + timedelta(hours=hour), figures=dict.fromkeys(names, 0.5))
    for ranks in monitor._ranks.values():  # as after years
        ranks.values, ranks.codes = np.zeros(HELD), np.zeros(HELD, np.int64)
    monitor._detector._scores = np.zeros((HELD, len(monitor.streams)))
    saved = monitor.save()
    assert len(saved) < 20e6
    assert Monitor.load(saved).save() == saved


def test_history_is_bounded():
    rng = np.random.default_rng(3)
    monitor = Monitor(every=1e300, learn=1, calibrate=5)
    monitor.update(*rng.normal(size=(2, 12, 3)))
    for _ in range(3):
        monitor.update(*rng.normal(size=(2, 12, 3)))
    ranks = monitor._ranks["gap_size"]
    ranks.values, ranks.codes = np.zeros(HELD), np.zeros(HELD, np.int64)
    monitor.update(*rng.normal(size=(2, 12, 3)))
    assert len(ranks.values) == len(ranks.codes) == HELD
    assert ranks.values[-1] != 0


def test_what_is_no_saved_monitor_is_refused():
    saved = watch().save()
    for wrong in (b"", b"x" * 40, saved[:-3], saved[:50], saved.replace(b"F64", b"F99")):
        with pytest.raises(UsageError):
            Monitor.load(wrong)
    with pytest.raises(UsageError, match="another version"):
        Monitor.load(saved.replace(b'schema\\": 1', b'schema\\": 2'))
    with pytest.raises(UsageError, match="other things"):
        Monitor.load(saved.replace(b"gap_size", b"gap_sise"))
