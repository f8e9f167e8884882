import gc
import weakref

import numpy as np
import pytest

from dohyo.measures.once_per_view import once_per_view
from dohyo.measures.registry import MEASURES
from worlds import sphere, view_of


def view():
    rng = np.random.default_rng(0)
    return view_of(sphere(rng, 40, 5), sphere(rng, 40, 5), np.arange(40))


def test_the_work_is_done_once_for_each_view():
    seen = []
    work = once_per_view(lambda given: seen.append(given) or len(seen))
    first, second = view(), view()
    assert [work(first), work(first), work(second), work(first)] == [1, 1, 2, 1]


def test_two_works_do_not_share_a_place():
    def one(given):
        return 1

    def two(given):
        return 2

    same = view()
    assert (once_per_view(one)(same), once_per_view(two)(same)) == (1, 2)


@pytest.mark.parametrize("name", MEASURES)
def test_a_view_that_was_measured_is_let_go(name):
    """A service that measures day after day must not keep every day's corpus."""
    measured = view()
    try:
        MEASURES[name].compute(measured)
    except ValueError:
        pytest.skip("not defined on this corpus")
    gone = weakref.ref(measured)
    gc.disable()  # the last reference goes with the name, not when a collector comes by
    try:
        del measured
        assert gone() is None
    finally:
        gc.enable()
