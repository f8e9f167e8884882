"""From what a user names to a service that may begin."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dohyo.corrections.map import AlignmentMap, load_map
from dohyo.corrections.maps.encoder import require_encoder
from dohyo.encoders.load import load_encoder
from dohyo.encoders.protocol import Encoder
from dohyo.errors import DohyoError, UsageError
from dohyo.migration.route import found
from dohyo.serve.service import Indexed, Service, only_collection
from dohyo.serve.settings import LOOPBACK, Settings
from dohyo.stores.address import parse_address
from dohyo.stores.protocol import Store

BUILT_IN = "shapes-world"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A database and what of it is searched.

    Attributes
    ----------
    url : of the database
    opening : opens it
    collection : None for the only one
    texts : collection of the texts, where they have one of their own
    modality_field : payload field that says the modality
    """

    url: str
    opening: AbstractContextManager[Store]
    collection: str | None = None
    texts: str | None = None
    modality_field: str | None = None


def open_service(
    settings: Settings,
    map_folder: Path | None,
    source: Source | None,
    *,
    encoder: Encoder | None = None,
    strength: float = 1.0,
    force: bool = False,
) -> tuple[Service, bool]:
    """Return a service that may begin, and whether the named map is its active one.

    Raises
    ------
    UsageError
        If it would be open to strangers, or a name stands for nothing.
    MapError
        If the map cannot be read or is of another encoder.
    StoreError
        If the database cannot be opened.
    """
    fitted = None if map_folder is None else load_map(map_folder)
    if fitted is not None and encoder is not None and not force:
        require_encoder(fitted.encoder, encoder.fingerprint, say="--encoder")
    encoder = encoder or _encoder_of(fitted)
    indexed = None
    if source is not None:
        indexed = Indexed(
            collection=source.collection or "",
            texts=source.texts,
            modality_field=source.modality_field,
            shown=parse_address(source.url).shown,
        )
    service = Service(
        settings=settings,
        indexed=indexed,
        opening=None if source is None else source.opening,
        encoder=encoder,
    )
    try:
        _refuse_open_door(service)
        _name_collection(service)
        active = True if fitted is None else service.start_with(fitted, strength)
    except BaseException:
        service.abandon()
        raise
    return service, active


def _encoder_of(fitted: AlignmentMap | None) -> Encoder | None:
    """Return the built-in encoder if the map is of it: nobody has to name it."""
    if fitted is None or fitted.encoder is None:
        return None
    try:
        built_in = load_encoder(BUILT_IN, threads=1)
    except DohyoError:
        return None
    return built_in if built_in.fingerprint == fitted.encoder else None


def _refuse_open_door(service: Service) -> None:
    settings = service.settings
    if settings.host not in LOOPBACK and not service.tokens:
        raise UsageError(
            f"{settings.host} can be reached from elsewhere, and there is no token.",
            hint=f"Make one first: dohyo token new NAME --role approver --state {settings.state}.",
        )


def _name_collection(service: Service) -> None:
    """Find the collection that the user named or left out."""
    if service.indexed is None or service.searcher is None:
        return
    if not service.indexed.collection:
        service.name_collection(service.searcher.at_once(only_collection))
    for name in (service.collection, service.indexed.texts):
        if name is not None:
            service.searcher.at_once(partial(found, named=name))
