"""Optional dependencies: import them, or say what to type."""

from importlib import import_module
from types import ModuleType

from dohyo.errors import MissingExtra


def require(module: str, *, extra: str, needed_by: str) -> ModuleType:
    """Import an optional dependency.

    Raises
    ------
    MissingExtra
        If the package itself is absent. A package that is installed but fails to import
        raises its own error: the user is not to blame for it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as exc:
        package = module.partition(".")[0]
        if exc.name is None or exc.name.partition(".")[0] != package:
            raise
        raise MissingExtra(
            f"{needed_by} needs {package}.", hint=f'pip install "dohyo[{extra}]"'
        ) from exc
