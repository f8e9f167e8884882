"""The entropic transport plan between both sides, kept so that items to come find their place."""

import math

import numpy as np

from dohyo.corrections.fitted import Fitted
from dohyo.corrections.transport.kernel import DenseKernel, GraphKernel
from dohyo.corrections.transport.near_pairs import near_pairs
from dohyo.corrections.transport.potentials import Potentials, potentials
from dohyo.corrections.transport.temperature import mean_perplexity, temperature
from dohyo.engine.cells import Cells, sorted_by_cell
from dohyo.rows import F32, permute

DENSE_ENTRIES = 40_000_000
NEIGHBOURS_PER_PERPLEXITY = 3.0


def fit_plan(image: F32, text: F32, perplexity: float, *, unbalanced: float = 0.0) -> Fitted:
    """Find the plan, and keep what `barycentre` needs of it.

    Parameters
    ----------
    image : (n, d) float32 unit rows, centred; put in another order, in place, where the plan is
        sparse: a second copy of the rows is what memory has no room for
    text : (m, d) likewise
    perplexity : effective number of texts that speak for an image; at most half the texts
    unbalanced : r in [0, 1], how freely an item may be coupled less than others; see `potentials`

    Returns
    -------
    Fitted: anchors and potentials of both sides and β; of a sparse plan also the number of
    neighbours and the cells to look for them in. Figures say what was reached.

    Notes
    -----
    K_ij = exp(β(x_i·y_j − 1)), β so that the mean over images of exp(H(softmax_j βx_i·y_j)) is
    `perplexity`; that is entropic transport of cost 1 − x·y at ε = 1/β. Up to 40 million entries
    are all kept: O(n·m·d). Beyond, those of each item's nearest on the other side, three times
    as many as the perplexity, in both directions, and the mean of the rest for the rest.
    """
    target = max(1.0, min(perplexity, len(text) / 2))
    if len(image) * len(text) <= DENSE_ENTRIES:
        return _dense(image, text, target, unbalanced)
    return _sparse(image, text, target, unbalanced)


def _dense(image: F32, text: F32, perplexity: float, unbalanced: float) -> Fitted:
    scores = image @ text.T
    beta = temperature(scores, perplexity)
    found = potentials(DenseKernel(np.exp(beta * (scores.astype(np.float64) - 1.0))), unbalanced)
    return Fitted(
        arrays=_arrays(image, text, found, beta),
        figures={
            "beta": beta,
            "perplexity": mean_perplexity(scores, beta),
            "marginal_error": found.error,
        },
    )


def _sparse(image: F32, text: F32, perplexity: float, unbalanced: float) -> Fitted:
    k = min(math.ceil(NEIGHBOURS_PER_PERPLEXITY * perplexity), len(image), len(text))
    image_cells, text_cells = _by_cell(image), _by_cell(text)
    graph = near_pairs(image, image_cells, text, text_cells, k=k, perplexity=perplexity)
    found = potentials(GraphKernel(graph.near, graph.far), unbalanced)
    return Fitted(
        arrays=_arrays(image, text, found, graph.beta)
        | {
            "neighbours": np.array([k], np.float32),
            "probes": np.array([graph.in_texts.probes, graph.in_images.probes], np.float32),
            "image_centre": image_cells.centre,
            "text_centre": text_cells.centre,
            "image_cell": image_cells.size.astype(np.float32),
            "text_cell": text_cells.size.astype(np.float32),
        },
        figures={
            "beta": graph.beta,
            "perplexity": graph.perplexity,
            "marginal_error": found.error,
            "sinkhorn_steps": float(found.steps),
            "neighbours": float(k),
            "graph_recall": min(graph.in_texts.recall, graph.in_images.recall),
            "graph_weight": min(graph.in_texts.weight, graph.in_images.weight),
            "graph_share": graph.share,
        },
    )


def _by_cell(rows: F32) -> Cells:
    """Sort the rows by cell, in place, and return the cells."""
    order, cells = sorted_by_cell(rows)
    if len(cells.size) > 1:
        permute(rows, order)
    return cells


def _arrays(image: F32, text: F32, found: Potentials, beta: float) -> dict[str, F32]:
    return {
        "image_anchor": image,
        "text_anchor": text,
        "image_potential": found.image.astype(np.float32),
        "text_potential": found.text.astype(np.float32),
        "beta": np.array([beta], np.float32),
    }
