"""History from a folder: what the names of files say of the season."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from dohyo.errors import UsageError
from dohyo.monitor import Monitor
from dohyo.monitor.replay import replay


def folder_of(path, names, seed=0):
    rng = np.random.default_rng(seed)
    for name in names:
        image, text = rng.normal(size=(2, 12, 4))
        np.savez(path / f"{name}.npz", image=image, text=text)
    return path


def test_hours_are_read_from_the_names_and_learned(tmp_path):
    start = datetime(2026, 11, 23, tzinfo=UTC)
    times = [start + timedelta(hours=12 * n) for n in range(16)]
    folder_of(tmp_path, [f"{at:%Y-%m-%dT%H}" for at in times])
    monitor = Monitor(learn=2, calibrate=5)
    found = replay(tmp_path, monitor, season="hour")
    assert [each.seen.phase for each in found][:2] == ["learning"] * 2
    assert set(monitor.effects()["gap_size"]) == {"00", "12"}


@pytest.mark.parametrize(
    ("name", "season", "known"),
    [
        ("2026-11-24", "weekday", ["Tue"]),
        ("shop_20261124", "weekday", ["Tue"]),
        ("2026-11-24T09", "weekhour", ["Tue 09"]),
        ("2026-11-24_0930", "hour", ["09"]),
        ("20261124-09h30", "hour", ["09"]),
        ("2026-11-24", "hour", None),
        ("2026-13-24", "weekday", None),
        ("2026-11-24T25", "hour", None),
        ("latest", "weekday", None),
    ],
)
def test_a_season_is_in_the_name_or_it_is_said_that_it_is_not(tmp_path, name, season, known):
    folder_of(tmp_path, [name])
    monitor = Monitor(learn=1, calibrate=5)
    if known is None:
        with pytest.raises(UsageError, match=r"no date|hour"):
            replay(tmp_path, monitor, season=season)
        return
    (only,) = replay(tmp_path, monitor, season=season)
    assert only.seen.phase == "learning"
