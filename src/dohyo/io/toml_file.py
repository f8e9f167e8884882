"""Read a file of settings that a person wrote."""

import tomllib
from pathlib import Path
from typing import Any

from dohyo.errors import UsageError


def read_toml(path: Path | str, *, template: str) -> dict[str, Any]:
    """Return what a TOML file says, a byte order mark before it forgiven.

    Parameters
    ----------
    template : the command that writes one to start from, for the hint

    Raises
    ------
    UsageError
        If the file is missing, no UTF-8 text or no TOML.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(
            f"{path} does not exist.", hint=f"Write a template with {template}."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read as text.", hint="Name a TOML file in UTF-8."
        ) from error
    try:
        return tomllib.loads(text.removeprefix("\N{BYTE ORDER MARK}"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML: {error}.", hint="Correct that line.") from error
