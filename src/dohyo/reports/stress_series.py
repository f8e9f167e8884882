"""What the picture of stress shows, as rows, and what its trials are called."""

from dohyo.decision.stress import Stress, Trial
from dohyo.reports.page import digits
from dohyo.reports.series import Rows
from dohyo.words import Words


def called(trial: Trial, words: Words) -> str:
    """Return the reader's name of a trial: its fault and how far it went."""
    level = digits.level(trial.level, words)
    return words(f"stress.condition.{trial.condition or 'none'}", level=level)


def stress_rows(stress: Stress, words: Words) -> Rows:
    """Return gain and harm of each trial by protocol, the data as it is first."""
    rows = []
    for place, trial in enumerate((stress.unstressed, *stress.trials)):
        standing = "holds" if trial.verdict == "correct" else "breaks"
        for figure, changes in (("gain", trial.gain), ("harm", trial.harm)):
            for protocol, change in changes.items():
                rows.append(
                    {
                        "line": place,
                        "label": called(trial, words),
                        "figure": figure,
                        "protocol": protocol,
                        "value": change.value,
                        "low": change.low,
                        "high": change.high,
                        "standing": words(f"chart.stress.{standing}"),
                    }
                )
    return rows
