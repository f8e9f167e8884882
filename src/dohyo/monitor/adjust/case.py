"""From an alarm to at most one proposal: `adjust`."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dohyo.corpus import Corpus
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.library import Library
from dohyo.decision.reason import Reason
from dohyo.decision.verdict import Decision
from dohyo.monitor.adjust.adjusted import Adjusted, Outcome, Told
from dohyo.monitor.adjust.by_itself import act, may_act, weaker
from dohyo.monitor.adjust.contest import Contest, Ground, Judged, on_remembered
from dohyo.monitor.adjust.proof import clear_half_written, folder_of, write_proof
from dohyo.monitor.adjust.recent import corpus_of, groups_of
from dohyo.monitor.adjust.settings import AdjustSettings
from dohyo.monitor.adjust.shop import Shop
from dohyo.monitor.batch import Batch
from dohyo.monitor.explain.retrieval import LEAST, Pairs, Served
from dohyo.progress import Progress, silent
from dohyo.rollout.ledger import Ledger
from dohyo.rollout.proposals import MONITOR, Proposals
from dohyo.rollout.stages import LONGEST_WHY, Rollout, Rollouts, Wanted
from dohyo.words import Words

TOLD = 3
"""Reasons that a proposal gives; the report has them all."""
Step = tuple[float | None, Told]
"""What the policy does by itself: the strength to lower it to, None for raw; and why."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Case:
    """Everything that following up one alarm needs.

    Attributes
    ----------
    ledger : of the state's folder
    alarm : row of the ledger, `detail` and `adjusted` parsed
    recent : reads the batches since the change again, the earliest first
    explanation : of the alarm, to lie beside the report
    settings : policy and bounds
    words : of the reasons and of the report
    pairs : known pairs of the same encoder, for data without pairs; None where there are none
    shop : what is searched; None where nothing is
    last : whether it should give up rather than wait for more data
    remembered : unit rows of pairs from before the change, (n, d) each; None where none are kept
    """

    ledger: Ledger
    alarm: Mapping[str, Any]
    recent: Callable[[], Sequence[Batch]]
    settings: AdjustSettings
    words: Words
    explanation: Mapping[str, Any]
    pairs: Corpus | None = None
    shop: Shop | None = None
    last: bool = False
    remembered: Pairs | None = None
    progress: Progress = silent

    @property
    def state(self) -> Path:
        """The folder of the state."""
        return self.ledger.path.parent

    @property
    def number(self) -> int:
        """The alarm's number."""
        return int(self.alarm["number"])


def adjust(case: Case) -> Adjusted:
    """Follow an alarm up: judge, refit in shadow, compare, and propose; or say why not.

    Nothing that is served changes, except that the policy "auto-conservative" may weaken the
    correction or return to raw, within its bounds. Called again after a kill, or a second time,
    it comes to the one same proposal.

    Raises
    ------
    UsageError
        If the disk refuses.
    """
    told = case.alarm.get("adjusted")
    if told and told.get("outcome") != "waiting":
        return Adjusted.from_json(told)
    rollouts = Rollouts(case.ledger)
    if case.settings.policy == "notify":
        return _kept(case, Adjusted(outcome="notified", why=(Told("notified"),)))
    rollout = rollouts.of(collection_of(case.ledger, case.settings, case.shop))
    if case.alarm["kind"] == "encoder":
        return _other_encoder(case, rollouts, rollout)
    corpus = corpus_of(case.recent(), case.settings.most_groups)
    groups = 0 if corpus is None else groups_of(corpus)
    needed = max(case.settings.least_groups, int((told or {}).get("needed") or 0))
    if corpus is None or groups < needed:
        return _kept(case, _waiting(case, groups, needed))
    if not corpus.paired and case.pairs is None:
        return _kept(case, Adjusted(outcome="too_few", why=(Told("no_pairs"),), groups=groups))
    return _judged(case, rollouts, rollout, corpus, groups)


def _judged(
    case: Case, rollouts: Rollouts, rollout: Rollout, corpus: Corpus, groups: int
) -> Adjusted:
    """Judge the map in service, find a new one, compare the two, and settle."""
    settings, library = case.settings, Library(case.state / "maps")
    served = served_by(library, rollout)
    ground = Ground(corpus, case.pairs, settings.guardrails, seed=settings.seed)
    old = None if served is None else ground.judged(served)
    clear_half_written(case.state, case.number)
    findings = write_proof(
        case.state,
        case.number,
        corpus,
        case.explanation,
        pairs=case.pairs,
        policy=settings.guardrails,
        stress=settings.stress,
        seed=settings.seed,
        words=case.words,
        progress=case.progress,
    )
    decision, found = findings.decision, _Found(case, rollout, groups, old)
    contest = None
    if decision.verdict == "correct" and old is not None:
        contest = ground.contest(old, decision)
    step: Step | None = None
    may = may_act(case.ledger, rollout, settings)
    if may and served is not None and old is not None and old.harms:
        harms = Told("harms", {"harm": old.harm, "groups": groups})
        step = weaker(ground, served, settings, case.shop), harms
    answer, wanted = found.answer(decision, contest)
    if wanted is not None and answer.outcome == "proposed":
        which = library.add(findings.fitted)
        if (which, decision.recipe.strength) == (rollout.map, rollout.strength):
            answer, wanted = found.same(), None
        else:
            wanted = replace(wanted, map=which, strength=decision.recipe.strength)
            new = Served(identity=which, fitted=findings.fitted, strength=decision.recipe.strength)
            answer = _with_remembered(case, answer, served, new)
            answer = _with_copy(case, answer, findings.fitted, which, wanted)
    return _settled(case, rollouts, rollout, answer, wanted, step)


