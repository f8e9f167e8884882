"""A correction that is fitted inside scikit-learn."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data

from dohyo.corpus import MODALITIES
from dohyo.corrections.evidence import Evidence, Side
from dohyo.corrections.map import AlignmentMap, fit_map
from dohyo.corrections.registry import METHODS
from dohyo.corrections.scores.options import options
from dohyo.errors import UsageError
from dohyo.rows import has_direction, unit_rows
from dohyo.sklearn.sides import refuse_empty_sides, sides_of, unit_or_refused
from dohyo.verification.lists import Queries
from dohyo.verification.retrieval import rank

FLOATS = (np.float64, np.float32)
ALONE = ("none", "center", "standardize", "whiten")
"""The methods that treat each side by itself, and so can be fitted on one of them."""


class ModalityAligner(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Fit a correction on rows of both modalities, and correct such rows.

    Parameters
    ----------
    method : name in `dohyo.corrections.registry.METHODS`, but not "calibrate"
    strength : α in [0, 1], see `AlignmentMap.apply`; 0 leaves X as it is
    parameters : those of the method that differ from its defaults; None for none. `calibrate`
        and `hubs` are refused: they correct scores, for which items and queries differ

    Attributes
    ----------
    map_ : AlignmentMap, the fitted correction; keep it with `map_.save(folder)`
    modalities_ : the modalities that were among the rows of the fit
    n_features_in_ : number of columns d
    feature_names_in_ : their names, if X had any

    Notes
    -----
    `modality`, (n,) of "image" and "text", is metadata that `fit`, `transform` and `score` take;
    request it with `set_fit_request(modality=True)` and the like for a Pipeline or GridSearchCV.
    Left out, all rows are of one modality: the correction of that side alone. No method needs
    pairs; those that carry one side to the other need rows of both.
    """

    def __init__(
        self,
        method: str = "center",
        *,
        strength: float = 1.0,
        parameters: Mapping[str, float] | None = None,
    ) -> None:
        self.method = method
        self.strength = strength
        self.parameters = parameters

    def fit(self, X: ArrayLike, y: Any = None, modality: ArrayLike | None = None) -> Self:
        """Fit the method.

        Parameters
        ----------
        X : (n, d) floats; rows are scaled to length 1 first, rows of zeros are left out
        y : not looked at
        modality : (n,) "image" or "text"; None says that all rows are of one modality

        Raises
        ------
        CorpusError
            If all rows of a modality are zeros, or `modality` does not fit X.
        UsageError
            If method, parameters or strength are unknown or out of range, or the method needs
            rows of both modalities and has those of one.
        """
        if not 0 <= self.strength <= 1:
            raise UsageError(
                f"Strength {self.strength} is outside 0 to 1.", hint="Choose one inside."
            )
        rows = validate_data(self, X, dtype=FLOATS)
        unit, side = unit_rows(rows), sides_of(modality, len(rows))
        seen = has_direction(unit)
        refuse_empty_sides(side, seen)
        present = tuple(kind for kind in MODALITIES if (side == kind).any())
        self._refuse(present)
        parts = {kind: Side(unit[(side == kind) & seen]) for kind in present}
        # A side alone stands for the other too, whose half of the map `transform` never uses.
        image, text = (parts.get(kind, parts[present[0]]) for kind in MODALITIES)
        self.map_: AlignmentMap = fit_map(self.method, Evidence(image, text), self.parameters)
        self.modalities_ = present
        self._told = modality is not None
        return self

    def transform(self, X: ArrayLike, modality: ArrayLike | None = None) -> NDArray[Any]:
        """Correct rows.

        Parameters
        ----------
        X : (n, d) floats
        modality : (n,) "image" or "text"; None if the fit had none either

        Returns
        -------
        (n, d) unit rows, float32 or float64 as X; the rows of X at strength 0. A row of zeros,
        which has no direction, stays one.

        Raises
        ------
        UsageError
            If `modality` is missing, or names one that the fit saw no rows of.
        """
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=FLOATS, reset=False)
        side = self._sides(modality, len(rows))
        out: NDArray[Any] = np.zeros_like(rows)
        directed = has_direction(unit_rows(rows))
        for kind in self.modalities_:
            here = (side == kind) & directed
            if here.any():
                out[here] = self.map_.apply(rows[here], kind, "item", self.strength)
        return out

    def fit_transform(
        self, X: ArrayLike, y: Any = None, modality: ArrayLike | None = None
    ) -> NDArray[Any]:
        """Fit, and correct the same rows; see `fit` and `transform`."""
        corrected: NDArray[Any] = self.fit(X, y, modality=modality).transform(X, modality=modality)
        return corrected

    def score(self, X: ArrayLike, y: ArrayLike, modality: ArrayLike | None = None) -> float:
        """Return the mean nDCG@10 of mixed lists, each row asking all others; higher is better.

        Parameters
        ----------
        X : (n, d) floats, best not those of the fit
        y : (n,) the group of each row: an image and its texts share one, of any type
        modality : (n,) "image" or "text"

        Returns
        -------
        In [0, 1]; NaN where no row has a counterpart of the other modality, which scikit-learn
        warns of in a search. Keep groups whole when splitting (`GroupKFold`).

        Raises
        ------
        CorpusError
            If a row holds only zeros.
        UsageError
            If y is None or of another length, or `modality` as in `transform`.
        """
        check_is_fitted(self)
        if y is None:
            raise UsageError("y is missing.", hint="Give the group of each row to score by.")
        rows = validate_data(self, X, dtype=FLOATS, reset=False)
        side = self._sides(modality, len(rows))
        moved = unit_or_refused(self.transform(rows, modality=modality))
        group = np.unique(np.asarray(y), return_inverse=True)[1].astype(np.int64)
        if group.shape != (len(rows),):
            raise UsageError(
                f"y has {group.size} entries, but there are {len(rows)} rows.",
                hint="Give one group for each row.",
            )
        asking = Queries(
            rows=moved,
            group=group,
            modality=(side == "text").astype(np.int64),
            itself=np.arange(len(rows), dtype=np.int64),
        )
        each = rank(asking, asking).metric("mixed_ndcg_at_10")
        known = each[~np.isnan(each)]
        return float(known.mean()) if len(known) else float("nan")

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        """Return the names of the columns, which are those of X: (d,) strings."""
        check_is_fitted(self)
        names: NDArray[Any] = _check_feature_names_in(self, input_features)
        return names

    def _sides(self, modality: ArrayLike | None, rows: int) -> NDArray[Any]:
        if modality is None and self._told:
            raise UsageError(
                "The fit was told each row's modality, and this call was not.",
                hint="Pass modality, and request it with set_transform_request(modality=True).",
            )
        side = sides_of(modality, rows)
        strange = set(side.tolist()) - set(self.modalities_)
        if strange:
            raise UsageError(
                f"The fit saw no row of modality {strange.pop()!r}.",
                hint="Fit it on rows of both modalities.",
            )
        return side

    def _refuse(self, present: tuple[str, ...]) -> None:
        """Refuse corrections of scores, and methods that need a side which is not there."""
        chosen = options(self.parameters or {})
        if self.method == "calibrate" or chosen.calibrate or chosen.hubs:
            raise UsageError(
                "calibrate and hubs correct scores, for which items and queries differ.",
                hint="Fit them with dohyo.align and use MapTransformer, which takes a role.",
            )
        if len(present) < 2 and self.method in METHODS and self.method not in ALONE:
            raise UsageError(
                f"{self.method} needs rows of both modalities, and all rows are of one.",
                hint=f"Pass modality, or choose one of: {', '.join(ALONE)}.",
            )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
