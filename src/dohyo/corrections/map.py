"""The fitted correction: frozen, applied by a pure function."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import ArrayLike, NDArray

from dohyo.corpus import MODALITIES, Corpus, Modality, Role
from dohyo.corrections import registry
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.fitted import Arrays, Parameters
from dohyo.corrections.maps.artifact import read_artifact, write_artifact
from dohyo.corrections.maps.half import halved, loss, widened
from dohyo.corrections.maps.linear import is_formula
from dohyo.corrections.maps.statistics import statistics
from dohyo.corrections.scores.columns import ceiling_of, with_bonus, with_offset
from dohyo.corrections.scores.hubs import bank, closeness
from dohyo.corrections.scores.options import DEFAULTS, Options, options, without
from dohyo.corrections.scores.rehearsal import rehearse
from dohyo.engine.backend import (
    array_of,
    empty_like,
    is_float,
    numbers_like,
    place_of,
    placed,
    to_numpy,
)
from dohyo.engine.in_blocks import in_blocks, rows_in_cache
from dohyo.errors import MapError, UsageError
from dohyo.rows import F32, ROWS_PER_BLOCK, blocks, has_direction, unit_rows


@dataclass(frozen=True, eq=False, kw_only=True)
class AlignmentMap:
    """A fitted correction of the modality gap.

    Attributes
    ----------
    method : its name, see `dohyo.corrections.registry.METHODS`
    parameters : as used in the fit
    dimension : number of columns it takes
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

    def __deepcopy__(self, memo: dict[int, Any]) -> "AlignmentMap":
        return self  # nothing of it can change

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process; on disk a map is what `save` writes."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        plain |= {name: dict(plain[name]) for name in ("parameters", "arrays", "figures")}
        return _again, (plain,)

    @property
    def options(self) -> Options:
        """The corrections of scores that it composes with its method."""
        return options(self.parameters)

    @property
    def width(self) -> int:
        """Number of columns it returns: those it takes, and those that correct the scores."""
        chosen = self.options
        return self.dimension + (3 if chosen.hubs else 1 if chosen.calibrate else 0)

    @property
    def tells_roles_apart(self) -> bool:
        """Whether an item and a query with the same vector come out differently."""
        return self.width > self.dimension

    def apply(
        self, x: ArrayLike, modality: Modality, role: Role = "item", strength: float = 1.0
    ) -> NDArray[Any]:
        """Correct rows of one modality.

        Parameters
        ----------
        x : (n, d) floats, or a tensor of PyTorch; rows are scaled to length 1 first
        modality : "image" or "text"
        role : "item" (in the index) or "query" (asking); they differ in the columns that correct
            the scores, so a query must be compared with items and never with other queries
        strength : α in [0, 1]. 0 returns x itself, bit for bit; 1 the fitted map; between, the
            unit vector along (1−α)·unit(x) + α·map(x), with the corrections of scores times α

        Returns
        -------
        (n, width) float32 unit rows, to be compared by inner product, of the same library and on
        the same device as x; x itself at strength 0.
        A row that the map sends to 0 (it lay on the mean) keeps its old direction.

        Raises
        ------
        MapError
            If x has another number of columns, or holds NaN, infinity or a zero row.
        UsageError
            If modality, role or strength is none of the above.
        """
        rows = self._checked(array_of(x), modality, role, strength)
        shape = (len(rows), self.width)
        out: NDArray[Any] = rows if strength == 0 else empty_like(rows, shape)

        def correct(block: slice) -> None:
            unit = unit_rows(rows[block])
            _refuse_bad_rows(unit, block.start)
            if strength != 0:
                moved = self._moved(unit, modality, strength)
                out[block] = self._scored(moved, modality, role, strength)

        if isinstance(rows, np.ndarray) and is_formula(self.arrays):
            in_blocks(correct, len(rows), rows_in_cache(self.dimension))
        else:
            for block in blocks(len(rows), ROWS_PER_BLOCK):
                correct(block)
        return out

    def moved(self, x: NDArray[Any], modality: Modality, strength: float = 1.0) -> F32:
        """Return the corrected vectors alone, (n, d) unit rows, without columns for the scores.

        This is what clustering, classification and the measures look at. No row is checked.
        """
        return self._moved(unit_rows(x), modality, strength)

    def _moved(self, unit: F32, modality: Modality, strength: float) -> F32:
        if strength == 0:
            return unit
        transform = registry.method_named(self.method).transform
        mapped: F32 = _or_kept(transform(placed(self, self.arrays, unit), unit, modality), unit)
        if strength == 1:
            return mapped
        return _or_kept(unit_rows((1 - strength) * unit + strength * mapped), unit)

    def penalty(self, moved: F32, strength: float = 1.0) -> F32:
        """Return what is taken off the scores of items, (n, 2): for image and for text queries.

        Parameters
        ----------
        moved : (n, d) items as `moved` returns them at this strength
        """
        if not self.options.hubs:
            return np.zeros((len(moved), 2), np.float32)
        near: F32 = closeness(moved, self._banks(moved, strength))
        return strength * self.options.hubs * near

    @property
    def offset(self) -> tuple[float, float]:
        """What an image query, and what a text query, adds to scores of the other modality."""
        if "offset" not in self.arrays:
            return 0.0, 0.0
        image, text = self.arrays["offset"].tolist()
        return image, text

    def _scored(self, moved: F32, modality: Modality, role: Role, strength: float) -> F32:
        chosen = self.options
        image, text = (strength * each for each in self.offset)
        if chosen.hubs:
            bonus = -self.penalty(moved, strength) if role == "item" else moved[:, :2]
            bonus = bonus + numbers_like(
                moved, [0.0 if modality == "image" else image, 0.0 if modality == "text" else text]
            )
            ceiling = ceiling_of(strength * chosen.hubs, (image, text))
            scored: F32 = with_bonus(moved, bonus, ceiling, modality, role)
        elif chosen.calibrate:
            scored = with_offset(moved, (image, text), modality, role)
        else:
            scored = moved
        return scored

    def _banks(self, like: Any, strength: float) -> Arrays:
        """Return the bank of queries, moved; kept for the strengths that were asked for."""
        key = f"{strength} {place_of(like)}"
        if key not in self._moved_banks:
            arrays = placed(self, self.arrays, like)
            self._moved_banks[key] = {
                f"{modality}_bank": self.moved(arrays[f"{modality}_bank"], modality, strength)
                for modality in MODALITIES
            }
        return self._moved_banks[key]

    @cached_property
    def _moved_banks(self) -> dict[str, Arrays]:
        return {}

    def save(self, folder: Path | str, *, overwrite: bool = False, half: bool = False) -> None:
        """Write `map.json` and `arrays.safetensors` into a new folder, whole or not at all.

        Parameters
        ----------
        half : store anchors in float16; the figures in `map.json` then tell what that changes,
            see `dohyo.corrections.maps.half.loss`

        Raises
        ------
        UsageError
            If the folder is in the way, or the disk refuses.
        """
        arrays, figures = dict(self.arrays), dict(self.figures)
        if half:
            arrays = halved(arrays)
            figures |= loss(self, replace(self, arrays=widened(arrays)), self.arrays)
        description = {
            "method": self.method,
            "parameters": dict(self.parameters),
            "dimension": self.dimension,
            "encoder": self.encoder,
            "corpus": self.corpus,
            "figures": figures,
            "reasons": list(self.reasons),
        }
        write_artifact(Path(folder), description, arrays, overwrite=overwrite)

    def _checked(self, x: Any, modality: str, role: str, strength: float) -> Any:
        if modality not in MODALITIES:
            raise UsageError(f"There is no modality {modality!r}.", hint="Say image or text.")
        if role not in ("item", "query"):
            raise UsageError(f"There is no role {role!r}.", hint="Say item or query.")
        if not 0 <= strength <= 1:
            raise UsageError(f"Strength {strength} is outside 0 to 1.", hint="Choose one inside.")
        if x.ndim != 2 or not is_float(x):
            raise MapError(
                f"The rows to correct have shape {x.shape} and type {x.dtype}.",
                hint="Give a matrix of floats, one row for each item.",
            )
        if x.shape[1] != self.dimension:
            raise MapError(
                f"The map takes {self.dimension} columns, the rows have {x.shape[1]}.",
                hint="Use vectors of the encoder it was fitted on.",
            )
        return x


