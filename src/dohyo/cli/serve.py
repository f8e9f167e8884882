"""dohyo serve"""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from dohyo.cli.monitor.alerting import Alerting
from dohyo.cli.monitor.setting import WatchSetting
from dohyo.cli.options import STATE, Common, StoreAddress
from dohyo.cli.session import session
from dohyo.cli.watching import Watched
from dohyo.encoders.load import load_encoder
from dohyo.errors import UsageError
from dohyo.extras import require


def serve(
    *,
    map_: Annotated[
        Path | None, typer.Argument(metavar="[MAP]", help="Folder of a fitted map.")
    ] = None,
    store: Annotated[
        str | None, typer.Option(help="The database to search, e.g. lancedb://folder.")
    ] = None,
    collection: Annotated[
        str | None, typer.Option(help="Collection or alias.", show_default="the only one")
    ] = None,
    texts: Annotated[
        str | None, typer.Option(help="Collection of texts, if --collection holds images alone.")
    ] = None,
    address: StoreAddress,
    encoder: Annotated[
        str | None,
        typer.Option(help="Encoder of sentences and pictures.", show_default="the map's, if known"),
    ] = None,
    strength: Annotated[float, typer.Option(help="The strength of the migration.")] = 1.0,
    report: Annotated[
        Path | None,
        typer.Option(help="Corpus for the dashboard.", show_default="corpus.npz beside MAP"),
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option(help="Folder that the payload's `path` is relative to.")
    ] = None,
    demo: Annotated[
        Path | None, typer.Option(help="Serve the demo; what it needs is made in this folder.")
    ] = None,
    state: Annotated[Path, typer.Option(help="Folder of roll-outs, tokens and maps.")] = STATE,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8765,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A name by which the service may be called.")
    ] = None,
    allow_origin: Annotated[
        list[str] | None, typer.Option(help="A site whose pages may call it, https://….")
    ] = None,
    rate: Annotated[
        float, typer.Option(min=0, help="Requests a second of one token; 0 for no limit.")
    ] = 0.0,
    watched: Watched,
    setting: WatchSetting,
    alerting: Alerting,
    no_pages: Annotated[bool, typer.Option("--no-pages", help="The HTTP service alone.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Go on although the encoder is unknown or another.")
    ] = False,
    common: Common,
) -> None:
    """Serve corrected vectors, fair mixed searches, and a dashboard.

    With --watch it also watches its own traffic, with --watch-folder a folder of new batches: it
    tells of changes, prepares new maps, and people decide on the page Monitor.

    Listens on this machine alone unless told otherwise; any other address needs a token.

    Example: dohyo serve out/map --store lancedb://db
    """
    for module in ("fastapi", "uvicorn", "structlog", "orjson", "prometheus_client"):
        require(module, extra="serve", needed_by="dohyo serve")
    from dohyo.serve.app import application
    from dohyo.serve.opening import Source, open_service
    from dohyo.serve.run import listen
    from dohyo.serve.settings import Limits, Settings

    if demo is None and map_ is None and store is None:
        raise UsageError("There is nothing to serve.", hint="Name a map, --store or --demo.")
    with session(common) as s:
        if demo is not None:
            from dohyo.demo.shop import COLLECTION, open_shop

            shop = open_shop(demo, seed=common.seed, language=common.lang, progress=s.progress)
            map_, store, pictures = map_ or shop.map, store or shop.store, pictures or shop.pictures
            collection, report = collection or COLLECTION, report or shop.corpus
            state = demo / "state" if state == STATE else state
        source = None
        if store is not None:
            source = Source(
                url=store,
                opening=address.open(store),
                collection=collection,
                texts=texts,
                modality_field=address.modality_field,
            )
        settings = Settings(
            state=state,
            host=host,
            port=port,
            hosts=tuple(allow_host or ()),
            origins=tuple(allow_origin or ()),
            limits=Limits(per_second=rate),
        )
        service, active = open_service(
            settings,
            map_,
            source,
            encoder=None if encoder is None else load_encoder(encoder),
            strength=strength,
            force=force,
        )
        if not active:
            s.tell(common.words("serve.other_map"))
        pages = None
        if not no_pages:
            from dohyo.dashboard.later import dashboard_later

            pages = dashboard_later(report or _beside(map_), pictures, language=common.lang)
        watching = None
        if watched.anything:
            from dohyo.serve.watching import Watching

            try:
                plan = watched.plan(
                    setting,
                    service,
                    channels=alerting.channels(),
                    common=common,
                    pairs=report or _beside(map_),
                    store=None if store is None else partial(address.open, store),
                )
                watching = Watching(service, plan)
            except BaseException:
                service.abandon()
                raise
        app = application(service, pages, watching)
        shown = f"[{host}]" if ":" in host else host
        listen(
            app,
            settings,
            ready=lambda: print(  # noqa: T201
                common.words("serve.ready", url=f"http://{shown}:{port}/"),
                file=sys.stderr,
                flush=True,
            ),
        )


def _beside(map_: Path | None) -> Path | None:
    """Return the corpus that `dohyo demo` or a user left beside the map; None without one."""
    if map_ is None:
        return None
    there = map_.resolve().parent / "corpus.npz"
    return there if there.is_file() else None
