"""One step down, never below the floor, never to a strength that nothing was copied at."""

from types import SimpleNamespace

import pytest

from dohyo.errors import UsageError
from dohyo.monitor.adjust.by_itself import weaker
from dohyo.monitor.adjust.settings import AdjustSettings
from dohyo.monitor.explain.retrieval import Served


class Ground:
    """Judges a map as harmful above a strength."""

    def __init__(self, harms_above):
        self._above = harms_above

    def judged(self, served):
        return SimpleNamespace(harms=served.strength > self._above)


def step(centred, strength, *, harms_above=0.8, copies=(0.75, 0.5)):
    served = Served(identity="m", fitted=centred, strength=strength)
    shop = SimpleNamespace(has_copy=lambda _, at: at in copies)
    return weaker(Ground(harms_above), served, AdjustSettings(), shop)


def test_one_step_is_taken_where_it_no_longer_harms(centred):
    assert step(centred, 1.0) == 0.75
    assert step(centred, 0.75) == 0.5


def test_below_the_floor_there_is_only_raw(centred):
    assert step(centred, 0.5, copies=(0.25,)) is None
    assert step(centred, 0.7, copies=(0.45,)) is None


def test_a_strength_that_harms_as_well_is_passed_over_for_raw(centred):
    assert step(centred, 1.0, harms_above=0.6) is None


def test_without_a_copy_of_that_strength_there_is_only_raw(centred):
    assert step(centred, 1.0, copies=()) is None


@pytest.mark.parametrize(
    "wrong", [{"step": 0.0}, {"floor": 1.0}, {"policy": "bold"}, {"begin_percent": 0.0}]
)
def test_bounds_out_of_range_are_refused(wrong):
    with pytest.raises(UsageError):
        AdjustSettings(**wrong)
