"""Where both modalities lie: the map to walk on, the measures, the spectrum."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Corpus
from dohyo.corrections.map import AlignmentMap
from dohyo.dashboard.context import Context
from dohyo.reports.page.thumbnail import data_uri
from dohyo.reports.profile_charts import spectra
from dohyo.reports.projection import GapMap, project
from dohyo.reports.sections.gap import gap as gap_section
from dohyo.reports.sections.section import Figure, Part, Section
from dohyo.words import Words


def gap(context: Context) -> dict[str, Any]:
    """Return the report's chapter on the gap, its map replaced by one that can be walked on."""
    found, words = context.found, context.words
    if found is None:
        return {}
    section = gap_section(found.findings, words)
    parts: list[Part] = [
        part for part in section.parts if not (isinstance(part, Figure) and part.name == "gap_map")
    ]
    spectrum = found.portrait.spectrum
    if spectrum is not None:
        parts.append(
            Figure(
                name="spectra",
                title=words("dashboard.spectrum"),
                text=words("dashboard.spectrum_text"),
                draw=lambda width: spectra(spectrum, words, width=width),
            )
        )
    section = replace(section, parts=tuple(parts))
    sections: tuple[Section, ...] = (section,)
    return {
        "chapters": sections,
        "charts": context.charts("gap", sections),
        "points": context.study.drawn(
            ("points", words.language, context.service.rollout.map),
            lambda: json.dumps(_points(context, words)),
        ),
    }


def _points(context: Context, words: Words) -> dict[str, Any]:
    """Return the points of both maps, and what each stands for."""
    assert context.found is not None
    findings = context.found.findings
    corpus = findings.corpus
    before = project(corpus, seed=findings.seed)
    fitted, strength = _served(context, findings.fitted), context.service.rollout.strength
    moved = replace(
        corpus,
        image=fitted.moved(corpus.unit("image"), "image", strength),
        text=fitted.moved(corpus.unit("text"), "text", strength),
    )
    return {
        "before": _plane(before),
        "after": _plane(project(moved, seed=findings.seed)),
        "image": [{"row": int(row), **_image(corpus, int(row))} for row in before.image_row],
        "text": [{"row": int(row), **_text(corpus, int(row))} for row in before.text_row],
        "names": {kind: words.name(kind) for kind in ("image", "text")},
        "paired": bool(before.paired and len(before.image) == len(before.text)),
    }


def _served(context: Context, chosen: AlignmentMap) -> AlignmentMap:
    """Return the map that the service applies, if it is of this encoder; else the chosen one."""
    which = context.service.rollout.map
    active = None if which is None else context.service.library.get(which)
    return active if active is not None and active.dimension == chosen.dimension else chosen


def _plane(each: GapMap) -> dict[str, Any]:
    return {
        kind: np.round(getattr(each, kind).astype(float), 4).tolist() for kind in ("image", "text")
    }


def _image(corpus: Corpus, row: int) -> dict[str, Any]:
    label = None
    if corpus.label is not None and corpus.class_name is not None:
        label = corpus.class_name[int(corpus.label[row])]
    return {"label": label or "", "picture": corpus.picture is not None}


def _text(corpus: Corpus, row: int) -> dict[str, Any]:
    return {"label": "" if corpus.caption is None else corpus.caption[row], "picture": False}


def picture_uri(corpus: Corpus, row: int) -> str | None:
    """Return a picture of the corpus as a data URI; None if there is none."""
    held: NDArray[np.uint8] | None = corpus.picture
    if held is None or not 0 <= row < len(held):
        return None
    return data_uri(held[row])
