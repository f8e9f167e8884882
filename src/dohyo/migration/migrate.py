"""Migrate a collection: write the corrected copy, verify it, switch; and go back."""

import time
from dataclasses import dataclass

from dohyo.corpus import MODALITIES, Modality
from dohyo.errors import DohyoError, StoreError
from dohyo.migration.copying import Copied, Job, Seldom, copy
from dohyo.migration.naming import raw_name
from dohyo.migration.prepare import Part, Prepared
from dohyo.migration.route import Route, found
from dohyo.progress import Progress, silent
from dohyo.stores.protocol import Id, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a migration would do, every row read and nothing written.

    Attributes
    ----------
    rows : of each modality
    bad : rows that cannot be corrected, with the first of their keys
    seconds : that reading and correcting all of them took
    """

    rows: dict[Modality, int]
    bad: int
    bad_ids: tuple[Id, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """One collection, migrated.

    Attributes
    ----------
    route : from where to where
    copied : what was verified
    switched : whether the alias stands for the copy now
    """

    route: Route
    copied: Copied
    switched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """All of it.

    Attributes
    ----------
    parts : one collection, or one for each modality
    seconds : that it took
    """

    parts: tuple[Migrated, ...]
    seconds: float


def survey(prepared: Prepared, part: Part, *, progress: Progress = silent) -> Survey:
    """Read and correct every row, and write none.

    Raises
    ------
    StoreError
        Naming the first row that says no modality, or has no direction (unless those are skipped).
    """
    begin = time.perf_counter()
    tell = Seldom(progress, "migrate_survey", part.rows)
    counts: dict[Modality, int] = dict.fromkeys(MODALITIES, 0)
    bad, bad_ids, done = 0, (), 0  # type: int, tuple[Id, ...], int
    for rows in prepared.store.scan(part.route.raw, size=prepared.batch):
        corrected = part.correction(rows)
        for kind in corrected.kinds:
            counts[kind] += 1
        bad, bad_ids = bad + len(corrected.skipped), (*bad_ids, *corrected.skipped)[:5]
        done += len(rows)
        tell(done)
    seconds = time.perf_counter() - begin
    return Survey(rows=counts, bad=bad, bad_ids=bad_ids, seconds=seconds)


def migrate(prepared: Prepared, *, switch: bool = True, progress: Progress = silent) -> Migration:
    """Write the corrected copy, verify it, and let the alias stand for it.

    The raw collection is never written. Killed at any moment, the same call finishes the work.

    Parameters
    ----------
    switch : False leaves the aliases as they are

    Raises
    ------
    StoreError
        If the store fails or the raw collection keeps changing; nothing is switched then.
    """
    begin = time.perf_counter()
    copied = [_copied(prepared, part, progress) for part in prepared.parts]
    routes = [part.route for part in prepared.parts]
    if switch:
        _switch(prepared.store, routes)
    parts = tuple(
        Migrated(route=way, copied=each, switched=switch and way.alias is not None)
        for way, each in zip(routes, copied, strict=True)
    )
    return Migration(parts=parts, seconds=time.perf_counter() - begin)


def _copied(prepared: Prepared, part: Part, progress: Progress) -> Copied:
    store, way = prepared.store, part.route
    if store.resolve(way.target) is None:
        store.create(way.target, part.correction.fitted.width, like=way.raw)
        if store.resolve(way.target) != way.target:
            raise StoreError(
                f"A {store.kind} store cannot hold a collection named {way.target}.",
                hint="Give the raw one a shorter name.",
            )
    return copy(
        Job(
            store=store,
            source=way.raw,
            target=way.target,
            correction=part.correction,
            batch=prepared.batch,
            progress=progress,
        )
    )


def _switch(store: Store, routes: list[Route]) -> None:
    """Switch every alias, or none: where a later one fails, the earlier ones go back."""
    done: list[Route] = []
    try:
        for way in routes:
            if way.alias is not None and store.resolve(way.alias) != way.target:
                store.switch(way.alias, way.target)
                done.append(way)
    except DohyoError:
        for way in reversed(done):
            store.switch(way.alias or "", way.before or way.raw)
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Where `roll_back` has led.

    Attributes
    ----------
    raw : the raw collection
    alias : that stands for it now; None if the name is no alias
    before : what the alias stood for
    """

    raw: str
    alias: str | None
    before: str


def roll_back(store: Store, named: str) -> Return:
    """Let an alias stand for the raw collection again; nothing else is needed than the names.

    Parameters
    ----------
    named : the alias; or a collection, of which only the raw name is told

    Raises
    ------
    StoreError
        If there is no such name, or the raw collection is gone; the alias stays as it is.
    """
    before = found(store, named)
    raw = raw_name(before) or before
    if raw not in store.collections():
        raise StoreError(
            f"{named} stands for {before}, whose raw collection {raw} is gone.",
            hint="Restore it first; the alias stays as it is.",
        )
    if before == named:
        return Return(raw=raw, alias=None, before=before)
    if before != raw:
        store.switch(named, raw)
    return Return(raw=raw, alias=named, before=before)