@dataclass(frozen=True, eq=False, slots=True)
class _Found:
    """What was found of the map in service, and what follows from it."""

    case: Case
    rollout: Rollout
    groups: int
    old: Judged | None

    def answer(self, decision: Decision, contest: Contest | None) -> tuple[Adjusted, Wanted | None]:
        """Return what follows, and what to propose (the map is filled in later)."""
        if decision.verdict == "correct" and self._worth_it(contest):
            return self._new(decision, contest), self._next_stage()
        if decision.verdict == "correct":
            return self._old(contest), None
        if self._still_holds():
            if decision.verdict == "insufficient_data" and not self.case.last:
                return self._undecided(decision.reasons), None  # more data may show a better one
            return self._old(contest), None
        if self.old is not None and self.old.fails and self.rollout.stage != "off":
            why = self._told("proposed_raw", self.old.why)
            return self._adjusted("proposed_raw", [why]), Wanted(stage="off")
        if self.old is not None and self.rollout.stage != "off":
            return self._undecided(self.old.why), None
        if decision.verdict == "insufficient_data":
            return self._undecided(decision.reasons), None
        return self._adjusted("left", [self._told("left", decision.reasons)]), None

    def _undecided(self, why: Sequence[Reason]) -> Adjusted:
        waiting = _waiting(self.case, self.groups, _needed(why), why)
        return replace(waiting, report=folder_of(self.case.number))

    def same(self) -> Adjusted:
        """Return the answer where the new map is the one in service."""
        return self._old(None)

    def _worth_it(self, contest: Contest | None) -> bool:
        """Whether a new map that passes is worth the change: the old one fails, or is behind."""
        return self.old is None or contest is None or self.old.fails or contest.ahead

    def _still_holds(self) -> bool:
        return self.old is not None and not self.old.why

    def _next_stage(self) -> Wanted:
        """Return the stage at which a new map begins.

        Its proof is of recent data alone and not of everybody's searches: where the old map
        answers all, the new one begins with a share; anywhere else it takes the same place.
        """
        if self.rollout.stage == "on":
            return Wanted(stage="canary", percent=self.case.settings.begin_percent)
        percent = self.rollout.percent if self.rollout.stage == "canary" else None
        return Wanted(stage=self.rollout.stage, percent=percent)

    def _new(self, decision: Decision, contest: Contest | None) -> Adjusted:
        method = decision.recipe.label
        if self.old is None or contest is None:
            why = [self._told("first", method=method)]
        else:
            why = [self._told("proposed", method=method, **_figures(contest))]
            if self.old.fails:
                why.append(self._told("old_fails", self.old.why))
        if self.rollout.stage == "on":
            why.append(Told("begins", {"percent": self.case.settings.begin_percent}))
        return self._adjusted("proposed", why, contest)

    def _old(self, contest: Contest | None) -> Adjusted:
        if contest is None:
            return self._adjusted("kept", [self._told("kept")])
        return self._adjusted("kept", [self._told("kept_by", **_figures(contest))], contest)

    def _adjusted(
        self, outcome: Outcome, why: Sequence[Told], contest: Contest | None = None
    ) -> Adjusted:
        return Adjusted(
            outcome=outcome,
            why=why,
            groups=self.groups,
            contest=None if contest is None else contest.to_json(),
            report=folder_of(self.case.number),
        )

    def _told(self, code: str, why: Sequence[Reason] = (), /, **values: Any) -> Told:
        hard = [reason for reason in why if not reason.code.endswith("_undecided")] or list(why)
        return Told(code, {"groups": self.groups} | values, tuple(hard[:TOLD]))


def _figures(contest: Contest) -> dict[str, float]:
    mixed = contest.mixed
    return {"value": mixed.value, "low": mixed.low, "high": mixed.high}


