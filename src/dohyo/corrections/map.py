"""The fitted correction: frozen, applied by a pure function."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dohyo.corpus import F32, MODALITIES, ROWS_PER_BLOCK, Corpus, Modality, Role, blocks, unit_rows
from dohyo.corrections import registry
from dohyo.corrections.artifact import read_artifact, write_artifact
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.fitted import Parameters
from dohyo.errors import MapError, UsageError


@dataclass(frozen=True, eq=False, kw_only=True)
class AlignmentMap:
    """A fitted correction of the modality gap.

    Attributes
    ----------
    method : its name, see `dohyo.corrections.registry.METHODS`
    parameters : as used in the fit
    dimension : number of columns it takes and returns
    arrays : float32 arrays by name, read-only
    figures : what the fit found (sizes, temperature, …)
    encoder : fingerprint of the encoder whose vectors it was fitted on, None if unknown
    corpus : fingerprint of the corpus it was fitted on, None for a part of one
    reasons : why `auto` chose it, in words; empty otherwise
    """

    method: str
    parameters: Mapping[str, float]
    dimension: int
    arrays: Mapping[str, NDArray[np.float32]]
    figures: Mapping[str, float] = field(default_factory=dict)
    encoder: str | None = None
    corpus: str | None = None
    reasons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for array in self.arrays.values():
            array.setflags(write=False)
        for name in ("parameters", "arrays", "figures"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def apply(
        self, x: ArrayLike, modality: Modality, role: Role = "item", strength: float = 1.0
    ) -> NDArray[Any]:
        """Correct rows of one modality.

        Parameters
        ----------
        x : (n, d) floats; rows are scaled to length 1 first
        modality : "image" or "text"
        role : "item" (in the index) or "query"; no method so far tells them apart
        strength : α in [0, 1]. 0 returns x itself, bit for bit; 1 the fitted map; between, the
            unit vector along (1−α)·unit(x) + α·map(x)

        Returns
        -------
        (n, d) float32 unit rows, to be compared by inner product; x itself at strength 0.
        A row that the map sends to 0 (it lay on the mean) keeps its old direction.

        Raises
        ------
        MapError
            If x has another number of columns, or holds NaN, infinity or a zero row.
        UsageError
            If modality, role or strength is none of the above.
        """
        rows = self._checked(np.asarray(x), modality, role, strength)
        if strength == 0:
            return rows
        out = np.empty(rows.shape, np.float32)
        for block in blocks(len(rows), ROWS_PER_BLOCK):
            out[block] = self._moved(unit_rows(rows[block]), modality, strength)
        return out

    def save(self, folder: Path | str, *, overwrite: bool = False) -> None:
        """Write `map.json` and `arrays.safetensors` into a new folder, whole or not at all.

        Raises
        ------
        UsageError
            If the folder is in the way, or the disk refuses.
        """
        description = {
            "method": self.method,
            "parameters": dict(self.parameters),
            "dimension": self.dimension,
            "encoder": self.encoder,
            "corpus": self.corpus,
            "figures": dict(self.figures),
            "reasons": list(self.reasons),
        }
        write_artifact(Path(folder), description, self.arrays, overwrite=overwrite)

    def _moved(self, unit: F32, modality: Modality, strength: float) -> F32:
        transform = registry.method_named(self.method).transform
        mapped = _or_kept(transform(self.arrays, unit, modality), unit)
        if strength == 1:
            return mapped
        alpha = np.float32(strength)
        return _or_kept(unit_rows((1 - alpha) * unit + alpha * mapped), unit)

    def _checked(self, x: NDArray[Any], modality: str, role: str, strength: float) -> NDArray[Any]:
        if modality not in MODALITIES:
            raise UsageError(f"There is no modality {modality!r}.", hint="Say image or text.")
        if role not in ("item", "query"):
            raise UsageError(f"There is no role {role!r}.", hint="Say item or query.")
        if not 0 <= strength <= 1:
            raise UsageError(f"Strength {strength} is outside 0 to 1.", hint="Choose one inside.")
        if x.ndim != 2 or x.dtype.kind != "f":
            raise MapError(
                f"The rows to correct have shape {x.shape} and type {x.dtype}.",
                hint="Give a matrix of floats, one row for each item.",
            )
        if x.shape[1] != self.dimension:
            raise MapError(
                f"The map takes {self.dimension} columns, the rows have {x.shape[1]}.",
                hint="Use vectors of the encoder it was fitted on.",
            )
        for block in blocks(len(x)):
            bad = np.asarray(~np.isfinite(x[block]).all(axis=1) | ~x[block].any(axis=1))
            if bad.any():
                row = block.start + int(np.flatnonzero(bad)[0])
                raise MapError(
                    f"Row {row} holds NaN, infinity or only zeros.",
                    hint="Drop it or embed the item again.",
                )
        return x


def _or_kept(moved: F32, unit: F32) -> F32:
    """Return the moved rows, and the old one where nothing is left of it."""
    return np.where(moved.any(axis=1, keepdims=True), moved, unit)


def load_map(folder: Path | str) -> AlignmentMap:
    """Read a map that `AlignmentMap.save` wrote, every checksum verified.

    Raises
    ------
    MapError
        If a file is missing, changed, truncated, oversized, from a newer schema, or names a
        method that this dohyo does not have.
    """
    document, arrays = read_artifact(Path(folder))
    if document["method"] not in registry.METHODS:
        raise MapError(
            f"{folder} names the method {document['method']!r}, unknown here.",
            hint="Upgrade dohyo.",
        )
    return AlignmentMap(
        method=document["method"],
        parameters=document["parameters"],
        dimension=document["dimension"],
        arrays=arrays,
        figures=document["figures"],
        encoder=document["encoder"],
        corpus=document["corpus"],
        reasons=tuple(document["reasons"]),
    )


def fit_map(
    method: str,
    evidence: Evidence,
    parameters: Parameters | None = None,
    *,
    source: Corpus | None = None,
    reasons: tuple[str, ...] = (),
) -> AlignmentMap:
    """Fit one method.

    Parameters
    ----------
    evidence : both sides' unit rows
    source : the corpus that the evidence is the whole of; its fingerprints go into the map

    Raises
    ------
    UsageError
        If the method or a parameter is unknown or out of range.
    """
    fitted, used = registry.fit(method, evidence, parameters or {})
    sizes = {"images": len(evidence.image.rows), "texts": len(evidence.text.rows)}
    return AlignmentMap(
        method=method,
        parameters=used,
        dimension=evidence.image.rows.shape[1],
        arrays=fitted.arrays,
        figures=sizes | fitted.figures,
        encoder=None if source is None else source.encoder,
        corpus=None if source is None else source.fingerprint(),
        reasons=reasons,
    )
