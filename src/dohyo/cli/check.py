"""dohyo check"""

import tomllib
from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.options import Common, TableColumns, meanings
from dohyo.cli.profile_files import load
from dohyo.cli.session import Session, session
from dohyo.corpus import Corpus
from dohyo.errors import UsageError
from dohyo.measures import limits as limits_of
from dohyo.measures.limits import Checked, Limit, Side
from dohyo.measures.profile import Profile
from dohyo.measures.profile import measure as take
from dohyo.words import Words

PAST = 3


def check(
    *,
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A profile, a folder that holds one, a report, or a corpus file.",
            show_default=False,
        ),
    ],
    max_: Annotated[
        list[str] | None,
        typer.Option("--max", metavar="NAME=X", help="Largest figure allowed; may be repeated."),
    ] = None,
    min_: Annotated[
        list[str] | None,
        typer.Option("--min", metavar="NAME=X", help="Smallest figure allowed; may be repeated."),
    ] = None,
    limits: Annotated[
        Path | None, typer.Option(help="More limits: a TOML file with tables [max] and [min].")
    ] = None,
    columns: TableColumns = None,
    common: Common,
) -> None:
    """Hold a profile against limits; exit with 3 when an interval lies wholly past one.

    A limit that the interval only crosses is told, but does not fail: the data leave it open.

    Example: dohyo check corpus.npz --max rmg=0.3 --min pairing_signal=0.1
    """
    with session(common) as s:
        asked = (*_written("max", max_), *_written("min", min_), *_filed(limits))
        if not asked:
            raise UsageError(
                "There is no limit to check.", hint="Add --max NAME=X, --min NAME=X or --limits."
            )
        profile = load(source, lambda corpus: _taken(corpus, s), meanings(columns)).profile
        checked = limits_of.check(profile, asked)
    past = [each for each in checked if each.standing == "past"]
    for each in checked:
        s.tell(_sentence(each, common.words))
    counts = {"count": len(past), "total": len(checked)}
    s.tell(common.words("check.failed" if past else "check.held", **counts))
    s.answer({"passed": not past, "limits": [each.to_json() for each in checked]})
    if past:
        raise typer.Exit(PAST)


def _written(side: Side, given: list[str] | None) -> tuple[Limit, ...]:
    found = []
    for text in given or ():
        name, equals, at = text.partition("=")
        if not equals:
            raise UsageError(f"--{side} {text} is no limit.", hint="Write it like rmg=0.3.")
        found.append(limits_of.limit(side, name.strip(), at.strip()))
    return tuple(found)


def _filed(file: Path | None) -> tuple[Limit, ...]:
    if file is None:
        return ()
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file} cannot be read.", hint="Check the name.") from error
    except ValueError as error:
        raise UsageError(f"{file} is not TOML: {error}.", hint="Correct that line.") from error
    return limits_of.from_tables(document, source=str(file))


def _taken(corpus: Corpus, s: Session) -> Profile:
    s.fits(corpus, "measure")
    return take(corpus, seed=s.common.seed, progress=s.progress)


def _sentence(each: Checked, words: Words) -> str:
    return words(
        f"check.{each.standing}",
        measure=words.measure(each.limit.measure),
        value=f"{each.estimate.value:.3f}",
        low=f"{each.estimate.low:.3f}",
        high=f"{each.estimate.high:.3f}",
        side=words(f"check.{each.limit.side}"),
        at=f"{each.limit.at:g}",
    )
