"""Profiles from wherever they are kept: a file, a folder, a report, or a corpus to be measured."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dohyo.corpus import Corpus
from dohyo.errors import DohyoError, UsageError
from dohyo.io.read import is_table, read
from dohyo.measures.profile import Profile
from dohyo.measures.registry import MEASURES

PROFILE, REPORT = "profile.json", "report.json"
TIMES = ("before", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A profile and what to call it."""

    name: str
    profile: Profile


def load(
    source: str, take: Callable[[Corpus], Profile], columns: Mapping[str, str] | None = None
) -> Named:
    """Return the profile that a source holds, or that `take` makes of the corpus it is.

    Parameters
    ----------
    source : profile.json, report.json, a folder with either, a corpus file; with `:before` or
        `:after` behind a report, that side of it
    columns : columns by meaning, of a corpus that is a table

    Raises
    ------
    UsageError
        If a file is no profile.
    CorpusError
        If a corpus cannot be used.
    """
    path, time = _split(source)
    file = next((path / name for name in (PROFILE, REPORT) if (path / name).is_file()), path)
    if file.suffix != ".json":
        if time is not None:
            raise UsageError(
                f"{source}: only a report has a side {time}.", hint=f"Give {path} alone."
            )
        return Named(name=path.stem, profile=take(read(path, columns=columns)))
    if columns is not None:
        raise UsageError(f"{file} is no table.", hint="Leave --columns out.")
    name = file.parent.resolve().name if file.name in (PROFILE, REPORT) else file.stem
    profile = _profile(file, _document(file), time)
    return Named(name=name if time is None else f"{name}:{time}", profile=profile)


def load_all(
    sources: list[str],
    take: Callable[[Corpus], Profile],
    columns: Mapping[str, str] | None = None,
) -> tuple[Named, ...]:
    """Return every source's profile, those of one name told apart by a number.

    Parameters
    ----------
    columns : columns by meaning, the same for every source that is a table

    Raises
    ------
    UsageError
        If a file is no profile, or there are columns and no table.
    CorpusError
        If a corpus cannot be used.
    """
    tables = [source for source in sources if columns is not None and is_table(Path(source))]
    if columns is not None and not tables:
        raise UsageError(f"None of {', '.join(sources)} is a table.", hint="Leave --columns out.")
    found = [load(each, take, columns if each in tables else None) for each in sources]
    seen: dict[str, int] = {}
    unlike = []
    for each in found:
        seen[each.name] = seen.get(each.name, 0) + 1
        count = seen[each.name]
        name = each.name if count == 1 else f"{each.name} ({count})"
        unlike.append(Named(name=name, profile=each.profile))
    return tuple(unlike)


def _split(source: str) -> tuple[Path, str | None]:
    for time in TIMES:
        if source.endswith(f":{time}") and not Path(source).exists():
            return Path(source.removesuffix(f":{time}")), time
    return Path(source), None


def _document(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise UsageError(f"{file} is not a file.", hint="Check the name.")
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(
            f"{file} cannot be read as JSON.", hint="Measure again: it may be truncated."
        ) from error
    if not isinstance(document, dict) or not isinstance(document.get("measure"), dict):
        raise _no_profile(file)
    return document


def _profile(file: Path, document: dict[str, Any], time: str | None) -> Profile:
    measure = document["measure"]
    report = "before" in measure
    if time is not None and not report:
        raise UsageError(
            f"{file} has no side {time}.", hint="Only a report has a before and after."
        )
    entries = measure.get(time or "before") if report else measure
    beside = measure if report else document
    try:
        known = {name: entry for name, entry in entries.items() if name in MEASURES}
        if not known:
            raise _no_profile(file)
        return Profile.from_json(
            known,
            absent={str(name): str(why) for name, why in beside.get("absent", {}).items()},
            sampled=bool(document.get("sampled", False)),
        )
    except DohyoError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _no_profile(file) from error


def _no_profile(file: Path) -> UsageError:
    return UsageError(
        f"{file} is not a profile.", hint="dohyo measure SOURCE --out DIR writes one."
    )
