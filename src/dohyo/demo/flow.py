"""The demo from the first stroke to the report."""

from pathlib import Path

from dohyo.demo.shapes_world import build, corpus_of
from dohyo.encoders.builtin import load
from dohyo.io.atomic import new_folder
from dohyo.io.npz import write_npz
from dohyo.progress import Progress, silent
from dohyo.reports.findings import Findings
from dohyo.reports.publish import FILES as REPORT
from dohyo.reports.publish import publish
from dohyo.words import Language

FILES = REPORT | {"corpus.npz", "untrained"}
PICTURES = 400


def run_demo(
    out: Path,
    *,
    seed: int = 0,
    language: Language = "en",
    overwrite: bool = False,
    progress: Progress = silent,
) -> tuple[Findings, Findings]:
    """Write the reports of the trained encoder and of the same encoder before training.

    Writes into `out`, whole or not at all: `corpus.npz` with the report's files for the trained
    encoder, and the same in `untrained/`.

    Returns
    -------
    The findings of both, trained first.

    Raises
    ------
    MissingExtra
        If onnxruntime or Pillow is not installed.
    UsageError
        If `out` is in the way, or the disk refuses.
    """
    with new_folder(out, overwrite=overwrite, ours=FILES) as draft:
        trained = _one("shapes-world", draft, seed, language, _half(progress, 0))
        below = draft / "untrained"
        below.mkdir()
        untrained = _one("shapes-world-untrained", below, seed, language, _half(progress, 100))
    progress(200, 200, "written")
    return trained, untrained


def _one(
    encoder_name: str, folder: Path, seed: int, language: Language, progress: Progress
) -> Findings:
    progress(0, 100, "draw")
    encoder = load(encoder_name)
    world = build(encoder, pictures=PICTURES, seed=seed)
    corpus = corpus_of(world, encoder.fingerprint)
    write_npz(corpus, folder / "corpus.npz")
    return publish(
        corpus, folder, seed=seed, language=language, command="dohyo demo", progress=progress
    )


def _half(progress: Progress, start: int) -> Progress:
    """Return a progress that fills a hundred of two hundred steps."""

    def told(done: int, total: int, what: str) -> None:
        progress(start + 100 * done // total, 200, what)

    return told
