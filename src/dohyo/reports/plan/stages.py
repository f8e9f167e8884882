"""The stages of a plan: what is typed, for how long, which figures let it pass, what it costs."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dohyo.reports.plan.evidence import Evidence
from dohyo.reports.plan.sample_size import lower_bound, sample_size
from dohyo.value.costs import Costs
from dohyo.words import Words

Who = Literal["engineer", "owner", "approver"]
WORK = {"pilot": 0.3, "shadow": 0.3, "roll_out": 0.4}
"""Share of the engineering days that each stage takes."""
WEEKS = {"pilot": 2, "shadow": 4, "roll_out": 2}
STEPS = (0.1, 0.5, 1.0)
"""Shares of the traffic that the roll-out goes through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A condition with its figures, said by `plan.gate.NAME`."""

    name: str
    figures: Mapping[str, float] = field(default_factory=dict)

    def say(self, words: Words) -> str:
        """Return the condition as a sentence."""
        return words(f"plan.gate.{self.name}", **self.figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage; what is done and what could stop it are said by `plan.stage.NAME`.

    Attributes
    ----------
    weeks : how long it takes; None where it is done, or goes on
    commands : what is typed
    gates : what must hold before the next stage
    who : decides
    cost : at likely assumptions; None without costs. That of `monitor` is a month's
    """

    name: str
    weeks: int | None = None
    commands: tuple[str, ...] = ()
    gates: tuple[Gate, ...] = ()
    who: Who = "engineer"
    cost: float | None = None

    def to_json(self, words: Words) -> dict[str, Any]:
        """Return the stage, its sentences in the language of `words`."""
        return {
            "name": self.name,
            "what": words(f"plan.stage.{self.name}.do"),
            "weeks": self.weeks,
            "commands": list(self.commands),
            "gates": [
                {"name": gate.name, "figures": dict(gate.figures), "says": gate.say(words)}
                for gate in self.gates
            ],
            "decides": self.who,
            "cost": self.cost,
            "could_stop_it": words(f"plan.stage.{self.name}.stop"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many judged queries, or pairs, a stage must look at; None where that is not known.

    Attributes
    ----------
    gain : to see half of the gain found here
    harm : to exclude a loss of the margin where there is none
    """

    gain: int | None
    harm: int | None

    @property
    def both(self) -> int | None:
        """The larger of the two."""
        return max((each for each in (self.gain, self.harm) if each is not None), default=None)

    def to_json(self) -> dict[str, int | None]:
        """Return both."""
        return {"to_see_half_the_gain": self.gain, "to_exclude_the_harm": self.harm}


def sizes_of(seen: Evidence) -> Sizes:
    """Return the sample sizes that the report's own spread asks for."""
    level, least = seen.policy["level"], seen.policy["minimum_groups"]
    margin = seen.policy["recall_margin"]
    gain = harm = None
    if seen.found is not None:
        gain = sample_size(seen.found, seen.found.value / 2, level=level, least=least)
    if seen.harm is not None:
        harm = sample_size(seen.harm, margin, level=level, least=least)
    return Sizes(gain=gain, harm=harm)


def stages_of(seen: Evidence, sizes: Sizes, costs: Costs | None, run: str) -> tuple[Stage, ...]:
    """Return the stages that the verdict calls for.

    Parameters
    ----------
    run : folder of the report, as it is to be typed
    """
    if seen.verdict == "correct":
        return (
            _measure(seen, run),
            _pilot(seen, sizes, costs, run),
            _shadow(seen, sizes, costs, run),
            _roll_out(seen, costs, run),
            _monitor(seen, sizes, costs, run),
        )
    again = _typed("run", "new.npz", "--out", "again")
    if seen.verdict == "do_not_correct":
        return (
            Stage(name="keep", who="owner"),
            Stage(name="examine", weeks=2, commands=(_typed("measure", "new.npz"),)),
            Stage(name="ask_again", commands=(again,), gates=(Gate(name="verdict"),)),
        )
    needed = groups_needed(seen)
    collected = (Gate(name="collected", figures={"groups": needed}),)
    return (
        Stage(name="collect", who="owner", gates=collected),
        Stage(name="measure_again", commands=(again,), gates=(Gate(name="verdict"),)),
        Stage(name="decide", who="approver"),
    )


def groups_needed(seen: Evidence) -> float:
    """Return how many groups would decide, by the report's reasons; the least there must be."""
    least = float(seen.policy["minimum_groups"])
    values = [each.values for each in seen.reasons if not isinstance(each, str)]
    told = [float(value.get("needed", value.get("groups", 0))) for value in values]
    return max([least, *told])


def _measure(seen: Evidence, run: str) -> Stage:
    groups = seen.found.n if seen.found is not None else 0
    return Stage(
        name="measure",
        commands=(_typed("run", "corpus.npz", "--out", run),),
        gates=(Gate(name="measured", figures={"groups": groups}),),
    )


def _pilot(seen: Evidence, sizes: Sizes, costs: Costs | None, run: str) -> Stage:
    gates = []
    if seen.found is not None:
        least = lower_bound(seen.found, seen.policy["level"])
        gates.append(Gate(name="gain", figures={"points": 100 * least}))
    if seen.harm is not None:
        gates.append(Gate(name="harm", figures={"points": 100 * seen.policy["recall_margin"]}))
    if sizes.both is not None:
        gates.append(Gate(name="judged", figures={"queries": sizes.both}))
    return Stage(
        name="pilot",
        weeks=WEEKS["pilot"],
        commands=(
            *_applied(run),
            _typed("verify", "pilot.npz", "--map", f"{run}/map", "--judgements", "judged.csv"),
        ),
        gates=tuple(gates),
        who="owner",
        cost=_work("pilot", costs),
    )


def _shadow(seen: Evidence, sizes: Sizes, costs: Costs | None, run: str) -> Stage:
    room = seen.policy["share_departure"]
    gates = [
        Gate(
            name=f"share_{kind}",
            figures={"low": 100 * max(0.0, rate - room), "high": 100 * min(1.0, rate + room)},
        )
        for kind, rate in seen.base_rate.items()
    ]
    if seen.kept is not None:
        least = lower_bound(seen.kept, seen.policy["level"])
        gates.append(Gate(name="overlap", figures={"percent": 100 * least}))
    if sizes.both is not None:
        gates.append(Gate(name="logged", figures={"queries": sizes.both}))
    reindex = 0.0
    if costs is not None:
        likely = costs.likely()
        reindex = likely["vectors_millions"] * likely["reindex_cost_per_million"]
    work = _work("shadow", costs)
    query = _typed(
        "apply", f"{run}/map", "queries.npy", "queries-corrected.npy",
        "--modality", "text", "--role", "query",
    )  # fmt: skip
    return Stage(
        name="shadow",
        weeks=WEEKS["shadow"],
        commands=(query, _typed("verify", "shadow.npz", "--map", f"{run}/map")),
        gates=tuple(gates),
        who="owner",
        cost=None if work is None else work + reindex,
    )


def _roll_out(seen: Evidence, costs: Costs | None, run: str) -> Stage:
    first, second, _ = (100 * step for step in STEPS)
    gates = [Gate(name="steps", figures={"first": first, "second": second})]
    if seen.today is not None and seen.then is not None:
        # Half of the gain lost: the level that the sample sizes can tell from the whole of it.
        gates.append(Gate(name="roll_back", figures={"percent": 50 * (seen.today + seen.then)}))
    return Stage(
        name="roll_out",
        weeks=WEEKS["roll_out"],
        commands=(_typed("inspect", f"{run}/map"),),
        gates=tuple(gates),
        who="approver",
        cost=_work("roll_out", costs),
    )


def _monitor(seen: Evidence, sizes: Sizes, costs: Costs | None, run: str) -> Stage:
    gates = [Gate(name="refit")]
    if sizes.harm is not None:
        gates.insert(0, Gate(name="monthly", figures={"queries": sizes.harm}))
    return Stage(
        name="monitor",
        commands=(
            _typed("measure", "month.npz", "--out", "month"),
            _typed("compare", f"{run}/report.json", "month"),
            _typed("verify", "month.npz", "--map", f"{run}/map", "--require", "correct"),
        ),
        gates=tuple(gates),
        who="approver",
        cost=None if costs is None else costs.likely()["running_cost_per_month"],
    )


def _work(stage: str, costs: Costs | None) -> float | None:
    if costs is None:
        return None
    likely = costs.likely()
    return WORK[stage] * likely["engineering_days"] * likely["day_rate"]


def _applied(run: str) -> tuple[str, ...]:
    return tuple(
        _typed("apply", f"{run}/map", f"{side}s.npy", f"{side}s-corrected.npy", "--modality", side)
        for side in ("image", "text")
    )


def _typed(*arguments: str) -> str:
    return shlex.join(("dohyo", *arguments))
