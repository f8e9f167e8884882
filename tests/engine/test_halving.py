import numpy as np
import pytest

from dohyo.engine.halving import halving
from dohyo.errors import UsageError

ROWS = np.arange(50, dtype=np.float32).reshape(25, 2)


class OutOfMemoryError(RuntimeError):
    """As PyTorch names its own."""


def device(room: int, seen: list[int]):
    def double(rows):
        seen.append(len(rows))
        if len(rows) > room:
            raise OutOfMemoryError
        return rows * 2

    return double


@pytest.mark.parametrize("room", [1, 2, 5, 24, 25, 99])
def test_every_row_comes_back_in_order_whatever_the_memory_holds(room):
    assert (halving(device(room, []))(ROWS) == ROWS * 2).all()


def test_what_was_too_much_once_is_not_tried_again():
    seen: list[int] = []
    careful = halving(device(7, seen))
    careful(ROWS)
    assert seen == [25, 12, 6, 6, 6, 6, 1]
    seen.clear()
    careful(ROWS)
    assert max(seen) == 6


def test_a_memory_too_small_for_one_row_is_told():
    with pytest.raises(UsageError, match="single row"):
        halving(device(0, []))(ROWS)


def test_other_errors_pass():
    def broken(rows):
        raise RuntimeError("CUDA error")

    with pytest.raises(RuntimeError, match="CUDA error"):
        halving(broken)(ROWS)


def test_the_name_is_that_of_pytorch():
    torch = pytest.importorskip("torch")
    seen: list[int] = []

    def full(rows):
        seen.append(len(rows))
        if len(rows) > 10:
            raise torch.cuda.OutOfMemoryError
        return rows

    assert (halving(full)(ROWS) == ROWS).all()
    assert seen[0] == 25
