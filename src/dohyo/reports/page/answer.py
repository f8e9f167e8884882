"""The first screen: one sentence, and the few figures that it rests on."""

from dohyo.corrections.recipe import NOTHING
from dohyo.estimate import Estimate
from dohyo.reports.findings import Findings
from dohyo.reports.page import digits
from dohyo.reports.page.class_answer import class_summary, class_tiles, labelled_tile
from dohyo.reports.page.judged_answer import judged_evidence, judged_summary, judged_tiles
from dohyo.reports.page.tile import Tile, percent_interval
from dohyo.verification.compare import Comparison
from dohyo.verification.protocols import Protocol
from dohyo.words import Words

EASY, LIST, RECALL = "mixed_recall_at_10", "mixed_ndcg_at_10", "recall_at_1"
SHARE = "same_modality_share"


def touched(findings: Findings) -> bool:
    """Return whether the held-out figures have seen a correction at all."""
    return any(recipe.method != NOTHING.method for recipe in findings.decision.chosen_by_fold)


def tried(findings: Findings) -> str:
    """Return the method that the verdict speaks of: the one chosen, or the one that looked best."""
    for candidate in findings.decision.candidates:
        if any(reason.code.startswith("chosen") for reason in candidate.why):
            return candidate.recipe.label
    return findings.illustrated.label


def headline(findings: Findings, words: Words) -> str:
    """Return the verdict in a few words."""
    decision = findings.decision
    return words(f"headline.{decision.verdict}", method=words.name(decision.recipe.label))


def summary(findings: Findings, words: Words) -> str:
    """Return one sentence: how big the gap is, what to do, what is gained and what is risked."""
    decision = findings.decision
    gap = _gap(findings, words)
    if decision.verdict != "correct":
        return words(f"summary.{decision.verdict}", gap=gap, why=_why(findings, words))
    if decision.by_classes:
        return class_summary(decision, gap, words)
    if decision.judged is not None:
        return judged_summary(decision, gap, words)
    protocol = _least_gain(findings)
    compared = decision.protocols[protocol]
    return words(
        "summary.correct",
        method=words.name(decision.recipe.label),
        gap=gap,
        before=digits.percent(compared.before[EASY], words),
        after=digits.percent(compared.after[EASY], words),
        gain=digits.points(compared.change[EASY], words),
        protocol=words.name(protocol),
        risk=_risk(findings, words),
    )


def tiles(findings: Findings, words: Words) -> tuple[Tile, ...]:
    """Return the three or four figures that the verdict turns on."""
    gap = findings.before.estimates[SHARE]
    first = Tile(
        label=words("tile.gap"),
        value=digits.percent(gap, words),
        interval=percent_interval(gap, words),
        note=words("tile.gap_note", base=digits.level(findings.before.references[SHARE], words)),
    )
    if findings.decision.by_classes:
        return (first, *class_tiles(findings.decision, words, changed=touched(findings)))
    if findings.decision.judged is not None:
        return (first, *judged_tiles(findings.decision, words, changed=touched(findings)))
    if not findings.decision.protocols:
        return (first, _evidence(findings, words))
    if touched(findings):
        return (first, *_changes(findings, words))
    return (first, *_today(findings, words))


def _gap(findings: Findings, words: Words) -> str:
    share = findings.before.estimates[SHARE]
    reference = findings.before.references[SHARE]
    base = digits.level(reference, words)
    key = "summary.gap" if share.low > reference + digits.NOISE else "summary.no_gap"
    return words(key, share=digits.percent(share, words), base=base)


def _why(findings: Findings, words: Words) -> str:
    """Return the first reason as a clause."""
    reason = findings.decision.reasons[0]
    method = reason.values.get("method", tried(findings))
    values = {"tried": len(findings.decision.candidates)} | dict(reason.values)
    return words(f"summary.why.{reason.code}", **values | {"method": words.name(str(method))})


def _risk(findings: Findings, words: Words) -> str:
    protocol, change = _worst(findings)
    if change.low >= 0:
        return words("summary.risk_none")
    places = digits.decimals(change) - 2
    loss = digits.number(-100 * change.low, places)
    return words("summary.risk_loss", loss=loss, protocol=words.name(protocol))