def _refuse_bad_rows(unit: F32, start: int) -> None:
    """Refuse rows that have no direction; `start` is the number of the first."""
    good = has_direction(unit)
    if not good.all():
        raise MapError(
            f"Row {start + int(np.flatnonzero(~to_numpy(good))[0])} holds NaN, infinity or only "
            "zeros.",
            hint="Drop it or embed the item again.",
        )


def _or_kept(moved: F32, unit: F32) -> F32:
    """Return the moved rows, and the old one where nothing is left of it."""
    alive = has_direction(moved)
    if alive.all():
        return moved
    kept: F32 = array_namespace(moved).where(alive[:, None], moved, unit)
    return kept


def _again(plain: dict[str, Any]) -> AlignmentMap:
    return AlignmentMap(**plain)


def load_map(folder: Path | str) -> AlignmentMap:
    """Read a map that `AlignmentMap.save` wrote, every checksum verified.

    Raises
    ------
    MapError
        If a file is missing, changed, truncated, oversized, from a newer schema, names a method
        that this dohyo does not have, or lacks what the method needs.
    """
    document, arrays = read_artifact(Path(folder))
    if document["method"] not in registry.METHODS:
        raise MapError(
            f"{folder} names the method {document['method']!r}, unknown here.",
            hint="Upgrade dohyo.",
        )
    found = AlignmentMap(
        method=document["method"],
        parameters=document["parameters"],
        dimension=document["dimension"],
        arrays=arrays,
        figures=document["figures"],
        encoder=document["encoder"],
        corpus=document["corpus"],
        reasons=tuple(document["reasons"]),
    )
    _try(found, folder)
    return found


