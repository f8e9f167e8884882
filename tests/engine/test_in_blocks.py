from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from dohyo.engine.in_blocks import FEWEST_ROWS, in_blocks, rows_in_cache


def blas_threads():
    return {part["num_threads"] for part in threadpool_info() if part["user_api"] == "blas"}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("rows", [0, 1, 7, 8, 9, 100])
def test_every_row_has_its_turn_once(rows, threads):
    seen = np.zeros(rows, int)

    def work(block):
        seen[block] += 1
        assert blas_threads() == {1}

    with threadpool_limits(threads):
        before = blas_threads()
        in_blocks(work, rows, 8)
        assert blas_threads() == before
    assert (seen == 1).all()


@pytest.mark.parametrize("threads", [1, 2])
def test_the_first_bad_block_is_the_one_told_of_and_threads_are_as_before(threads):
    def work(block):
        if block.start >= 16:
            raise ValueError(str(block.start))

    with threadpool_limits(threads):
        before = blas_threads()
        with pytest.raises(ValueError, match=r"^16$"):
            in_blocks(work, 1_000, 8)
        assert blas_threads() == before


def test_two_callers_at_once_leave_the_threads_as_they_were():
    together = Barrier(2, timeout=20)

    def work(block):
        if block.start == 0:
            together.wait()  # both are inside

    with threadpool_limits(2):
        before = blas_threads()
        with ThreadPoolExecutor(2) as pool:
            for one in [pool.submit(in_blocks, work, 32, 8) for _ in range(2)]:
                one.result()
        assert blas_threads() == before


def test_a_product_is_the_same_to_the_bit_on_one_thread_and_on_two():
    rng = np.random.default_rng(0)
    x, matrix = rng.normal(size=(3_000, 64)), rng.normal(size=(64, 64))
    out = {}
    for threads in (1, 2):
        out[threads] = np.empty_like(x)

        def work(block, into=out[threads]):
            into[block] = x[block] @ matrix

        with threadpool_limits(threads):
            in_blocks(work, len(x), 256)
    np.testing.assert_array_equal(out[1], out[2])


@pytest.mark.parametrize(("columns", "rows"), [(512, 512), (256, 1024), (1 << 20, FEWEST_ROWS)])
def test_a_block_fits_the_cache_but_is_never_too_small_for_a_product(columns, rows):
    assert rows_in_cache(columns) == rows
