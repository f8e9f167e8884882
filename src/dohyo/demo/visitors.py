"""People who search a running service: what they ask, and what they click."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

import numpy as np

from dohyo.corpus import MODALITIES, Corpus
from dohyo.errors import UsageError

SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What some searches came to.

    Attributes
    ----------
    searches : that were answered
    cross : mean share of the other modality among the hits
    clicks : on hits of the class that was looked for
    """

    searches: int
    cross: float
    clicks: int


def visit(
    url: str, corpus: Corpus, *, searches: int, seed: int = 0, token: str | None = None
) -> Visit:
    """Search a service with vectors of a corpus, half of them pictures, and click what fits.

    A visitor clicks the first hit of the class of what he asked with, where payloads have a
    `class` and the corpus has classes.

    Raises
    ------
    UsageError
        If the service does not answer, or refuses.
    """
    rng = np.random.default_rng(seed)
    cross, clicks = [], 0
    for turn in range(searches):
        modality = MODALITIES[turn % 2]
        rows = corpus.image if modality == "image" else corpus.text
        place = int(rng.integers(len(rows)))
        asked = {"vector": rows[place].tolist(), "modality": modality, "key": f"{seed}/{turn}"}
        said = _post(f"{url}/v1/search", asked, token)
        hits = said["hits"]
        cross.append(np.mean([hit["modality"] != modality for hit in hits]) if hits else 0.0)
        classes = corpus.classes(modality)
        if classes is None or corpus.class_name is None:
            continue
        wanted = corpus.class_name[classes[place]]
        fits = [hit["rank"] for hit in hits if hit["payload"].get("class") == wanted]
        if fits:
            _post(f"{url}/v1/feedback", {"search": said["search"], "clicked": fits[:1]}, token)
            clicks += 1
    return Visit(searches=searches, cross=float(np.mean(cross)) if cross else 0.0, clicks=clicks)


def _post(address: str, body: dict[str, Any], token: str | None) -> dict[str, Any]:
    head = {"content-type": "application/json"}
    if token is not None:
        head["authorization"] = f"Bearer {token}"
    try:
        asked = urllib.request.Request(address, json.dumps(body).encode(), head)
        with urllib.request.urlopen(asked, timeout=SECONDS) as answer:
            found: dict[str, Any] = json.load(answer)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{address} does not answer: {error}.", hint="Start it with dohyo serve --demo FOLDER."
        ) from error
    return found
