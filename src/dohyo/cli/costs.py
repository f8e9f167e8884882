"""dohyo costs"""

from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.options import Common
from dohyo.cli.session import session
from dohyo.errors import UsageError
from dohyo.io.atomic import new_file
from dohyo.value.costs_file import read_costs, template


def costs(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="The costs, e.g. costs.toml.", show_default=False),
    ] = None,
    *,
    init: Annotated[
        bool, typer.Option("--init", help="Write a template to FILE, or to standard output.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="With --init, replace FILE.")
    ] = False,
    common: Common,
) -> None:
    """Check a cost file and say in words what it assumes, or write a template to fill in.

    With such a file, run, verify and plan turn the measured change into hours and money.

    Example: dohyo costs --init costs.toml
    """
    words = common.words
    with session(common) as s:
        if init:
            text = template(words)
            if file is None:
                if not common.quiet:
                    s.out.print(text, end="", markup=False)
                return
            with new_file(file, overwrite=overwrite) as draft:
                draft.write_text(text, encoding="utf-8")
            s.tell(words("costs.written", path=file))
            s.answer({"costs": str(file)})
            return
        if file is None:
            raise UsageError(
                "There is no cost file to check.",
                hint="Name one, or add --init for a template.",
            )
        assumed = read_costs(file)
    # Amounts are written as the pages write them, which bring the charts along.
    from dohyo.reports.page.value_words import assumption

    s.tell(words("costs.checked", path=file))
    for name in assumed.amounts:
        amount = assumption(name, assumed, words)
        s.tell(words("costs.line", name=words(f"costs.name.{name}"), amount=amount))
    s.answer(assumed.to_json())
