"""Pieces made ahead are the same pieces."""

import threading

import pytest

from dohyo.io.ahead import ahead


def test_the_items_come_in_order_and_from_another_thread():
    makers = set()

    def make():
        for number in range(50):
            makers.add(threading.get_ident())
            yield number

    assert list(ahead(make())) == list(range(50))
    assert threading.get_ident() not in makers


def test_an_error_comes_where_its_item_would_have_come():
    def make():
        yield 1
        raise ValueError("bad")

    got = ahead(make())
    assert next(got) == 1
    with pytest.raises(ValueError, match="bad"):
        next(got)


def test_closing_early_closes_the_iterator():
    closed = []

    def make():
        try:
            while True:
                yield 1
        finally:
            closed.append(True)

    got = ahead(make())
    next(got)
    got.close()
    assert closed == [True]


def test_at_most_one_item_is_made_ahead():
    made = []

    def make():
        for number in range(10):
            made.append(number)
            yield number

    got = ahead(make())
    next(got)
    got.close()
    assert len(made) <= 2