def _waiting(case: Case, groups: int, needed: int, because: Sequence[Reason] = ()) -> Adjusted:
    """Return that more data is needed, to be tried again; or that it gives up."""
    outcome: Outcome = "too_few" if case.last else "waiting"
    needed = max(needed, groups + groups // 2)  # nearly the same data would say nearly the same
    why = [Told(outcome, {"groups": groups, "needed": needed})]
    if because:
        why.append(Told("because", {}, tuple(because[:1])))
    return Adjusted(outcome=outcome, why=why, groups=groups, needed=needed)


def _needed(why: Sequence[Reason]) -> int:
    """Return how many groups would decide, as far as the reasons tell."""
    told = [float(reason.values.get(name, 0)) for reason in why for name in ("groups", "needed")]
    return round(max(told, default=0.0))


def _other_encoder(case: Case, rollouts: Rollouts, rollout: Rollout) -> Adjusted:
    """Propose raw: vectors of two encoders share no space, so no map can be right for both."""
    why = Told("encoder")
    answer = Adjusted(outcome="encoder", why=(why,))
    if rollout.stage == "off":
        return _kept(case, answer)
    if may_act(case.ledger, rollout, case.settings):
        return _settled(case, rollouts, rollout, answer, None, (None, why))
    answer = replace(answer, outcome="proposed_raw")
    return _settled(case, rollouts, rollout, answer, Wanted(stage="off"), None)


def _with_remembered(case: Case, answer: Adjusted, old: Served | None, new: Served) -> Adjusted:
    """Say what the new map does for what was there before the change, as far as that is known."""
    pairs = case.remembered
    if old is None or pairs is None or len(pairs[0]) < LEAST:
        return answer
    change = on_remembered(pairs, old, new, seed=case.settings.seed)
    values = {"pairs": change.n, "value": change.value, "low": change.low, "high": change.high}
    contest = {**(answer.contest or {}), "remembered": change.to_json()}
    told = (Told("remembered", values), *((Told("remembered_worse"),) if change.high < 0 else ()))
    return replace(answer, contest=contest, why=(*answer.why, *told))


def _with_copy(
    case: Case, answer: Adjusted, fitted: AlignmentMap, which: str, wanted: Wanted
) -> Adjusted:
    """Make the corrected copy where the collection is small, or say how to make it."""
    if case.shop is None:
        return answer
    strength = wanted.strength or 1.0
    came, trouble = case.shop.copy(fitted, strength, case.settings.copy_rows)
    line = case.shop.command(str(case.state / "maps" / which), strength)
    told = Told(f"copy.{came}", {"command": line, "trouble": trouble})
    return replace(answer, copy=came, why=(*answer.why, told))


def _settled(
    case: Case,
    rollouts: Rollouts,
    rollout: Rollout,
    answer: Adjusted,
    wanted: Wanted | None,
    step: Step | None,
) -> Adjusted:
    """Write the step, the proposal and the answer in one change.

    What it did by itself comes first, so that the proposal is one for the roll-out as it is then.
    """
    ledger, proposals = case.ledger, Proposals(case.ledger, rollouts)
    with ledger.change():
        if step is not None and rollouts.of(rollout.collection) == rollout:
            strength, why = step
            did = act(rollouts, rollout.collection, strength, why.say(case.words))
            told = (why, Told(did, {"strength": strength or 0.0}))
            if did == "returned" and answer.outcome in ("proposed_raw", "encoder"):
                kind: Outcome = "left" if answer.outcome == "proposed_raw" else "encoder"
                answer, wanted = replace(answer, outcome=kind, why=()), None
            elif did == "returned" and wanted is not None:
                wanted = replace(wanted, stage="off", percent=None)  # it starts where nobody is
                plain = tuple(each for each in answer.why if each.code != "begins")
                answer = replace(answer, why=plain)
            answer = replace(answer, by_itself=did, why=(*told, *answer.why))
        if wanted is not None:
            number = proposals.propose(
                rollout.collection,
                wanted,
                MONITOR,
                answer.say(case.words)[:LONGEST_WHY],
                alarm=case.number,
                report=answer.report,
            )
            answer = replace(answer, proposal=number)
        return _kept(case, answer)


def _kept(case: Case, answer: Adjusted) -> Adjusted:
    """Write the answer into the alarm."""
    text = json.dumps(answer.to_json(), ensure_ascii=False)
    with case.ledger.change():
        case.ledger.rows("UPDATE alarms SET adjusted = ? WHERE number = ?", text, case.number)
    return answer


def collection_of(ledger: Ledger, settings: AdjustSettings, shop: Shop | None) -> str:
    """Return the name under which the roll-out is kept."""
    if settings.collection is not None:
        return settings.collection
    there = [row["collection"] for row in ledger.rows("SELECT collection FROM rollouts")]
    if len(there) == 1:
        return str(there[0])
    return "vectors" if shop is None else shop.collection


def served_by(library: Library, rollout: Rollout) -> Served | None:
    """Return the active map at its strength, whatever the stage; None where there is none."""
    if rollout.map is None or rollout.map not in library:
        return None
    return Served(identity=rollout.map, fitted=library.get(rollout.map), strength=rollout.strength)
