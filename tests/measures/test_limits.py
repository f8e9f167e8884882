"""Limits: what fails, what is left open, what cannot be asked."""

import pytest

from dohyo.errors import CorpusError, UsageError
from dohyo.estimate import Estimate
from dohyo.measures.limits import ALIASES, check, from_tables, limit
from dohyo.measures.profile import Profile
from dohyo.measures.registry import MEASURES


def profile(low: float, high: float, name: str = "relative_modality_gap") -> Profile:
    middle = Estimate(value=(low + high) / 2, low=low, high=high, n=9, seed=0)
    return Profile(
        estimates={name: middle},
        references={name: 0.0},
        absent={"pairing_signal": "This corpus has no pairs."},
        sampled=False,
    )


@pytest.mark.parametrize(
    ("side", "low", "high", "standing"),
    [
        ("max", 0.1, 0.2, "within"),
        ("max", 0.2, 0.3, "within"),
        ("max", 0.2, 0.4, "crossing"),
        ("max", 0.3, 0.4, "crossing"),
        ("max", 0.31, 0.4, "past"),
        ("min", 0.31, 0.4, "within"),
        ("min", 0.2, 0.4, "crossing"),
        ("min", 0.1, 0.29, "past"),
    ],
)
def test_only_an_interval_wholly_past_the_limit_is_past(side, low, high, standing):
    (checked,) = check(profile(low, high), (limit(side, "rmg", "0.3"),))
    assert checked.standing == standing
    assert checked.to_json()["measure"] == "relative_modality_gap"


def test_every_alias_is_a_measure_and_hides_none():
    assert set(ALIASES.values()) <= set(MEASURES)
    assert not set(ALIASES) & set(MEASURES)


@pytest.mark.parametrize("at", ["abc", "nan", "inf", "-1", "7", "", True, None])
def test_what_the_measure_cannot_take_is_no_limit(at):
    with pytest.raises(UsageError, match="is no limit for relative_modality_gap"):
        limit("max", "rmg", at)


def test_an_unknown_name_is_answered_with_its_neighbours():
    with pytest.raises(UsageError, match="relative_modality_gap"):
        limit("max", "relative_modality_gp", 0.3)
    with pytest.raises(UsageError, match="centroid_distance"):
        limit("max", "zzz", 0.3)


def test_tables_are_read_and_anything_else_refused():
    read = from_tables({"max": {"rmg": 0.3}, "min": {"signal": 1}}, source="limits.toml")
    assert [(each.side, each.measure, each.at) for each in read] == [
        ("max", "relative_modality_gap", 0.3),
        ("min", "pairing_signal", 1.0),
    ]
    for wrong in ({"most": {}}, {"max": 3}):
        with pytest.raises(UsageError, match=r"\[max\] and \[min\]"):
            from_tables(wrong, source="limits.toml")


def test_what_is_absent_cannot_pass():
    with pytest.raises(CorpusError, match=r"pairing_signal cannot be checked: This corpus has no"):
        check(profile(0.1, 0.2), (limit("min", "pairing_signal", 0.1),))
