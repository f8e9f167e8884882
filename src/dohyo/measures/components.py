"""The gap direction by direction: which carry it, which carry meaning, which neither."""

from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.measures.centroid_distance import centroid_distance
from dohyo.measures.spectrum import NOTHING, covariance_of, directions
from dohyo.measures.view import View
from dohyo.rows import F32

MOST = 32
ENDS = 3
DRAWS = 1_000
BAND = 0.95
BIAS_SHARE = 0.1
RANDOM_SHARES = 3.0
LARGEST_SHARE = 0.5
SURE = 10.83  # squared standard errors: one in a thousand by chance
LEAST_PAIRS = 4

F64 = NDArray[np.float64]
Class = Literal["bias", "signal", "noise", "other"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Component:
    """One direction of the space, and what lies along it.

    Attributes
    ----------
    name : "gap" for the step between the centroids, else the rank of the principal direction,
        from "1", by the variance within modalities
    direction : (d,) float64 unit vector; the gap's points from texts to images, the others to
        the longer tail
    image_variance, text_variance : share of that side's variance along it
    gap_share : share of the squared centroid step along it, less what sampling explains; 0
        everywhere when the whole step is no more than sampling explains
    spread_share : share of ‖Cx − Cy‖² (squared Frobenius norm) that is the difference of the
        variances along it: the gap's covariance part
    spread_difference : variance of the images less that of the texts along it
    correlation : of an image's place along it with that of its texts; None without pairs
    band : what |correlation| exceeds on some direction in 5 % of deals of the pairs
    kind : "bias" if the gap share is past `bias_share(d)` and its part of the step beyond
        chance (p < .001), whatever the pairing; else "signal" if |correlation| > band; else
        "noise". Without pairs: "bias" or "other"
    low_images, high_images, low_texts, high_texts : rows of the view furthest out on either end
        within their modality, furthest first
    """

    name: str
    direction: F64
    image_variance: float
    text_variance: float
    gap_share: float
    spread_share: float
    spread_difference: float
    correlation: float | None
    band: float | None
    kind: Class
    low_images: tuple[int, ...]
    high_images: tuple[int, ...]
    low_texts: tuple[int, ...]
    high_texts: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """Return everything but the direction, which is as long as a row."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        del plain["direction"]
        return {k: list(v) if isinstance(v, tuple) else v for k, v in plain.items()}


def components(view: View, *, most: int = MOST) -> tuple[Component, ...]:
    """Return the gap direction, then the principal directions of the pooled, centred rows.

    Parameters
    ----------
    view : paired or not
    most : how many principal directions at most

    Raises
    ------
    CorpusError
        If there is neither a gap nor a row that differs from its centroid.

    Notes
    -----
    The principal directions are the eigenvectors of (Cx + Cy)/2: each side is centred on its own
    mean and weighs alike, so neither the gap nor the pairs choose them, and dealing the pairs
    anew is an exact test of each correlation. The band is that of the largest |correlation| over
    all directions (Westfall & Young 1993), so that 95 of 100 corpora without pairing have no
    signal direction at all. The gap direction is not orthogonal to the others.
    """
    step = view.image.mean(0, dtype=np.float64) - view.text.mean(0, dtype=np.float64)
    covariance = covariance_of(view.image), covariance_of(view.text)
    names, axes = _axes(step, (covariance[0] + covariance[1]) / 2, most)
    places = _places(view.image, axes), _places(view.text, axes)
    _turn(names, axes, places)
    variance = [(side**2).mean(0) for side in places]
    shares, sure = _gap_shares(view, step, axes, variance, covariance)
    correlation, band = _correlations(view, *places)
    difference = variance[0] - variance[1]
    apart = float(((covariance[0] - covariance[1]) ** 2).sum())
    total = [max(float(side.trace()), NOTHING) for side in covariance]
    limit = bias_share(len(step))
    return tuple(
        Component(
            name=name,
            direction=axes[:, i],
            image_variance=float(variance[0][i] / total[0]),
            text_variance=float(variance[1][i] / total[1]),
            gap_share=float(shares[i]),
            spread_share=min(float(difference[i] ** 2) / max(apart, NOTHING**2), 1.0),
            spread_difference=float(difference[i]),
            correlation=None if correlation is None else float(correlation[i]),
            band=band,
            kind=_kind(
                bool(shares[i] > limit and sure[i]),
                None if correlation is None else float(abs(correlation[i])),
                band,
            ),
            **_ends(places[0][:, i], places[1][:, i]),
        )
        for i, name in enumerate(names)
    )


def bias_share(dim: int) -> float:
    """Return past which share of the gap a direction is bias.

    A tenth, or thrice what a random direction of so few dimensions holds, at most a half.
    """
    return min(LARGEST_SHARE, max(BIAS_SHARE, RANDOM_SHARES / dim))


def _kind(bias: bool, correlation: float | None, band: float | None) -> Class:
    if bias:
        return "bias"
    if correlation is None or band is None:
        return "other"
    return "signal" if correlation > band else "noise"


def _axes(step: F64, pooled: F64, most: int) -> tuple[list[str], F64]:
    """Return the names and the unit columns (d, k): the gap if there is one, then the others."""
    values, vectors = directions(pooled, min(most, len(pooled)))
    alive = values > max(NOTHING, 1e-9 * float(values.sum()))
    names = [str(rank + 1) for rank in range(int(alive.sum()))]
    columns = [vectors[:, alive]]
    length = float(np.linalg.norm(step))
    if length**2 > NOTHING:
        names.insert(0, "gap")
        columns.insert(0, (step / length)[:, None])
    if not names:
        raise CorpusError(
            "There are no components: all rows are equal.",
            hint="Give items of more than one kind.",
        )
    return names, np.concatenate(columns, axis=1)


def _places(rows: F32, axes: F64) -> F64:
    """Return where the rows lie along the axes, from their own mean, (n, k)."""
    places: F64 = (rows - rows.mean(0, dtype=np.float64)) @ axes
    return places


def _turn(names: list[str], axes: F64, places: tuple[F64, F64]) -> None:
    """Point the principal directions to the longer tail, in place."""
    tail = sum((side**3).mean(0) for side in places)
    sign = np.where((tail < 0) & (np.array(names) != "gap"), -1.0, 1.0)
    axes *= sign
    for side in places:
        side *= sign


def _gap_shares(
    view: View, step: F64, axes: F64, variance: list[F64], covariance: tuple[F64, F64]
) -> tuple[F64, NDArray[np.bool_]]:
    """Return the share of the step along each axis, and whether it is beyond chance there."""
    none = np.zeros(axes.shape[1]), np.zeros(axes.shape[1], dtype=np.bool_)
    rows = len(view.image), len(view.text)
    by_chance = sum(float(side.trace()) / n for side, n in zip(covariance, rows, strict=True))
    square = float(step @ step) - by_chance
    if square <= NOTHING or not _gap_is_sure(view):
        return none
    along = (axes.T @ step) ** 2
    noise = sum(side / n for side, n in zip(variance, rows, strict=True))
    shares: F64 = np.clip((along - noise) / square, 0.0, 1.0)
    return shares, along > SURE * noise


def _gap_is_sure(view: View) -> bool:
    """Return whether the interval of the centroid distance leaves out 0, where there is one."""
    try:
        return centroid_distance(view).low > 0.0
    except CorpusError:  # a single image, or a single text, has no spread to judge by
        return False


def _correlations(view: View, image: F64, text: F64) -> tuple[F64 | None, float | None]:
    """Return the paired correlation along each axis, (k,), and the band of all of them."""
    if view.text_to_image is None:
        return None, None
    captioned, member = np.unique(view.text_to_image, return_inverse=True)
    if len(captioned) < LEAST_PAIRS:
        return None, None
    mean = np.zeros((len(captioned), text.shape[1]))
    np.add.at(mean, member, text)
    mean /= np.bincount(member)[:, None]
    x, y = _standard(image[captioned]), _standard(mean)
    rng = np.random.default_rng(view.seed)
    largest = np.empty(DRAWS)
    largest[0] = np.abs(np.einsum("ij,ij->j", x, y)).max()
    for draw in range(1, DRAWS):
        dealt = y[rng.permutation(len(y))]
        largest[draw] = np.abs(np.einsum("ij,ij->j", x, dealt)).max()
    return np.einsum("ij,ij->j", x, y), float(np.quantile(largest, BAND, method="higher"))


def _standard(places: F64) -> F64:
    """Return columns of mean 0 and length 1; 0 where a column is one number."""
    rows = places - places.mean(0)
    length = np.linalg.norm(rows, axis=0)
    flat = length < np.sqrt(NOTHING * len(rows))
    standard: F64 = np.where(flat, 0.0, rows / np.where(flat, 1.0, length))
    return standard


def _ends(image: F64, text: F64) -> dict[str, tuple[int, ...]]:
    ends = {}
    for name, places in (("images", image), ("texts", text)):
        for end, order in (("low", places), ("high", -places)):
            first = np.argsort(order, kind="stable")[:ENDS]
            ends[f"{end}_{name}"] = tuple(int(row) for row in first)
    return ends
