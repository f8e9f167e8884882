"""Figures that have an end."""

import numpy as np

from dohyo.verification.bounded import bounded
from dohyo.verification.changed import changed_statistic


def test_resamples_stay_inside_and_the_change_is_theirs():
    values = np.where(np.arange(40) < 38, 1.0, 0.0)
    near_one = changed_statistic(
        lambda w: (w @ values / w.sum(1)) ** 8,
        lambda w: w @ values / w.sum(1) + 0.04,
        np.arange(40),
        seed=0,
    )
    assert near_one.after.replicates.max() > 1
    told = bounded(near_one, 0.0, 1.0)
    assert told.after.value == near_one.after.value
    assert told.after.replicates.max() == 1
    np.testing.assert_array_equal(
        told.change.replicates, told.after.replicates - told.before.replicates
    )
    assert told.p == told.change.two_sided_p()
