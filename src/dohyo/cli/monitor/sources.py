"""Options: where batches come from, and what is searched with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from dohyo.cli.options import StoreAddress, meanings
from dohyo.errors import UsageError
from dohyo.words import Language

if TYPE_CHECKING:
    from dohyo.monitor.following import Follow
    from dohyo.monitor.settings import WatchSettings
    from dohyo.monitor.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """Where batches come from, beside their folder or store."""

    pattern: Annotated[str, typer.Option(help="Of the files that are batches.")] = "*"
    collection: Annotated[
        str | None, typer.Option(help="Of a store; the raw one.", show_default="the only one")
    ] = None
    texts: Annotated[
        str | None, typer.Option(help="Collection of texts, if --collection holds images alone.")
    ] = None
    modality: Annotated[
        Literal["image", "text"] | None, typer.Option(help="Of all rows, if they are of one.")
    ] = None
    sample: Annotated[
        int, typer.Option(min=10, help="Rows of each kind that a look at a store draws.")
    ] = 2_000
    which: Annotated[
        Literal["sample", "new"], typer.Option(help="Of a store: all rows, or the new ones alone.")
    ] = "sample"
    pairs_from: Annotated[
        Path | None,
        typer.Option(help="Known pairs of the same encoder, to judge batches without pairs by."),
    ] = None
    pairs_columns: Annotated[
        str | None, typer.Option(help="As --columns, of the table that --pairs-from names.")
    ] = None

    def name(self, named: str, address: StoreAddress) -> str:
        """Return what a watch of a folder or store is called where nobody says otherwise.

        Raises
        ------
        UsageError
            If there is no such folder, or which collection is meant is not clear.
        StoreError
            If the store cannot be reached.
        """
        from dohyo.monitor.plain import plain

        if "://" in named:
            return plain(self._collection(named, address))
        if not Path(named).is_dir():
            raise UsageError(
                f"{named} is no folder.", hint="Name the folder that the batches come into."
            )
        return plain(Path(named).resolve().name or "folder")

    def source(self, named: str, address: StoreAddress, *, every: float, seed: int) -> "Source":
        """Return the source that was named.

        Parameters
        ----------
        every : seconds between two looks at a store

        Raises
        ------
        UsageError, StoreError
            As `name`.
        """
        from dohyo.monitor.sources import FolderSource, StoreSource

        if "://" not in named:
            return FolderSource(folder=Path(named), pattern=self.pattern)
        return StoreSource(
            opening=lambda: address.open(named),
            collection=self._collection(named, address),
            every=every,
            sample=self.sample,
            which=self.which,
            texts=self.texts,
            only=self.modality,
            modality_field=address.modality_field,
            seed=seed,
        )

    def following(
        self,
        named: str,
        address: StoreAddress,
        source: "Source",
        settings: "WatchSettings",
        language: Language,
    ) -> "Follow":
        """Return what follows an alarm; a store that is watched is what is searched.

        Raises
        ------
        UsageError, CorpusError
            If the known pairs cannot be used.
        """
        from dohyo.io.read import read
        from dohyo.monitor.following import usual_following

        more: dict[str, Any] = {}
        if self.pairs_from is not None:
            more["pairs"] = read(self.pairs_from, columns=meanings(self.pairs_columns))

        def follow(ledger: Any, number: int, memory: Any) -> None:
            with self._shop(named, address, source) as shop:
                step = usual_following(
                    settings, source.read, language=language, **(more | {"shop": shop})
                )
                step(ledger, number, memory)

        return follow

    def _collection(self, named: str, address: StoreAddress) -> str:
        """Return the collection that is watched; one that is not there is told at once."""
        from dohyo.migration.naming import raw_name
        from dohyo.migration.route import found

        with address.open(named) as store:
            for each in (self.collection, self.texts):
                if each is not None:
                    found(store, each)
            if self.collection is not None:
                return self.collection
            there = [name for name in store.collections() if raw_name(name) is None]
        if len(there) != 1:
            raise UsageError(
                "Which collection is not clear.",
                hint=f"Name it with --collection: {', '.join(there) or 'there is none'}.",
            )
        return there[0]

    @contextmanager
    def _shop(self, named: str, address: StoreAddress, source: "Source") -> Iterator[Any]:
        if "://" not in named:
            yield None
            return
        from dohyo.monitor.adjust.shop import Shop
        from dohyo.stores.address import parse_address

        with address.open(named) as store:
            yield Shop(
                store=store,
                collection=source.name,
                texts=self.texts,
                modality_field=address.modality_field,
                shown=parse_address(named).shown,
            )
