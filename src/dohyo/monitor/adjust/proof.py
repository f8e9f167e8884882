"""The folder of a proposal: report, map and explanation, whole or not at all."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dohyo.corpus import Corpus
from dohyo.decision.policy import Policy
from dohyo.io.atomic import new_folder
from dohyo.progress import Progress
from dohyo.reports.findings import Findings
from dohyo.reports.publish import FILES, publish
from dohyo.words import Words

OURS = FILES | {"explanation.json"}
FOLDER = "proposals"


def folder_of(alarm: int) -> str:
    """Return the folder of an alarm's proposal within the state's folder."""
    return f"{FOLDER}/alarm-{alarm}"


def write_proof(
    state: Path,
    alarm: int,
    corpus: Corpus,
    explanation: Mapping[str, Any],
    *,
    pairs: Corpus | None,
    policy: Policy,
    stress: bool,
    seed: int,
    words: Words,
    progress: Progress,
) -> Findings:
    """Measure, choose and verify on recent data, and write it down; an earlier folder goes.

    Raises
    ------
    UsageError
        If the disk refuses, or somebody else's file is in the folder.
    """
    with new_folder(state / folder_of(alarm), overwrite=True, ours=OURS) as draft:
        findings = publish(
            corpus,
            draft,
            pairs_from=None if corpus.paired else pairs,
            policy=policy,
            stress=stress,
            seed=seed,
            language=words.language,
            command=None,
            progress=progress,
        )
        text = json.dumps(explanation, indent=2, ensure_ascii=False)
        (draft / "explanation.json").write_text(text + "\n", encoding="utf-8")
    return findings


def clear_half_written(state: Path, alarm: int) -> None:
    """Remove what a killed process left of an alarm's folder under a temporary name."""
    target = state / folder_of(alarm)
    if not target.parent.is_dir():
        return
    left = re.compile(rf"\.{re.escape(target.name)}\.\w+")
    for entry in target.parent.iterdir():
        if left.fullmatch(entry.name):
            shutil.rmtree(entry, ignore_errors=True)
