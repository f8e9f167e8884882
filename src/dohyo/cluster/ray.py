"""A cluster of Ray: the one that is there, or one of this machine for as long as a block lasts."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dohyo.extras import require

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is sent anywhere
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # Ray Data's own workers make Ray warn on the terminal
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # what Ray will do by default, else it warns
}


@contextmanager
def cluster(workers: int | None = None) -> Iterator[Any]:
    """Yield the module `ray`, connected.

    A cluster that runs already (`RAY_ADDRESS`, or a program that called `ray.init`) is used and
    left as it was. Otherwise one is started here, which ends with the block.

    Parameters
    ----------
    workers : how many cores a cluster started here may use; None for all

    Raises
    ------
    MissingExtra
        If Ray is not installed.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    ray = require("ray", extra="ray", needed_by="--engine ray")
    require("ray.data", extra="ray", needed_by="--engine ray")
    _hush(ray)
    if ray.is_initialized():
        yield ray
        return
    told: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if not os.environ.get("RAY_ADDRESS"):
        told |= {"num_cpus": workers, "include_dashboard": False}
    with _silent():
        ray.init(**told)
    try:
        yield ray
    finally:
        ray.shutdown()


@contextmanager
def _silent() -> Iterator[None]:
    """Keep from the terminal what Ray's core says of its settings; an error is an exception."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _hush(ray: Any) -> None:
    """Leave the terminal to dohyo: its own progress, and JSON that is nothing else."""
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False


def as_given(sentence: str, there: str, given: Path) -> str:
    """Return a worker's sentence with a file named as the user did, not by its whole path."""
    return sentence.replace(there, str(given))
