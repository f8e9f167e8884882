"""The entry point: every command under its name, every error in one line."""

import sys

import typer
from typer.exceptions import TyperException

from dohyo.cli.align import align
from dohyo.cli.apply import apply
from dohyo.cli.check import check
from dohyo.cli.compare import compare
from dohyo.cli.convert import convert
from dohyo.cli.costs import costs
from dohyo.cli.demo import demo
from dohyo.cli.diff import diff
from dohyo.cli.embed import embed
from dohyo.cli.export import export
from dohyo.cli.extend import extend
from dohyo.cli.inspect import inspect
from dohyo.cli.measure import measure
from dohyo.cli.merge import merge
from dohyo.cli.migrate import migrate
from dohyo.cli.monitor import app as monitor
from dohyo.cli.options import grouped
from dohyo.cli.plan import plan
from dohyo.cli.policy import policy
from dohyo.cli.rollout import rollout
from dohyo.cli.run import run
from dohyo.cli.search import search
from dohyo.cli.serve import serve
from dohyo.cli.token import token
from dohyo.cli.verify import verify
from dohyo.errors import DohyoError
from dohyo.version import __version__

app = typer.Typer(
    name="dohyo",
    help="Measure, align and verify the modality gap of image-text embeddings.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
INTERRUPTED = 130
COMMANDS = (
    demo,
    measure,
    compare,
    check,
    align,
    verify,
    run,
    apply,
    convert,
    embed,
    export,
    inspect,
    extend,
    merge,
    diff,
    policy,
    costs,
    plan,
    migrate,
    search,
    serve,
    rollout,
    token,
)
for command in COMMANDS:
    app.command()(grouped(command))
app.add_typer(monitor)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"dohyo {__version__}")
        raise typer.Exit


@app.callback()
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
    try:
        code = app(arguments, prog_name="dohyo", standalone_mode=False)
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
