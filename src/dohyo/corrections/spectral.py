"""Describe each item by the topics of the graph that joins it to the other side."""

from typing import Any

import numpy as np
from array_api_compat import array_namespace

from dohyo.corpus import Modality
from dohyo.corrections import center
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.fitted import Arrays, Fitted
from dohyo.corrections.graph_components import Components, decompose, reproduced
from dohyo.errors import CorpusError
from dohyo.rows import F32, blocks, unit_rows

DENSE_ENTRIES = 16_000_000  # 4,000 × 4,000, about a minute of one core
ROWS_PER_BLOCK = 2_048


def fit(
    evidence: Evidence, *, beta: float = 30.0, components: float = 1.0, power: float = 1.0
) -> Fitted:
    """Decompose the graph between both sides and keep what places a new item in it.

    Parameters
    ----------
    beta : β > 0, how fast an edge falls with the distance
    components : share in [0, 1] of the components there are, the strongest first; at least one
    power : p ≥ 0, components count by σ^p; 0 all alike, the larger the fewer

    Returns
    -------
    Fitted. Its figures tell the components apart. `bias_share`: the share of all squared
    affinity in the trivial component, which only says that everything is alike; it is dropped.
    `kept_components`: those used. `signal_components`: how many are found again when half of the
    items is held out, see `reproduced`; `noise_components`: the rest. `spectral_gap`: 1 − σ₂.

    Raises
    ------
    CorpusError
        If the graph would have more than 16 million edges.

    Notes
    -----
    K_ij = exp(β(x_i·y_j − 1)) on centred unit rows, and its components UΣVᵀ by `decompose`; there
    are min(n−1, m−1, d). An image becomes unit(Σ_j p_j V_j Σ^(p−1)), p_j being its row of the
    plan, made with the kept texts (Nyström); for an item of the fit that is UΣ^p. A sentence
    likewise. An orthonormal basis turns the components back into d columns, as near to the
    centred vectors as one can (Procrustes): inner products are those of the components, and the
    dimension and what a strength below 1 means remain. Needs no pairs. Assumes that items to
    come resemble those of the fit. Destroys all of an item but its neighbours there: gains on
    unseen queries, harms on unseen corpora. O(n·m·(min(n, m) + d)); for a new item O((n+m)·d).
    The family of Role, Meyer & Amblard, arXiv 2505.03703.
    """
    n, m = evidence.image.count, evidence.text.count
    if n * m > DENSE_ENTRIES:
        raise CorpusError(
            f"spectral keeps a graph of {n} × {m} edges, more than {DENSE_ENTRIES:,}.",
            hint="Fit it on a sample of a few thousand groups and apply the map to the rest.",
        )
    arrays = center.fit(evidence).arrays
    image = center.transform(arrays, evidence.image.rows, "image")
    text = center.transform(arrays, evidence.text.rows, "text")
    affinity = np.exp(beta * ((image @ text.T).astype(np.float64) - 1.0))
    most = image.shape[1]
    (value, left, right), weight, energy = decompose(affinity, most)
    kept = min(len(value), max(1, round(components * len(value))))
    signal = min(kept, reproduced(affinity, most))
    arrays |= _places(Components(value[:kept], left[:, :kept], right[:, :kept]), image, text, power)
    arrays |= {
        "image_anchor": image,
        "text_anchor": text,
        "image_potential": weight.image.astype(np.float32),
        "text_potential": weight.text.astype(np.float32),
        "beta": np.array([beta], np.float32),
    }
    return Fitted(
        arrays=arrays,
        figures={
            "marginal_error": weight.error,
            "bias_share": 1.0 / (1.0 + energy),
            "spectral_gap": 1.0 - float(value.max(initial=0.0)),
            "kept_components": float(kept),
            "signal_components": float(signal),
            "noise_components": float(kept - signal),
        },
    )


def transform(arrays: Arrays, x: F32, modality: Modality) -> F32:
    """Return where unit rows x, (n, d), lie among the components, in d columns."""
    xp = array_namespace(x)
    other = "text" if modality == "image" else "image"
    anchor = xp.astype(arrays[f"{other}_anchor"], xp.float32, copy=False)
    potential, place = arrays[f"{other}_potential"], arrays[f"{modality}_place"]
    centred = center.transform(arrays, x, modality)
    placed = []
    for block in blocks(x.shape[0], ROWS_PER_BLOCK):
        pull = arrays["beta"] * (centred[block, :] @ anchor.T) + potential
        # The largest is subtracted because a far item would otherwise underflow to no direction.
        mass = xp.exp(pull - xp.max(pull, axis=1, keepdims=True))
        share = mass / xp.sum(mass, axis=1, keepdims=True)
        placed.append(unit_rows(share @ place))
    return xp.concat(placed) if placed else centred


def _places(found: Components, image: F32, text: F32, power: float) -> dict[str, Any]:
    """Return what each anchor adds to the place of an item of the other side, (m, d) and (n, d)."""
    n, m = len(image), len(text)
    faded = found.value**power
    of_image = (found.image * faded).T @ image / np.sqrt(n)
    of_text = (found.text * faded).T @ text / np.sqrt(m)
    left, _, right = np.linalg.svd(of_image + of_text, full_matrices=False)
    basis = found.value[:, None] ** (power - 1) * (left @ right)
    return {
        "image_place": (np.sqrt(m) * found.text @ basis).astype(np.float32),
        "text_place": (np.sqrt(n) * found.image @ basis).astype(np.float32),
    }
