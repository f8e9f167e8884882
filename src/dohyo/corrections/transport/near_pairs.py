"""Who is near whom across the modalities, and what the pairs left out are worth together."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from dohyo.corrections.transport.search_depth import Depth, search_depth
from dohyo.corrections.transport.temperature import TOLERANCE, mean_perplexity, temperature
from dohyo.engine.cells import Cells
from dohyo.engine.nearest import nearest
from dohyo.rows import F32, I64, blocks

SAMPLE = 512
SAMPLE_TOLERANCE = 1e-3  # far below what a sample of 512 leaves open
ROWS_PER_BLOCK = 16
QUERIES_AT_ONCE = 65_536
ABOVE_0 = 2.0  # added to a score in [−1, 1] that a sparse matrix must not take for nothing


class Graph(NamedTuple):
    """The kernel where it matters.

    Attributes
    ----------
    near : (n, m) sparse float64, e^(β(x·y − 1)) of near pairs
    far : mean of the same over all other pairs, from a sample of images
    beta, perplexity : temperature, and the perplexity over all texts that it gives the sample
    in_texts, in_images : how far an image looks among the texts, and a text among the images
    share : near pairs among all pairs
    """

    near: csr_array
    far: float
    beta: float
    perplexity: float
    in_texts: Depth
    in_images: Depth
    share: float


def near_pairs(
    image: F32, image_cells: Cells, text: F32, text_cells: Cells, *, k: int, perplexity: float
) -> Graph:
    """Join each item to its k nearest of the other modality.

    Parameters
    ----------
    image : (n, d) float32 unit rows, sorted by `image_cells`
    text : (m, d) float32 unit rows, sorted by `text_cells`
    k : at most n and m
    perplexity : mean over images, see `temperature`

    Notes
    -----
    β comes from 512 evenly spread images against all texts, not from the k nearest: what is left
    out counts too. How far the search looks, see `search_depth`, is measured on such a sample of
    each side.
    """
    sample = _sample(image, text, text_cells, k, perplexity)
    in_images = _depth(text, image, image_cells, k, sample.beta)
    near = _kernel(
        _edges(image, text, text_cells, k, sample.depth.probes),
        _edges(text, image, image_cells, k, in_images.probes).T.tocsr(),
        sample.beta,
    )
    inside = near[sample.image]
    outside = len(sample.image) * len(text) - inside.nnz
    return Graph(
        near=near,
        far=max(sample.mass - float(inside.sum()), 0.0) / max(outside, 1),
        beta=sample.beta,
        perplexity=sample.perplexity,
        in_texts=sample.depth,
        in_images=in_images,
        share=near.nnz / (len(image) * len(text)),
    )


class _Sample(NamedTuple):
    """What a sample of images against all texts tells; `mass` is the sum of its kernel."""

    image: I64
    beta: float
    perplexity: float
    mass: float
    depth: Depth


def _sample(image: F32, text: F32, cells: Cells, k: int, perplexity: float) -> _Sample:
    ask = _spread(len(image))
    scores = image[ask] @ text.T
    tolerance = TOLERANCE if len(ask) == len(image) else SAMPLE_TOLERANCE
    beta = temperature(scores, perplexity, tolerance=tolerance)
    mass = sum(
        float(np.exp(beta * (scores[block].astype(np.float64) - 1.0)).sum())
        for block in blocks(len(ask), ROWS_PER_BLOCK)
    )
    reached = mean_perplexity(scores, beta)
    depth = search_depth(image[ask], scores, cells, k=k, beta=beta)
    return _Sample(ask, beta, reached, mass, depth)


def _depth(queries: F32, anchors: F32, cells: Cells, k: int, beta: float) -> Depth:
    ask = queries[_spread(len(queries))]
    return search_depth(ask, ask @ anchors.T, cells, k=k, beta=beta)


def _spread(rows: int) -> I64:
    """Return the sample: evenly spread, which over rows sorted by cell is a fair share of each."""
    return np.unique(np.linspace(0, rows - 1, min(rows, SAMPLE)).astype(np.int64))


def _edges(queries: F32, anchors: F32, cells: Cells, k: int, probes: int) -> csr_array:
    """Return x·y + 2, which is never 0, from each query to its k nearest anchors, (q, n)."""
    anchor = np.empty((len(queries), k), np.int32)
    score = np.empty((len(queries), k), np.float32)
    for block in blocks(len(queries), QUERIES_AT_ONCE):
        found = nearest(queries[block], anchors, cells, k, probes=probes)
        anchor[block], score[block] = found.anchor, found.score
    looked_at = np.isfinite(score)
    ends = np.concatenate([[0], np.cumsum(looked_at.sum(axis=1))])
    if not looked_at.all():
        anchor, score = anchor[looked_at], score[looked_at]
    score += ABOVE_0
    edges = csr_array(
        (score.ravel(), anchor.ravel(), ends.astype(np.int32 if ends[-1] < 2**31 else np.int64)),
        shape=(len(queries), len(anchors)),
    )
    edges.sort_indices()
    return edges


def _kernel(there: csr_array, again: csr_array, beta: float) -> csr_array:
    """Return the kernel on the union of two graphs that hold x·y + 2.

    Notes
    -----
    An entry is right to 3e-7·β, a hundred-thousandth at β = 30: float32 holds x·y + 2 to 2.4e-7.
    Rows are joined block by block, and kept in half the bytes until all are: three copies of the
    whole would be more than the rows themselves.
    """
    # Both hold the same score where both hold one, so the larger of both is the union.
    parts = [
        there[block].maximum(again[block]) for block in blocks(there.shape[0], QUERIES_AT_ONCE)
    ]
    shape = there.shape
    del there, again
    total = sum(part.nnz for part in parts)
    kind = np.int32 if total < 2**31 else np.int64
    kernel, column = np.empty(total), np.empty(total, np.int32)
    ends, done = [np.zeros(1, kind)], 0
    for part in parts:
        here = slice(done, done + part.nnz)
        np.exp(beta * (part.data.astype(np.float64) - (ABOVE_0 + 1.0)), out=kernel[here])
        column[here] = part.indices
        ends.append((part.indptr[1:] + done).astype(kind))
        done += part.nnz
    return csr_array((kernel, column, np.concatenate(ends)), shape=shape)
