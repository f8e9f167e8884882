"""A corpus's gap in figures and in everything that a page draws of them."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.measures.cluster_heterogeneity import ClusterPoint, curve
from dohyo.measures.components import Component, components
from dohyo.measures.pair_scores import ScoreDistributions, score_distributions
from dohyo.measures.profile import Profile, measure_view
from dohyo.measures.spectrum import Spectrum, spectrum
from dohyo.measures.view import BUDGETS, Effort, View, _some, view
from dohyo.progress import Progress, silent
from dohyo.rows import I64

Part = TypeVar("Part")
PARTS = ("components", "spectrum", "clusters", "scores")
BEHIND = len(PARTS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Portrait:
    """The profile and what stands behind it.

    Attributes
    ----------
    profile : every measure
    components : direction by direction: bias, signal or noise
    spectrum : how the variance of each side is spread
    clusters : what clusters show over a range of k
    scores : densities of scores within and across the kinds
    absent : parts that the corpus cannot give (they are None), and why
    image_row, text_row : rows of the corpus behind those that the components name
    """

    profile: Profile
    components: tuple[Component, ...] | None
    spectrum: Spectrum | None
    clusters: tuple[ClusterPoint, ...] | None
    scores: ScoreDistributions | None
    absent: dict[str, str]
    image_row: I64
    text_row: I64

    def to_json(self) -> dict[str, Any]:
        """Return the profile as `measure`, and each part under its name; null where absent."""
        return {
            "measure": self.profile.to_json(),
            "absent": self.profile.absent,
            "absent_parts": self.absent,
            "sampled": self.profile.sampled,
            "components": None if self.components is None else [*map(self._named, self.components)],
            "spectrum": None if self.spectrum is None else self.spectrum.to_json(),
            "clusters": None if self.clusters is None else [*map(_plain, self.clusters)],
            "scores": None if self.scores is None else _plain(self.scores),
        }

    def _named(self, component: Component) -> dict[str, Any]:
        """Return a component whose ends are rows of the corpus, not of the sample."""
        document = component.to_json()
        for name, rows in (("images", self.image_row), ("texts", self.text_row)):
            for end in ("low", "high"):
                key = f"{end}_{name}"
                document[key] = [int(rows[row]) for row in document[key]]
        return document


def portray(
    corpus: Corpus, *, effort: Effort = "standard", seed: int = 0, progress: Progress = silent
) -> Portrait:
    """Take every measure and every part on one shared sample.

    Parameters
    ----------
    effort, seed : as for `dohyo.measure`
    progress : told before each measure and each part
    """
    sample = view(corpus, seed=seed, effort=effort)

    def told(done: int, total: int, what: str) -> None:
        progress(done, total + BEHIND, what)

    profile = measure_view(sample, progress=told)
    absent: dict[str, str] = {}
    total = len(profile.estimates) + len(profile.absent) + BEHIND

    def part(name: str, take: Callable[[View], Part]) -> Part | None:
        progress(total - BEHIND + PARTS.index(name), total, name)
        try:
            return take(sample)
        except CorpusError as error:
            absent[name] = str(error)
            return None

    image_row, text_row = _rows(corpus, effort=effort, seed=seed)
    found = Portrait(
        profile=profile,
        components=part("components", components),
        spectrum=part("spectrum", spectrum),
        clusters=part("clusters", curve),
        scores=part("scores", score_distributions),
        absent=absent,
        image_row=image_row,
        text_row=text_row,
    )
    progress(total, total, "measured")
    return found


def _rows(corpus: Corpus, *, effort: Effort, seed: int) -> tuple[I64, I64]:
    """Return which rows of the corpus `view` takes: its own draws once more."""
    groups, rng = BUDGETS[effort].groups, np.random.default_rng(seed)
    images = _some(rng, len(corpus.image), groups)
    if corpus.text_to_image is None:
        return images, _some(rng, len(corpus.text), groups)
    texts = np.flatnonzero(np.isin(corpus.text_to_image, images))
    return images, texts.astype(np.int64)


def _plain(part: Any) -> dict[str, Any]:
    """Return the fields of a part, arrays as lists of six digits, None kept."""
    found = {each.name: getattr(part, each.name) for each in fields(part)}
    return {
        key: [float(f"{entry:.6g}") for entry in value] if isinstance(value, np.ndarray) else value
        for key, value in found.items()
    }
