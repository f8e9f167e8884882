"""Loading a library's model: from safe files alone, quietly, and with one sentence if it fails."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from dohyo.encoders.hub import kept_if_unreachable
from dohyo.errors import DohyoError, UsageError

OFFLINE: Final = (
    "couldn't connect",
    "connection",
    "offline",
    "name resolution",
    "timed out",
    "max retries",
    "local_files_only",
    "proxy",
)
"""Of an error's words: it is the network, not the name."""


@contextmanager
def loading(name: str, *, here: bool) -> Iterator[None]:
    """Load a model inside the block.

    Checkpoints are read as tensors alone: a pickle that wants to run code is refused. What the
    libraries tell of their progress on the terminal is left out, as it would disturb ours.

    Parameters
    ----------
    here : the model lies in a file or folder; no hub is asked

    Raises
    ------
    UsageError
        In place of whatever the library raises, in one sentence.
    """
    try:
        with _tensors_only(), _quietly(), nullcontext() if here else kept_if_unreachable():
            yield
    except DohyoError:
        raise
    # The libraries promise no class: OSError, ValueError, RuntimeError, KeyError, AttributeError,
    # and UnpicklingError for a checkpoint that is none, were all seen.
    except Exception as error:
        raise _told(name, error) from error


def folder(name: str) -> str | None:
    """Return a folder's path if the name is one, None if it is a name of the model hub.

    Raises
    ------
    UsageError
        If it is written like a path and there is nothing, or a file.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        return str(path)
    if path.is_file() or name.startswith((".", "/", "~")) or name.count("/") > 1:
        what = "a file" if path.is_file() else "not there"
        raise UsageError(f"{name} is {what}.", hint="Name the folder of a saved model.")
    return None


@contextmanager
def _tensors_only() -> Iterator[None]:
    """PyTorch before 2.6 unpickles freely unless told not to, which open_clip can undo."""
    key = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"
    before = os.environ.get(key)
    os.environ[key] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[key]
        else:
            os.environ[key] = before


@contextmanager
def _quietly() -> Iterator[None]:
    """Silence the libraries' logs and bars; what matters in them is checked and raised."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    # open_clip logs by the root logger, which on its first word would take over standard error.
    silent = logging.NullHandler()
    logging.root.addHandler(silent)
    try:
        with _no_bars():
            yield
    finally:
        logging.root.removeHandler(silent)
        logging.disable(before)


@contextmanager
def _no_bars() -> Iterator[None]:
    if "transformers" not in sys.modules:  # open_clip works without
        yield
        return
    bars: Any = import_module("transformers.utils.logging")
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()


def _told(name: str, error: Exception) -> UsageError:
    chain: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        chain.append(f"{type(cause).__name__}: {cause}")
        cause = cause.__cause__ or cause.__context__
    everything = " ".join(" ".join(chain).lower().split())
    said = " ".join(str(error).split()) or type(error).__name__
    if any(word in everything for word in OFFLINE):
        return UsageError(
            f"{name} is not on this machine and cannot be downloaded.",
            hint="Check its spelling and the connection, or name the folder of a saved model; "
            "HF_HUB_CACHE=FOLDER names a cache of downloaded ones.",
        )
    if "safetensors" in everything or "weights_only" in everything or "unpickl" in everything:
        return UsageError(
            f"{name} has no weights in a safe format: {_short(said)}",
            hint="dohyo runs no code from a checkpoint; save the model as safetensors.",
        )
    return UsageError(
        f"{name} cannot be loaded: {_short(said)}",
        hint="Check the name, and that the folder holds a complete model.",
    )


def _short(said: str) -> str:
    cut = said if len(said) <= 160 else said[:160].rsplit(" ", 1)[0] + " …"
    return cut if cut.endswith((".", "…")) else f"{cut}."
