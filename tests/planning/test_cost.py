"""The cost model: what more rows cost, on which machine, and how far it is to be believed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dohyo.planning.cost import cost, error, known, largest, reference
from dohyo.planning.fit import Fitted, Point, fit, fit_stage, points_of
from dohyo.planning.rates import Rates, measured_rates
from dohyo.planning.work import ALIKE, ROWS_IN_ONE_CELL, STAGES, Size

HISTORY = Path(__file__).parents[2] / "docs" / "benchmarks"
RATES = Rates(flops=1e11, disk=5e8)
ROWS = st.integers(1_000, 10**9)


@pytest.mark.parametrize("stage", STAGES)
@given(rows=ROWS, more=st.floats(1.0, 100.0))
def test_more_rows_never_cost_less(stage, rows, more):
    if "displacement" in stage:
        # Where anchors begin to be searched by cells, more of them do cost less.
        assume(rows > ROWS_IN_ONE_CELL or rows * more <= ROWS_IN_ONE_CELL)
    few = cost(stage, Size(rows, rows, 512, rows))
    many = cost(stage, Size(*[int(rows * more)] * 2, 512, int(rows * more)))
    for name, value in few.to_json().items():
        assert many.to_json()[name] >= value * (1 - 1e-9)


@pytest.mark.parametrize("stage", STAGES)
@given(rows=ROWS, times=st.floats(1.0, 50.0))
def test_a_slower_machine_never_takes_less_time(stage, rows, times):
    size, here = Size(rows, rows, 512, rows), reference()
    assert (
        cost(stage, size, Rates(here.flops / times, here.disk / times)).seconds
        >= cost(stage, size, here).seconds
    )


def test_the_rates_it_was_fitted_on_change_nothing():
    size = Size(10**6, 10**6, 512)
    assert cost("align_linear", size) == cost("align_linear", size, reference())


@pytest.mark.parametrize("stage", [s for s in STAGES if "linear" in s or "measure" in s])
def test_memory_of_streaming_stages_is_flat(stage):
    few, many = (cost(stage, Size(rows, rows, 512)) for rows in (10**6, 10**9))
    assert many.bytes_memory == few.bytes_memory


def made(stage: str, true: Fitted, rows: list[int], noise: float = 0.0) -> list[Point]:
    rng = np.random.default_rng(1)
    points = []
    for count in rows:
        size = Size(count, count, 512, count)
        told = cost(stage, size, RATES, {stage: true})
        seconds = told.seconds * float(np.exp(noise * rng.standard_normal()))
        points.append(Point(stage, size, seconds, told.bytes_memory, RATES))
    return points


@pytest.mark.parametrize(("noise", "off"), [(0.0, 1.01), (0.03, 2.0)])
@pytest.mark.parametrize("stage", [s for s in STAGES if s not in ALIKE])
def test_the_fit_foretells_a_size_ten_times_larger(stage, noise, off):
    true = Fitted(fixed=3.0, products=1.7, disk=0.4, row=1e-5, base=3e8, held=1.3)
    fitted = fit_stage(made(stage, true, [10_000, 30_000, 100_000, 300_000], noise))
    size = Size(*[3_000_000] * 2, 512, 3_000_000)
    wanted, found = (cost(stage, size, RATES, {stage: own}) for own in (true, fitted))
    assert 1 / off < found.seconds / wanted.seconds < off
    assert found.bytes_memory == pytest.approx(wanted.bytes_memory, rel=0.05)


def test_no_coefficient_is_below_zero():
    # Seconds that fall with the rows: a fit without a bound would take a negative slope.
    points = made("align_linear", Fitted(3.0, 1.0, 0.0, 0.0, 1e8, 0.0), [10_000, 30_000, 100_000])
    falling = [replace(p, seconds=10.0 - i) for i, p in enumerate(points)]
    own = fit_stage(falling)
    assert min(own.fixed, own.products, own.disk, own.row, own.base, own.held) >= 0


def test_what_comes_with_dohyo_is_the_fit_to_the_history():
    documents = [json.loads(f.read_text("utf-8")) for f in sorted(HISTORY.glob("scale-*.json"))]
    assert documents
    fitted = fit([p for document in documents for p in points_of(document)])
    for stage, own in fitted.items():
        assert known()["stages"][stage] == pytest.approx(
            {name: getattr(own, name) for name in Fitted.__slots__}, rel=1e-6
        )


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_known_with_its_reach_and_its_error(stage):
    assert largest(stage) >= 200_000 or stage.startswith("apply")
    missed = error(stage)
    assert missed is not None
    assert missed >= 1


def test_the_rates_of_this_machine_are_taken_in_a_moment():
    rates = measured_rates()
    assert rates.flops > 1e8
    assert rates.disk > 1e5
