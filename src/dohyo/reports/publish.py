"""The whole job, from a corpus to a folder with the report: `dohyo.run`."""

import json
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from dohyo.corpus import Corpus
from dohyo.decision.policy import Policy
from dohyo.io.atomic import new_folder
from dohyo.judgements import Judgements
from dohyo.progress import Progress, silent
from dohyo.reports.document import document
from dohyo.reports.facts import Facts
from dohyo.reports.findings import Findings, investigate
from dohyo.value.costs import Costs
from dohyo.version import __version__
from dohyo.words import Language, Words

FILES = frozenset({"report.html", "report.json", "map"})


def run(
    corpus: Corpus,
    out: Path | str,
    *,
    growing: float | None = None,
    pairs_from: Corpus | None = None,
    judgements: Judgements | None = None,
    policy: Policy | None = None,
    keep_dimension: bool = False,
    stress: bool = True,
    costs: Costs | None = None,
    seed: int = 0,
    language: Language = "en",
    overwrite: bool = False,
    command: str | None = None,
    progress: Progress = silent,
) -> Findings:
    """Measure, choose a correction, verify it, and write the report.

    Writes `report.html`, `report.json`, and `map/` when the verdict is `correct`, into `out`:
    all of them or none.

    Parameters
    ----------
    out : a new or empty folder; with `overwrite` one that holds an earlier report
    growing : share in [0, 1] of the searches that will hit items added after the fit
    pairs_from : known pairs of the same encoder, to judge a corpus without pairs by
    judgements : what people said answers their queries: then these are the yardstick
    policy : the tolerances; `growing` and `keep_dimension` override it
    stress : whether to judge the decision anew under the faults of industry: wrong pairs,
        duplicates, broken vectors and the like
    costs : a company's assumptions, to turn the measured change into money
    language : of the report's sentences
    command : what was typed, to be printed in the report
    progress : told what is being done, in a hundred steps

    Raises
    ------
    UsageError
        If `out` is in the way, the disk refuses, growing is out of range, or pairs_from is of
        no use here.
    """
    out = Path(out)
    with new_folder(out, overwrite=overwrite, ours=FILES) as draft:
        findings = publish(
            corpus,
            draft,
            growing=growing,
            keep_dimension=keep_dimension,
            pairs_from=pairs_from,
            judgements=judgements,
            policy=policy,
            stress=stress,
            costs=costs,
            seed=seed,
            language=language,
            command=command,
            progress=progress,
        )
    progress(100, 100, "written")
    return findings


def publish(
    corpus: Corpus,
    folder: Path,
    *,
    growing: float | None = None,
    pairs_from: Corpus | None = None,
    judgements: Judgements | None = None,
    policy: Policy | None = None,
    keep_dimension: bool = False,
    stress: bool = True,
    costs: Costs | None = None,
    seed: int,
    language: Language,
    command: str | None,
    progress: Progress,
) -> Findings:
    """Do the whole job and write its files into a folder that exists; see `run`."""
    # Drawing takes longer to import than everything else; `import dohyo` must stay light.
    from dohyo.reports.html import render

    started = time.monotonic()
    findings = investigate(
        corpus,
        growing=growing,
        pairs_from=pairs_from,
        judgements=judgements,
        policy=policy,
        keep_dimension=keep_dimension,
        stress=stress,
        costs=costs,
        seed=seed,
        progress=progress,
    )
    facts = Facts(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - started, 2),
        peak_memory_bytes=_peak_memory_bytes(),
        dohyo_version=__version__,
        command=command,
    )
    words = Words(language)
    text = json.dumps(document(findings, words, facts), indent=2, ensure_ascii=False)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")
    (folder / "report.html").write_text(render(findings, words, facts=facts), encoding="utf-8")
    if findings.decision.verdict == "correct":
        findings.fitted.save(folder / "map")
    return findings


def _peak_memory_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
