"""The first screen where judged queries are the yardstick."""

from dohyo.decision.verdict import Decision
from dohyo.estimate import Estimate
from dohyo.reports.page import digits
from dohyo.reports.page.tile import Tile, percent_interval
from dohyo.verification.compare import Comparison
from dohyo.verification.judged.figures import NDCG, RECALL
from dohyo.verification.protocols import Protocol
from dohyo.words import Words

OF_PAIRS = "recall_at_1"


def judged_summary(decision: Decision, gap: str, words: Words) -> str:
    """Return one sentence for the verdict to correct: the gap, what is gained, what is risked."""
    compared = decision.protocols["judged"]
    return words(
        "summary.correct_judged",
        method=words.name(decision.recipe.label),
        gap=gap,
        before=digits.percent(compared.before[RECALL], words),
        after=digits.percent(compared.after[RECALL], words),
        gain=digits.points(compared.change[RECALL], words),
        ndcg_before=digits.figure(compared.before[NDCG]),
        ndcg_after=digits.figure(compared.after[NDCG]),
        risk=_risk(decision, words),
    )


def judged_tiles(decision: Decision, words: Words, *, changed: bool) -> tuple[Tile, ...]:
    """Return the figures of judged queries that the verdict turns on: changed, or today's."""
    compared = decision.protocols["judged"]
    recall = _recall(compared, words, changed=changed)
    quality = _quality(compared, words, changed=changed)
    if not changed:
        return recall, quality, judged_evidence(decision, words)
    return recall, quality, _risk_tile(decision, words)


def judged_evidence(decision: Decision, words: Words) -> Tile:
    """Return how many groups of judged queries there are against how many it would take."""
    first, needed = decision.reasons[0].values, float(decision.policy.minimum_groups)
    if decision.judged is None:
        groups = int(first["groups"])
    else:
        groups = decision.protocols["judged"].change[NDCG].n
        needed = float(first.get("groups", needed))
    return Tile(
        label=words("tile.judged_groups"),
        value=f"{groups:,}",
        interval="",
        note=words("tile.judged_groups_note", needed=needed),
    )


def _recall(compared: Comparison, words: Words, *, changed: bool) -> Tile:
    before, after, change = (
        side[RECALL] for side in (compared.before, compared.after, compared.change)
    )
    if not changed:
        return Tile(
            label=words("tile.today"),
            value=digits.percent(before, words),
            interval=percent_interval(before, words),
            note=words("tile.judged_today_note"),
        )
    shown = {"before": digits.percent(before, words), "after": digits.percent(after, words)}
    return Tile(
        label=words("tile.gain"),
        value=words("tile.change", **shown),
        interval=words("tile.points", interval=digits.points(change, words)),
        note=words("tile.judged_gain_note"),
    )


def _quality(compared: Comparison, words: Words, *, changed: bool) -> Tile:
    before, after, change = (
        side[NDCG] for side in (compared.before, compared.after, compared.change)
    )
    value, key, interval = digits.figure(before), "tile.interval", digits.interval(before, words)
    if changed:
        value = words("tile.change", before=value, after=digits.figure(after))
        key, interval = "tile.change_interval", digits.interval(change, words, signed=True)
    return Tile(
        label=words("tile.quality"),
        value=value,
        interval=words(key, interval=interval),
        note=words("tile.judged_quality_note"),
    )


def _worst(decision: Decision) -> tuple[Protocol, Estimate]:
    """Return where the loss could be largest: judged recall, or R@1 of the pairs' protocols."""
    found: dict[Protocol, Estimate] = {"judged": decision.protocols["judged"].change[RECALL]}
    for protocol in decision.policy.guarded:
        if protocol in decision.protocols:
            found[protocol] = decision.protocols[protocol].change[OF_PAIRS]
    protocol = min(found, key=lambda name: found[name].low)
    return protocol, found[protocol]


def _risk(decision: Decision, words: Words) -> str:
    protocol, change = _worst(decision)
    if change.low >= 0:
        return words("summary.risk_judged_none")
    loss = digits.number(-100 * change.low, digits.decimals(change) - 2)
    if protocol == "judged":
        return words("summary.risk_judged", loss=loss)
    return words("summary.risk_loss", loss=loss, protocol=words.name(protocol))


def _risk_tile(decision: Decision, words: Words) -> Tile:
    protocol, change = _worst(decision)
    margin = decision.policy.recall_margin
    if protocol == "judged":
        note = words("tile.judged_risk_note", margin=margin)
    else:
        note = words("tile.risk_note", protocol=words.name(protocol), margin=margin)
    return Tile(
        label=words("tile.risk"),
        value=digits.figure(change, signed=True),
        interval=words("tile.interval", interval=digits.interval(change, words, signed=True)),
        note=note,
    )
