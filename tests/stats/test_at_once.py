"""Several figures of one weighting."""

import numpy as np
import pytest

from dohyo.stats.at_once import at_once
from dohyo.stats.bootstrap import bootstrap_statistic


def test_each_figure_is_as_if_taken_alone_and_made_once():
    values, group = np.random.default_rng(0).random(30), np.arange(30)
    calls = []

    def every(weight):
        calls.append(len(weight))
        mean = weight @ values / weight.sum(axis=1)
        return {"mean": mean, "square": mean**2}

    named = at_once(every)
    for name in ("mean", "square"):
        told = bootstrap_statistic(named(name), group, seed=3)
        alone = bootstrap_statistic(lambda weight, n=name: every(weight)[n], group, seed=3)
        np.testing.assert_array_equal(told.replicates, alone.replicates)
    assert calls == [1, 2000] * 3  # once for both, and each alone


def test_figures_asked_for_different_draws_are_refused():
    named = at_once(lambda weight: {"one": weight.sum(axis=1), "two": weight.max(axis=1)})
    bootstrap_statistic(named("one"), np.arange(9), seed=0)
    with pytest.raises(ValueError, match="different weightings"):
        bootstrap_statistic(named("two"), np.arange(9), seed=1)
