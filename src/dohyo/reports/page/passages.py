"""The running text between the pictures: which sentence each finding calls for."""

from dataclasses import dataclass

from dohyo.decision.by_labels import GAINS
from dohyo.decision.choose import Candidate
from dohyo.reports.findings import Findings
from dohyo.reports.page import digits
from dohyo.reports.page.answer import touched
from dohyo.verification.examples import LENGTH
from dohyo.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Passages:
    """Sentences by where they stand; an empty one is left out."""

    map: str
    map_share: str
    absent: str
    biased: str
    ladder: str
    refused: tuple[str, ...]
    p_note: str
    share_note: str
    searches: str
    no_match: str
    risks: tuple[str, ...]


def passages(findings: Findings, words: Words) -> Passages:
    """Choose and fill in the sentences."""
    decision = findings.decision
    changed = touched(findings)
    return Passages(
        map=_map(findings, words),
        map_share=_map_share(findings, words),
        absent=_absent(findings, words),
        biased=_biased(findings, words),
        ladder=words(
            "choice.ladder",
            level=digits.level(decision.policy.level, words),
            margin=decision.policy.recall_margin,
        ),
        refused=_refused(findings, words),
        p_note=_p_note(findings, words) if changed else "",
        share_note=_share_note(findings, words),
        searches=_searches(findings, words),
        no_match=words("searches.no_match", length=LENGTH),
        risks=_risks(findings, words),
    )


def _map(findings: Findings, words: Words) -> str:
    if not findings.decision.candidates:
        return words("gap.map_alone")
    key = "gap.map_correct" if findings.decision.verdict == "correct" else "gap.map_refused"
    if findings.decision.by_classes:
        key = key.replace("map_", "map_classes_")
    return words(
        key if findings.illustrated.moves else "gap.map_scores",
        method=words.name(findings.illustrated.label),
    )


def _map_share(findings: Findings, words: Words) -> str:
    before, after = (digits.level(each.explained, words) for each in findings.gap_map)
    if not findings.decision.candidates:
        return words("gap.map_share_alone", before=before)
    return words("gap.map_share", before=before, after=after)


def _absent(findings: Findings, words: Words) -> str:
    missing = [words(f"measure.{name}.name") for name in findings.before.absent]
    if not missing:
        return ""
    return words("gap.absent", measures=words("figure.and").join(missing))


def _biased(findings: Findings, words: Words) -> str:
    shown = (*findings.before.estimates.values(), *findings.after.estimates.values())
    return words("gap.biased") if any(map(digits.biased, shown)) else ""


def _refused(findings: Findings, words: Words) -> tuple[str, ...]:
    """Tell what the best-looking correction would have done, where it was not taken."""
    decision = findings.decision
    if decision.verdict == "correct" or not decision.candidates:
        return ()
    best = next(c for c in decision.candidates if c.recipe == findings.illustrated)
    told = _told(best, findings, words)
    if decision.reasons[0].code in ("no_signal", "no_judged_signal"):
        return (told, words("choice.refused_signal"))
    if decision.reasons[0].code == "no_class_signal":
        return (told, words("choice.refused_class_signal"))
    why = best.why if not best.passes else decision.reasons
    undecided = decision.verdict == "insufficient_data"
    because = words("choice.open_other" if undecided else "choice.refused_other")
    return (told, because, *(reason.say(words) for reason in why))


def _told(best: Candidate, findings: Findings, words: Words) -> str:
    if findings.decision.by_classes:
        return _told_of_classes(best, words)
    # Of searches, the protocol that is hardest to pass is told; judged queries stand alone.
    protocol = findings.decision.deciding[-1]
    scores = best.scores[protocol]
    gain, harm = scores.gain.estimate(), scores.harm.estimate()
    return words(
        "choice.refused_judged" if protocol == "judged" else "choice.refused",
        method=words.name(best.recipe.label),
        gap_before=findings.decision.protocols[protocol].gap_left[0],
        gap_after=scores.gap_left,
        gain=digits.figure(gain, signed=True),
        gain_interval=digits.interval(gain, words, signed=True),
        mixed=digits.figure(scores.mixed.estimate()),
        harm=digits.figure(harm, signed=True),
        harm_interval=digits.interval(harm, words, signed=True),
    )


def _told_of_classes(best: Candidate, words: Words) -> str:
    told = {} if best.information is None else best.information.classes
    gain, clusters = (told.get(name, told[GAINS[0]]).change.estimate() for name in GAINS)
    return words(
        "choice.refused_classes",
        method=words.name(best.recipe.label),
        gain=digits.figure(gain, signed=True),
        gain_interval=digits.interval(gain, words, signed=True),
        clusters=digits.figure(clusters, signed=True),
        clusters_interval=digits.interval(clusters, words, signed=True),
    )


def _p_note(findings: Findings, words: Words) -> str:
    return words("proof.p_note", comparisons=findings.decision.comparisons)


def _share_note(findings: Findings, words: Words) -> str:
    compared = findings.decision.protocols.get("unseen_corpus")
    if compared is None:
        return ""
    rates = {kind: f"{rate:.2f}" for kind, rate in compared.base_rate.items()}
    return words("proof.share_note", **rates)


def _searches(findings: Findings, words: Words) -> str:
    if findings.decision.judged is not None and not findings.examples:
        return words("searches.none_judged")
    if not findings.examples:
        return words("searches.none_classes" if findings.decision.by_classes else "searches.none")
    correct = findings.decision.verdict == "correct"
    return words(
        "searches.lead" if correct else "searches.lead_refused",
        seed=findings.seed,
        method=words.name(findings.illustrated.label),
    )


def _risks(findings: Findings, words: Words) -> tuple[str, ...]:
    policy = findings.decision.policy
    unseen = {0.0: "unseen_static", 1.0: "unseen_added"}.get(policy.growing, "unseen")
    keys = [unseen, "closed", "share", "drift", "pairs", "relevance"]
    if findings.decision.by_classes:
        keys = ["classes", "closed", "drift", "labels_true"]
    correct = findings.decision.verdict == "correct"
    keys += ["scores", "strength"] if correct else ["not_corrected"]
    return tuple(words(f"risks.{key}", limit=policy.share_departure) for key in keys)
