"""What live searches say, as tiles."""

from typing import Any

from dohyo.dashboard.context import Context
from dohyo.estimate import Estimate
from dohyo.reports.page import digits
from dohyo.reports.page.tile import Tile
from dohyo.words import Words


def live_tiles(context: Context) -> tuple[Tile, ...]:
    """Return what shadow compared and what people clicked; nothing where there is nothing."""
    service, words = context.service, context.words
    figures = service.shadow.figures(service.collection, service.rollout.map)
    tiles = []
    if figures["n"]:
        note = words("dashboard.compared", n=figures["n"])
        for name in ("cross_raw", "cross_corrected", "overlap"):
            share = _estimate(figures[name])
            tiles.append(_tile(words(f"dashboard.tile.{name}"), share, note, words))
        slower = figures["corrected_ms"]["value"] - figures["raw_ms"]["value"]
        tiles.append(
            Tile(
                label=words("dashboard.tile.slower"),
                value=words("dashboard.ms", value=round(slower, 1)),
                interval="",
                note=note,
            )
        )
    won = service.feedback.preferred(service.collection)
    if won.share is not None:
        note = words("dashboard.clicked", n=won.corrected + won.raw, ties=won.ties)
        tiles.append(_tile(words("dashboard.tile.won"), won.share, note, words))
    return tuple(tiles)


def _estimate(figure: dict[str, Any]) -> Estimate:
    return Estimate(
        value=figure["value"], low=figure["low"], high=figure["high"], n=figure["n"], seed=0
    )


def _tile(label: str, share: Estimate, note: str, words: Words) -> Tile:
    return Tile(
        label=label,
        value=digits.percent(share, words),
        interval=words(
            "figure.interval",
            low=digits.level(share.low, words),
            high=digits.level(share.high, words),
        ),
        note=note,
    )
