"""dohyo policy"""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from dohyo.cli.options import Common
from dohyo.cli.session import session
from dohyo.decision.policy import Policy
from dohyo.decision.policy_file import RULES, protects, read_policy, template, tolerance
from dohyo.errors import UsageError
from dohyo.io.atomic import new_file
from dohyo.words import Words


def policy(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="The policy, e.g. policy.toml.", show_default=False),
    ] = None,
    *,
    init: Annotated[
        bool,
        typer.Option("--init", help="Write a template to FILE, or to standard output."),
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="With --init, replace FILE.")
    ] = False,
    common: Common,
) -> None:
    """Check a policy file and say in words what it asks for, or write a template.

    Example: dohyo policy --init policy.toml
    """
    words = common.words
    with session(common) as s:
        if not init:
            if file is None:
                raise UsageError(
                    "There is no policy to check.",
                    hint="Name a file, or add --init for a template.",
                )
            given = read_policy(file)
            s.tell(_table(given, words))
            s.answer(given.to_json())
            return
        text = template(words)
        if file is None:
            if common.json:
                s.answer(Policy().to_json())
            elif not common.quiet:
                s.out.print(text, end="", markup=False)
            return
        with new_file(file, overwrite=overwrite) as draft:
            draft.write_text(text, encoding="utf-8")
        s.tell(words("policy.written", path=file))
        s.answer({"policy": str(file)})


def _table(given: Policy, words: Words) -> Table:
    values, defaults = given.to_json(), Policy().to_json()
    table = Table(
        Column(words("policy.column.rule"), overflow="fold"),
        words("policy.column.tolerance"),
        words("policy.column.origin"),
        Column(words("policy.column.protects"), overflow="fold"),
    )
    for name in RULES:
        origin = "default" if values[name] == defaults[name] else "set"
        table.add_row(
            f"{words(f'policy.rule.{name}')}\n{name}",
            tolerance(name, given, words),
            words(f"policy.origin.{origin}"),
            protects(name, words),
        )
    return table
