"""Move each item a little towards what it would be on the other side."""

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import F32, Modality, blocks, unit_rows
from dohyo.corrections import whiten
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.fitted import Arrays, Fitted
from dohyo.errors import CorpusError

F64 = NDArray[np.float64]

DENSE_ENTRIES = 40_000_000
SINKHORN_TOLERANCE = 1e-6
SINKHORN_STEPS = 1_000
TEMPERATURE_STEPS = 60
HOTTEST = 256.0  # e^(−2β), the smallest entry a kernel can have, stays a float64
ROWS_PER_BLOCK = 2_048


def fit(
    evidence: Evidence, *, shrinkage: float = 0.9, perplexity: float = 30.0, share: float = 0.3
) -> Fitted:
    """Whiten gently, then find the plan between both sides and keep its potentials.

    Parameters
    ----------
    shrinkage : λ of the whitening, see `whiten`
    perplexity : effective number of texts that speak for an image; at most half the texts
    share : t in [0, 1], how much of the way to the other side an item goes; 0 is whitening alone

    Raises
    ------
    CorpusError
        If the kernel would have more than 40 million entries.

    Notes
    -----
    K_ij = exp(β(x_i·y_j − 1)), β by bisection so that the mean over images of
    exp(H(softmax_j βx_i·y_j)) is `perplexity`; K scaled to uniform marginals u, v by Sinkhorn.
    An image goes to unit((1−t)x + t·unit(Σ_j v_j e^{βx·y_j} y_j)), a text likewise. The whitened
    rows of both sides stay in the map as anchors for items to come. No pairs are used. Assumes
    that both sides tell of the same subjects. O(n·m·d). Design, section 5.
    """
    if len(evidence.image.rows) * len(evidence.text.rows) > DENSE_ENTRIES:
        raise CorpusError(
            f"displacement keeps a kernel of {len(evidence.image.rows)} × "
            f"{len(evidence.text.rows)} entries, more than {DENSE_ENTRIES:,}.",
            hint="Fit it on a sample of a few thousand groups and apply the map to the rest.",
        )
    arrays = whiten.fit(evidence, shrinkage=shrinkage).arrays
    image = whiten.transform(arrays, evidence.image.rows, "image")
    text = whiten.transform(arrays, evidence.text.rows, "text")
    scores = image @ text.T
    target = min(perplexity, len(text) / 2)
    beta = _temperature(scores, max(target, 1.0))
    reached = _mean_perplexity(scores.astype(np.float64), beta)
    image_weight, text_weight, error = _sinkhorn(np.exp(beta * (scores.astype(np.float64) - 1.0)))
    arrays |= {
        "image_anchor": image,
        "text_anchor": text,
        # Only their ratios matter; the largest is 1, which float32 can always hold.
        "image_weight": (image_weight / image_weight.max()).astype(np.float32),
        "text_weight": (text_weight / text_weight.max()).astype(np.float32),
        "beta": np.array([beta], np.float32),
        "share": np.array([share], np.float32),
    }
    return Fitted(
        arrays=arrays,
        figures={"beta": beta, "perplexity": reached, "marginal_error": error},
    )


def transform(arrays: Arrays, x: F32, modality: Modality) -> F32:
    """Return the displaced rows of unit rows x, (n, d)."""
    white = whiten.transform(arrays, x, modality)
    other = "text" if modality == "image" else "image"
    anchor, weight = arrays[f"{other}_anchor"], arrays[f"{other}_weight"]
    beta, share = arrays["beta"][0], arrays["share"][0]
    log_weight = np.log(np.maximum(weight, np.finfo(np.float32).tiny))
    moved = np.empty_like(white)
    for block in blocks(len(white), ROWS_PER_BLOCK):
        pull = beta * (white[block] @ anchor.T) + log_weight
        # The largest is subtracted because a far item would otherwise underflow to no direction.
        kernel = np.exp(pull - pull.max(axis=1, keepdims=True))
        moved[block] = unit_rows((1 - share) * white[block] + share * unit_rows(kernel @ anchor))
    return moved


def _temperature(scores: F32, perplexity: float) -> float:
    """Return β at which the mean over rows of exp(entropy of softmax(β·scores)) is `perplexity`."""
    centred = (scores - scores.max(axis=1, keepdims=True)).astype(np.float64)
    low, high = 0.0, 1.0
    while _mean_perplexity(centred, high) > perplexity and high < HOTTEST:
        low, high = high, high * 2
    for _ in range(TEMPERATURE_STEPS):
        middle = (low + high) / 2
        if _mean_perplexity(centred, middle) > perplexity:
            low = middle
        else:
            high = middle
        if high - low < 1e-7 * high:
            break
    return (low + high) / 2


def _mean_perplexity(centred: F64, beta: float) -> float:
    logits = beta * centred
    weight = np.exp(logits)
    total = weight.sum(axis=1)
    entropy = np.log(total) - np.einsum("ij,ij->i", weight, logits) / total
    return float(np.exp(entropy).mean())


def _sinkhorn(kernel: F64) -> tuple[F64, F64, float]:
    """Scale a positive kernel to uniform marginals; return u, v and the relative row error."""
    rows, columns = kernel.shape
    v = np.ones(columns)
    for step in range(SINKHORN_STEPS):
        u = 1.0 / (rows * (kernel @ v))
        v = 1.0 / (columns * (kernel.T @ u))
        if step % 10 == 9:
            error = float(np.abs(rows * u * (kernel @ v) - 1.0).max())
            if error < SINKHORN_TOLERANCE:
                break
    return u, v, error
