"""The first screen where the verdict rests on classes, not on searches."""

from dohyo.decision.by_labels import GAINS
from dohyo.decision.information import Information
from dohyo.decision.policy import Policy
from dohyo.decision.verdict import Decision
from dohyo.estimate import Estimate
from dohyo.reports.page import digits
from dohyo.reports.page.tile import Tile, percent_interval
from dohyo.verification.changed import Changed
from dohyo.words import Words

ACCURACY, CLUSTERS = GAINS
NEIGHBOURS = "label_accuracy_image"


def class_summary(decision: Decision, gap: str, words: Words) -> str:
    """Return one sentence for the verdict to correct: the gap, what is gained, what is risked."""
    told = _classes(decision.information)
    accuracy = told[ACCURACY]
    clusters = told.get(CLUSTERS, accuracy)
    return words(
        "summary.correct_classes",
        method=words.name(decision.recipe.label),
        gap=gap,
        before=digits.percent(accuracy.before.estimate(), words),
        after=digits.percent(accuracy.after.share(), words),
        gain=digits.points(accuracy.change.estimate(), words),
        clusters_before=digits.figure(clusters.before.estimate()),
        clusters_after=digits.figure(clusters.after.estimate()),
        risk=_risk(told, words),
    )


def class_tiles(decision: Decision, words: Words, *, changed: bool) -> tuple[Tile, ...]:
    """Return the figures of classes that the verdict turns on: their change, or today's."""
    told = _classes(decision.information)
    last = _risk_tile(told, decision.policy, words) if changed else _neighbours(told, words)
    return (
        _accuracy(told[ACCURACY], words, changed=changed),
        *((_clusters(told[CLUSTERS], words, changed=changed),) if CLUSTERS in told else ()),
        *last,
    )


def labelled_tile(images: int, needed: float, words: Words) -> Tile:
    """Return how many labelled images there are against how many it would take."""
    return Tile(
        label=words("tile.labelled"),
        value=f"{images:,}",
        interval="",
        note=words("tile.labelled_note", needed=needed),
    )


def _classes(information: Information | None) -> dict[str, Changed]:
    return {} if information is None else dict(information.classes)


def _accuracy(found: Changed, words: Words, *, changed: bool) -> Tile:
    before, after = found.before.share(), found.after.share()
    value = digits.percent(before, words)
    interval = percent_interval(before, words)
    if changed:
        value = words("tile.change", before=value, after=digits.percent(after, words))
        points = digits.points(found.change.estimate(), words)
        interval = words("tile.points", interval=points)
    return Tile(
        label=words("tile.zero_shot"),
        value=value,
        interval=interval,
        note=words("tile.zero_shot_note"),
    )


def _clusters(found: Changed, words: Words, *, changed: bool) -> Tile:
    before, after = found.before.estimate(), found.after.estimate()
    value = digits.figure(before)
    interval = words("tile.interval", interval=digits.interval(before, words))
    if changed:
        value = words("tile.change", before=value, after=digits.figure(after))
        span = digits.interval(found.change.estimate(), words, signed=True)
        interval = words("tile.change_interval", interval=span)
    return Tile(
        label=words("tile.clusters"),
        value=value,
        interval=interval,
        note=words("tile.clusters_note"),
    )


def _worst(told: dict[str, Changed]) -> tuple[str, Estimate]:
    """Return the figure of classes that could lose most, and its change."""
    changes = {name: each.change.estimate() for name, each in told.items()}
    name = min(changes, key=lambda name: changes[name].low)
    return name, changes[name]


def _risk(told: dict[str, Changed], words: Words) -> str:
    name, change = _worst(told)
    if change.low >= 0:
        return words("summary.risk_classes_none")
    loss = digits.number(-change.low, digits.decimals(change))
    return words("summary.risk_classes", loss=loss, figure=words.name(name))


def _risk_tile(told: dict[str, Changed], policy: Policy, words: Words) -> tuple[Tile, ...]:
    name, change = _worst(told)
    interval = digits.interval(change, words, signed=True)
    return (
        Tile(
            label=words("tile.class_risk"),
            value=digits.figure(change, signed=True),
            interval=words("tile.interval", interval=interval),
            note=words("tile.class_risk_note", figure=words.name(name), margin=policy.label_margin),
        ),
    )


def _neighbours(told: dict[str, Changed], words: Words) -> tuple[Tile, ...]:
    if NEIGHBOURS not in told:
        return ()
    before = told[NEIGHBOURS].before.share()
    return (
        Tile(
            label=words("tile.class_neighbours"),
            value=digits.percent(before, words),
            interval=percent_interval(before, words),
            note=words("tile.class_neighbours_note"),
        ),
    )
