"""The entry point: every command under its name, every error in one line."""

import sys
from importlib import import_module

import typer
from typer.exceptions import TyperException

from dohyo.cli.options import grouped
from dohyo.errors import DohyoError
from dohyo.version import __version__

INTERRUPTED = 130
COMMANDS = (
    "demo",
    "measure",
    "compare",
    "check",
    "align",
    "verify",
    "run",
    "apply",
    "convert",
    "embed",
    "export",
    "inspect",
    "extend",
    "merge",
    "diff",
    "policy",
    "costs",
    "plan",
    "migrate",
    "search",
    "serve",
    "rollout",
    "token",
)
"""Each is a module of its name here, and in it a function of that name."""
GROUPS = ("monitor",)
"""Each is a package of its name here, and in it an `app` of further commands."""


def app_of(names: tuple[str, ...]) -> typer.Typer:
    """Return the application with these commands alone; only they are imported."""
    app = typer.Typer(
        name="dohyo",
        help="Measure, align and verify the modality gap of image-text embeddings.",
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.callback()(dohyo)
    for name in names:
        module = import_module(f"dohyo.cli.{name}")
        if name in GROUPS:
            app.add_typer(module.app)
        else:
            app.command()(grouped(getattr(module, name)))
    return app


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"dohyo {__version__}")
        raise typer.Exit


def dohyo(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Nothing of its own: options before the command."""


def main() -> None:
    """Run the command line; end with 0, 2 (bad input or usage), 3 or 130 (interrupted)."""
    sys.exit(status(sys.argv[1:] or ["--help"]))


def status(arguments: list[str]) -> int:
    """Run one command and return its exit code; an error is one line on standard error."""
    every = (*COMMANDS, *GROUPS)
    asked = tuple(name for name in arguments[:1] if name in every)
    try:
        code = app_of(asked or every)(arguments, prog_name="dohyo", standalone_mode=False)
    except DohyoError as error:
        return _fail(str(error), error.exit_code)
    except TyperException as error:
        return _fail(f"{error.format_message()} See dohyo --help.", 2)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except MemoryError:
        return _fail("Out of memory. Take a sample of the corpus, or a larger machine.", 2)
    if code == INTERRUPTED:
        return _fail("Interrupted; nothing was written.", INTERRUPTED)
    return code if isinstance(code, int) else 0


def _fail(sentence: str, code: int) -> int:
    line = " ".join(sentence.split())
    print(f"dohyo: {line}", file=sys.stderr)  # noqa: T201
    return code