def _worst(findings: Findings) -> tuple[Protocol, Estimate]:
    """Return the protocol on which the loss could be largest, and the change there."""
    changes = {name: found.change[RECALL] for name, found in findings.decision.protocols.items()}
    protocol = min(findings.decision.policy.guarded, key=lambda name: changes[name].low)
    return protocol, changes[protocol]


def _least_gain(findings: Findings) -> Protocol:
    """Return the protocol that gains least: the one to promise."""
    protocols = findings.decision.protocols
    return min(
        findings.decision.policy.guarded, key=lambda name: protocols[name].change[EASY].value
    )


def _changes(findings: Findings, words: Words) -> tuple[Tile, ...]:
    protocol = _least_gain(findings)
    compared = findings.decision.protocols[protocol]
    before, after, change = _figures(compared, EASY)
    gain = Tile(
        label=words("tile.gain"),
        value=words(
            "tile.change",
            before=digits.percent(before, words),
            after=digits.percent(after, words),
        ),
        interval=words("tile.points", interval=digits.points(change, words)),
        note=words("tile.gain_note", protocol=words.name(protocol)),
    )
    before, after, change = _figures(compared, LIST)
    quality = Tile(
        label=words("tile.quality"),
        value=words("tile.change", before=digits.figure(before), after=digits.figure(after)),
        interval=words(
            "tile.change_interval", interval=digits.interval(change, words, signed=True)
        ),
        note=words("tile.quality_note", protocol=words.name(protocol)),
    )
    worst, loss = _worst(findings)
    risk = Tile(
        label=words("tile.risk"),
        value=digits.figure(loss, signed=True),
        interval=words("tile.interval", interval=digits.interval(loss, words, signed=True)),
        note=words(
            "tile.risk_note",
            protocol=words.name(worst),
            margin=findings.decision.policy.recall_margin,
        ),
    )
    return gain, quality, risk


def _figures(compared: Comparison, metric: str) -> tuple[Estimate, Estimate, Estimate]:
    return compared.before[metric], compared.after[metric], compared.change[metric]


def _today(findings: Findings, words: Words) -> tuple[Tile, ...]:
    found = findings.decision.protocols["unseen_corpus"].before
    protocol = words.name("unseen_corpus")
    today = Tile(
        label=words("tile.today"),
        value=digits.percent(found[EASY], words),
        interval=percent_interval(found[EASY], words),
        note=words("tile.gain_note", protocol=protocol),
    )
    recall = Tile(
        label=words("tile.recall"),
        value=digits.figure(found[RECALL]),
        interval=words("tile.interval", interval=digits.interval(found[RECALL], words)),
        note=words("tile.recall_note", protocol=protocol),
    )
    signal = findings.before.estimates.get("pairing_signal")
    if findings.decision.verdict == "insufficient_data" or signal is None:
        return today, recall, _evidence(findings, words)
    chance = findings.before.references["pairing_signal"]
    seen = Tile(
        label=words("tile.signal"),
        value=digits.percent(signal, words),
        interval=percent_interval(signal, words),
        note=words(
            "tile.signal_note",
            chance=words("figure.percent", value=f"{100 * chance:.2g}"),
            p=digits.chance_of(signal.p),
        ),
    )
    return seen, today, recall


def _evidence(findings: Findings, words: Words) -> Tile:
    """Return how many groups there are against how many it would take."""
    corpus, decision = findings.judged_on, findings.decision
    needed: float | str = decision.policy.minimum_groups
    first = decision.reasons[0]
    # The reason of too few groups counts them under the name that the others use for the wanted.
    needed = first.values.get("needed", first.values.get("groups", needed))
    if first.code == "too_few_labelled":
        return labelled_tile(int(first.values["groups"]), float(needed), words)
    if first.code == "few_judged_queries":
        return judged_evidence(decision, words)
    groups = len(set(corpus.groups("text").tolist())) if corpus.paired else 0
    return Tile(
        label=words("tile.groups"),
        value=f"{groups:,}",
        interval="",
        note=words("tile.groups_note" if corpus.paired else "tile.unpaired_note", needed=needed),
    )
