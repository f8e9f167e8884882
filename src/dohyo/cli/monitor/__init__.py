"""dohyo monitor: the gap watched, and what follows from it."""

import typer

from dohyo.cli.monitor.alarms import alarms
from dohyo.cli.monitor.decide import approve, close, four_eyes, reject, rollback, snooze
from dohyo.cli.monitor.proposals import proposals
from dohyo.cli.monitor.replay import replay
from dohyo.cli.monitor.status import status
from dohyo.cli.monitor.watch import watch
from dohyo.cli.options import grouped

app = typer.Typer(
    name="monitor",
    help="Watch the gap, with a promise on false alarms; see what an alarm led to.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (
    replay,
    watch,
    status,
    alarms,
    proposals,
    approve,
    reject,
    snooze,
    rollback,
    close,
    four_eyes,
)
"""To add a command: write its file, add its function here."""
for command in COMMANDS:
    app.command()(grouped(command))
