"""A correction that was fitted before, as a step of a Pipeline."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import _check_feature_names_in, validate_data

from dohyo.corpus import Modality, Role
from dohyo.corrections.map import AlignmentMap
from dohyo.errors import MapError

FLOATS = (np.float64, np.float32)


class MapTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Apply a fitted `AlignmentMap` to rows of one modality; nothing is learnt.

    Parameters
    ----------
    map : AlignmentMap, from `dohyo.align` or `dohyo.load_map`; None leaves the rows as they are,
        so that a search can compare maps with none
    modality : "image" or "text", of all rows
    role : "item" (in the index) or "query" (asking); matters for maps that correct scores
    strength : α in [0, 1], see `AlignmentMap.apply`

    Attributes
    ----------
    n_features_in_ : number of columns, after `fit`, which only checks and is not needed
    feature_names_in_ : their names, if X had any
    """

    def __init__(
        self,
        map: AlignmentMap | None = None,
        *,
        modality: Modality = "image",
        role: Role = "item",
        strength: float = 1.0,
    ) -> None:
        self.map = map
        self.modality = modality
        self.role = role
        self.strength = strength

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Check that the map takes X, (n, d) floats; y is not looked at.

        Raises
        ------
        MapError
            If X has another number of columns than the map.
        """
        rows = validate_data(self, X, dtype=FLOATS)
        if self.map is not None and rows.shape[1] != self.map.dimension:
            raise MapError(
                f"The map takes {self.map.dimension} columns, X has {rows.shape[1]}.",
                hint="Use vectors of the encoder it was fitted on.",
            )
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Correct rows.

        Parameters
        ----------
        X : (n, d) floats

        Returns
        -------
        (n, width) unit rows, float32 or float64 as X; X itself without a map. At strength 0, X
        unless the map adds columns, in which case the added ones are 0.

        Raises
        ------
        MapError
            If X has another number of columns than the map, or a row of zeros.
        UsageError
            If modality, role or strength is none of the above.
        """
        rows: NDArray[Any] = validate_data(self, X, dtype=FLOATS, reset=False)
        if self.map is None:
            return rows
        out = self.map.apply(rows, self.modality, self.role, self.strength)
        # A map returns x itself at strength 0; as a step, its width must not depend on strength.
        missing = self.map.width - out.shape[1]
        wide: NDArray[Any] = np.pad(out, ((0, 0), (0, missing))).astype(rows.dtype, copy=False)
        return wide

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        """Return the names of the columns: those of X, then `score0` … for what a map adds."""
        if not hasattr(self, "n_features_in_") and self.map is not None and input_features is None:
            input_features = [f"x{column}" for column in range(self.map.dimension)]
        names: NDArray[Any] = _check_feature_names_in(self, input_features)
        added = 0 if self.map is None else self.map.width - self.map.dimension
        return np.concatenate([names, np.array([f"score{i}" for i in range(added)], object)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
