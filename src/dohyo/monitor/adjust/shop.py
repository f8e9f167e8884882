"""The corrected copy that a proposal needs, made beforehand where that is quick."""

import shlex
from dataclasses import dataclass
from typing import Literal

from dohyo.corrections.map import AlignmentMap
from dohyo.errors import DohyoError
from dohyo.migration.migrate import migrate
from dohyo.migration.naming import corrected_name, identity, raw_name
from dohyo.migration.plausible import check_means
from dohyo.migration.prepare import SAMPLE, prepare
from dohyo.migration.route import found
from dohyo.migration.sample import first_rows
from dohyo.stores.protocol import Store

Copy = Literal["made", "there", "missing", "failed", "none"]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Shop:
    """What is searched.

    Attributes
    ----------
    store : open; used by this thread alone
    collection : of both modalities, or of the images; or an alias of it
    texts : of the texts, where they have one of their own
    modality_field : payload field that says the modality; None for a guess
    shown : where the database is, without secrets
    """

    store: Store
    collection: str
    texts: str | None = None
    modality_field: str | None = None
    shown: str = "STORE"

    def has_copy(self, fitted: AlignmentMap, strength: float) -> bool:
        """Whether a map has made a corrected copy of all that is searched."""
        of_map, there = identity(fitted, strength), set(self.store.collections())
        named = (self.collection, *(() if self.texts is None else (self.texts,)))
        raw = [found(self.store, name) for name in named]
        return all(corrected_name(raw_name(each) or each, of_map) in there for each in raw)

    def copy(self, fitted: AlignmentMap, strength: float, most: int) -> tuple[Copy, str]:
        """Make the corrected copy of a small collection; return what came of it, and why.

        The raw collection is never written and no alias is switched. A copy that was begun
        before is finished.
        """
        try:
            if self.has_copy(fitted, strength):
                # It may be one that a kill left unfinished: finishing a whole one is quick.
                done: Copy = "there"
            else:
                done = "made"
            ready = prepare(
                self.store,
                self.collection,
                fitted,
                texts=self.texts,
                modality_field=self.modality_field,
                strength=strength,
                force=True,  # the batches need not say their encoder; where rows lie is looked at
            )
            for part in ready.parts:
                rows = first_rows(self.store, part.route.raw, SAMPLE)
                check_means(fitted, rows, part.correction.kinds)
            if sum(part.rows for part in ready.parts) > most:
                return ("there" if done == "there" else "missing"), ""
            migrate(ready, switch=False)
        except DohyoError as error:
            return "failed", str(error)
        return done, ""

    def command(self, folder: str, strength: float) -> str:
        """Return the line that makes the copy by hand."""
        parts = ["dohyo", "migrate", self.shown, self.collection, "--map", folder]
        if self.texts is not None:
            parts += ["--texts", self.texts]
        if self.modality_field is not None:
            parts += ["--modality-field", self.modality_field]
        if strength != 1:
            parts += ["--strength", f"{strength:g}"]
        return shlex.join([*parts, "--no-switch"])
