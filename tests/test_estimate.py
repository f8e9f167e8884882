import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.estimate import Estimate

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(value=finite, ends=st.tuples(finite, finite).map(sorted), p=st.none() | st.floats(0, 1))
def test_an_estimate_survives_json_exactly(value, ends, p):
    there = Estimate(value=value, low=ends[0], high=ends[1], n=7, seed=3, p=p)
    document = json.loads(json.dumps(there.to_json()))
    assert Estimate.from_json(document) == there
    assert ("p" in document) == (p is not None)


@pytest.mark.parametrize("place", ["value", "low", "high"])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_refused(place, bad):
    with pytest.raises(ValueError, match=r"^not an interval"):
        Estimate(**({"value": 0.5, "low": 0.0, "high": 1.0, "n": 1, "seed": 0} | {place: bad}))


def test_an_interval_must_not_run_backwards_but_the_value_may_lie_outside():
    assert Estimate(value=2.0, low=0.0, high=1.0, n=1, seed=0).value == 2.0
    with pytest.raises(ValueError, match=r"^not an interval"):
        Estimate(value=0.5, low=1.0, high=0.0, n=1, seed=0)
