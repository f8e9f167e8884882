"""What a canary is made of: pictures with captions, as `dohyo embed` reads them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dohyo.corpus import Corpus
from dohyo.embedding.embed import default_workers, embed_listing
from dohyo.embedding.encoding import Work
from dohyo.embedding.listing import Asked, Listing
from dohyo.embedding.pictures import BrokenPicture
from dohyo.embedding.shelf import MemoryShelf
from dohyo.encoders.protocol import Encoder
from dohyo.errors import CorpusError

LEAST = 10
"""Pictures: the recall of fewer says nothing."""
NAMED = 3
"""Broken ones that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A source of pictures with captions.

    Attributes
    ----------
    path : a folder, a .csv, .tsv or .jsonl, or whatever else `dohyo embed` takes
    columns : of a table, by meaning, see `dohyo.embedding.listing.Asked`
    """

    path: Path
    columns: Mapping[str, str] = field(default_factory=dict)

    def digest(self) -> str:
        """Return a hash of every name, picture and caption, in their order.

        Raises
        ------
        CorpusError
            If the source cannot be read or a picture is broken.
        """
        listing, whole = self._listing(), hashlib.sha256()
        broken: dict[str, str] = {}
        readers = listing.read(list(range(len(listing.pictures))))
        for name, reader in zip(listing.pictures, readers, strict=False):
            try:
                data = reader()
            except BrokenPicture as error:
                broken[name] = str(error)
            else:
                whole.update(_framed(name.encode("utf-8", "surrogatepass")) + _framed(data))
        if broken:
            raise _broken(self.path, broken)
        for caption, picture in zip(listing.captions, listing.caption_of.tolist(), strict=True):
            whole.update(_framed(json.dumps([caption, picture]).encode()))
        return whole.hexdigest()

    def encoded(self, encoder: Encoder) -> Corpus:
        """Return the vectors that an encoder gives now, with pairs, and nothing else of the items.

        Raises
        ------
        CorpusError
            If the source cannot be read, an item is broken, or there are too few.
        """
        work = Work(encoder=encoder, shelf=MemoryShelf(), workers=default_workers())
        done = embed_listing(self._listing(), work)
        if done.broken:
            raise _broken(self.path, {each.path: each.reason for each in done.broken})
        corpus = done.corpus
        return Corpus.from_arrays(
            corpus.image, corpus.text, corpus.text_to_image, encoder=encoder.fingerprint
        )

    def _listing(self) -> Listing:
        # The readers bring Arrow along, which most watches can do without.
        from dohyo.embedding.sources.registry import open_source

        listing = open_source(self.path, Asked(columns=self.columns))
        if not listing.captions:
            raise CorpusError(
                f"The canary {self.path} holds {len(listing.pictures)} pictures and no captions.",
                hint="Put NAME.txt beside each picture, or a captions.csv (file_name,caption) into "
                "the folder.",
            )
        if len(listing.pictures) < LEAST:
            raise CorpusError(
                f"The canary {self.path} holds {len(listing.pictures)} pictures, too few to tell.",
                hint=f"Take {LEAST} or more; a few hundred are good.",
            )
        return listing


def _broken(path: Path, broken: Mapping[str, str]) -> CorpusError:
    named = ", ".join(f"{name} ({why})" for name, why in list(broken.items())[:NAMED])
    more = f" and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
    return CorpusError(
        f"The canary {path} holds pictures that cannot be used: {named}{more}.",
        hint="Repair or remove them: it is compared item by item.",
    )


def _framed(data: bytes) -> bytes:
    """Return a hash of some bytes, so that no seam between two can move."""
    return hashlib.sha256(data).digest()