def _try(fitted: AlignmentMap, folder: Path | str) -> None:
    """Refuse a map whose arrays do not fit its method, before any work relies on it."""
    row = np.ones((1, fitted.dimension), np.float32)
    try:
        for modality in MODALITIES:
            fitted.apply(row, modality)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise MapError(
            f"{folder} lacks what a {fitted.method} map is made of.",
            hint="Copy the map again from where it was fitted, or fit it again.",
        ) from error


def fit_map(
    method: str,
    evidence: Evidence,
    parameters: Parameters | None = None,
    *,
    source: Corpus | None = None,
    reasons: tuple[str, ...] = (),
    offset: tuple[float, float] | None = None,
) -> AlignmentMap:
    """Fit one method.

    Parameters
    ----------
    evidence : both sides' unit rows
    source : the corpus that the evidence is the whole of; its fingerprints go into the map
    offset : for `calibrate`, the offsets where they are known already

    Raises
    ------
    UsageError
        If the method or a parameter is unknown or out of range.
    """
    own, chosen = registry.checked(method, parameters or {})
    fitted = registry.method_named(method).fit(evidence, **own)
    sizes = {"images": evidence.image.count, "texts": evidence.text.count}
    arrays, figures = dict(fitted.arrays), sizes | fitted.figures
    arrays |= statistics(evidence, registry.method_named(method).keeps)
    if chosen["hubs"]:
        arrays |= bank(evidence)
    if chosen["calibrate"]:
        image, text = offset or _rehearsed(method, evidence, own | chosen)
        arrays["offset"] = np.array([image, text], np.float32)
        figures |= {"offset_image": image, "offset_text": text}
    return AlignmentMap(
        method=method,
        parameters=own | {name: value for name, value in chosen.items() if value != DEFAULTS[name]},
        dimension=evidence.image.dimension,
        arrays=arrays,
        figures=figures,
        encoder=None if source is None else source.encoder,
        corpus=None if source is None else source.fingerprint(),
        reasons=reasons,
    )


def _rehearsed(method: str, evidence: Evidence, parameters: Parameters) -> tuple[float, float]:
    plain = without(parameters, "calibrate", "growing") | {"calibrate": 0.0}
    return rehearse(
        lambda part: fit_map(method, part, plain), evidence, options(parameters).growing
    )
