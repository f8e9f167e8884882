"""Where and how exactly PyTorch calculates, and how much of it at once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np

from dohyo.errors import UsageError
from dohyo.extras import require
from dohyo.rows import F32

PRECISIONS: Final = ("float32", "float16", "bfloat16")

BATCH_CPU: Final = 32
BATCH_ACCELERATOR: Final = 256
"""Pictures or sentences at once: 256 pictures of 224 x 224 are 147 MiB of float32 pixels, and
ViT-B/32 holds about as much again while it calculates; halved as often as the device asks."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Runtime:
    """A device that is there, and the precision of the arithmetic on it."""

    device: str
    precision: str

    @property
    def batch(self) -> int:
        """Pictures or sentences at once, before any halving."""
        return BATCH_CPU if self.device == "cpu" else BATCH_ACCELERATOR

    @contextmanager
    def arithmetic(self, *, exact: bool = False) -> Iterator[None]:
        """Calculate without gradients, deterministically, in the precision.

        Parameters
        ----------
        exact : in float32 whatever the precision
        """
        torch = _torch()
        low = self.precision != "float32" and not exact
        with ExitStack() as stack:
            stack.enter_context(torch.inference_mode())
            if self.device.startswith("cuda"):
                # TF32, which cuDNN uses by itself, keeps ten bits: float32 shall mean float32.
                stack.enter_context(
                    torch.backends.cudnn.flags(
                        enabled=True, benchmark=False, deterministic=True, allow_tf32=low
                    )
                )
            if low:
                kind = getattr(torch, self.precision)
                stack.enter_context(torch.autocast(self.device.partition(":")[0], dtype=kind))
            yield


def choose_runtime(device: str, precision: str) -> Runtime:
    """Return the runtime of a device and a precision.

    Raises
    ------
    UsageError
        If PyTorch has no such device here, or the precision is none.
    """
    if precision not in PRECISIONS:
        raise UsageError(
            f"There is no precision {precision!r}.", hint=f"Choose one of: {', '.join(PRECISIONS)}."
        )
    kind, _, number = device.partition(":")
    known = kind in ("cpu", "cuda", "mps") and (not number or number.isdecimal())
    if not known or (number and kind != "cuda"):
        raise UsageError(f"There is no device {device!r}.", hint="Say cpu, cuda, cuda:1 or mps.")
    torch = _torch()
    there = {
        "cpu": lambda: 1,
        "cuda": torch.cuda.device_count,
        "mps": lambda: int(torch.backends.mps.is_available()),
    }[kind]()
    if int(number or 0) >= there:
        raise UsageError(
            f"PyTorch finds no device {device} here.",
            hint="Say --device cpu, or install the PyTorch that is made for the device.",
        )
    return Runtime(device, precision)


def in_batches(
    encode: Callable[[Sequence[T]], Any], items: Sequence[T], dimension: int, runtime: Runtime
) -> F32:
    """Return one float32 row for each item, halving the batches while the device lacks memory.

    Parameters
    ----------
    encode : returns a tensor (n, dimension) for n items

    Raises
    ------
    UsageError
        If the device has not even the memory for one item, or the precision overflows.
    """
    rows = np.empty((len(items), dimension), dtype=np.float32)
    size, start = runtime.batch, 0
    while start < len(items):
        part = items[start : start + size]
        try:
            found = encode(part).float().cpu().numpy()
        except RuntimeError as error:  # PyTorch's OutOfMemoryError is one; MPS has no class of it
            if runtime.device == "cpu" or "out of memory" not in str(error).lower():
                raise
            if len(part) == 1:
                raise UsageError(
                    f"{runtime.device} has too little memory free for a batch of one.",
                    hint="Free some of it, or say --device cpu.",
                ) from error
            size = (len(part) + 1) // 2
            continue
        if runtime.precision != "float32" and not np.isfinite(found).all():
            raise UsageError(
                f"This model overflows in {runtime.precision}: some vectors are not finite.",
                hint="Say --precision bfloat16 or float32.",
            )
        rows[start : start + len(part)] = found
        start += len(part)
    return rows


def _torch() -> Any:
    return require("torch", extra="torch", needed_by="This encoder")
