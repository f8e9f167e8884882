"""Which column of a table means what: guessed by convention, or as the caller says."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from dohyo.errors import CorpusError, UsageError
from dohyo.io.vector_column import VectorColumn, check_numbers, vector_columns

Layout = Literal["wide", "long"]

VECTORS: dict[str, tuple[str, ...]] = {
    "image": (
        *("image", "image_embedding", "image_vector", "image_emb", "image_features", "img"),
        *("img_emb", "img_embedding", "img_vector", "img_features"),
    ),
    "text": (
        *("text", "text_embedding", "text_vector", "text_emb", "text_features", "txt"),
        *("txt_emb", "txt_embedding", "txt_vector", "txt_features"),
        *("caption_embedding", "caption_vector", "caption_emb"),
    ),
    "vector": ("vector", "embedding", "emb", "embeddings", "features"),
}
"""Names taken for columns of vectors, by what they mean; two of one meaning are refused."""

OTHERS: dict[str, tuple[str, ...]] = {
    "modality": ("modality", "kind", "type"),
    "caption": ("caption", "text", "sentence", "description"),
    "label": ("label", "class", "category", "class_name"),
    "source": ("source", "dataset", "origin"),
    "image_id": ("image_id", "img_id"),
    "text_id": ("text_id", "caption_id"),
    "group": ("group", "group_id", "pair", "pair_id"),
    "id": ("id", "item_id", "key"),
}
"""Names taken for the other columns; where there are several, the first of these."""

USED: dict[Layout, tuple[str, ...]] = {
    "wide": ("caption", "label", "source", "image_id", "text_id", "group"),
    "long": ("modality", "caption", "label", "source", "group", "id"),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column that is read means.

    Attributes
    ----------
    layout : `wide`, one row a pair, or `long`, one row an item
    vectors : the columns of vectors by meaning: `image` and `text`, or `vector`
    others : the other columns by meaning
    """

    layout: Layout
    vectors: Mapping[str, VectorColumn]
    others: Mapping[str, str]

    def __str__(self) -> str:
        named = [*self.vectors.items(), *self.others.items()]
        return ", ".join(f"{role}={column}" for role, column in named)


def guess_columns(schema: Any, path: Path, chosen: Mapping[str, str] | None = None) -> Columns:
    """Return the meaning of the columns of an Arrow schema.

    Parameters
    ----------
    chosen : columns by meaning, which come before any guess; an empty name leaves it out

    Raises
    ------
    UsageError
        If `chosen` names a meaning that there is not.
    CorpusError
        If a chosen column is not there, no vectors are found, or several would do.
    """
    chosen = dict(chosen or {})
    _check_chosen(schema, path, chosen)
    candidates = vector_columns(schema)
    vectors = {}
    for role in VECTORS:
        found = _vector(role, candidates, path, chosen)
        if found is not None:
            vectors[role] = found
    taken = {part for vector in vectors.values() for part in vector.parts}
    others = {}
    for role, names in OTHERS.items():
        if role in chosen:
            if chosen[role]:
                others[role] = chosen[role]
            continue
        free = [name for name in names if name in schema.names and name not in taken]
        plain = [name for name in free if _is_plain(schema.field(name).type, role)]
        if plain:
            others[role] = plain[0]
    layout = _layout(vectors, others, candidates, path, chosen, schema)
    kept = ("image", "text") if layout == "wide" else ("vector",)
    for role in kept:
        check_numbers(vectors[role], path)
    return Columns(
        layout,
        {role: vectors[role] for role in kept},
        {role: others[role] for role in USED[layout] if role in others},
    )


def _check_chosen(schema: Any, path: Path, chosen: Mapping[str, str]) -> None:
    twice = [name for name in schema.names if schema.names.count(name) > 1]
    if twice:
        raise CorpusError(f"{path} has two columns named {twice[0]}.", hint="Rename one of them.")
    for role, name in chosen.items():
        if role not in VECTORS and role not in OTHERS:
            raise UsageError(
                f"A column cannot mean {role!r}.", hint=f"Say {', '.join([*VECTORS, *OTHERS])}."
            )
        if name and role in OTHERS and name not in schema.names:
            raise CorpusError(f"{path} has no column {name}.", hint=_there(schema))


def _vector(
    role: str, candidates: Mapping[str, VectorColumn], path: Path, chosen: Mapping[str, str]
) -> VectorColumn | None:
    if role in chosen:
        if chosen[role] and chosen[role] not in candidates:
            raise CorpusError(
                f"{path} has no column {chosen[role]} of vectors.",
                hint=f"Lists of floats: {', '.join(candidates) or 'none'}.",
            )
        return candidates.get(chosen[role])
    named = [name for name in VECTORS[role] if name in candidates]
    named = [name for name in named if name not in chosen.values()]
    if len(named) > 1 and not (role == "vector" and {"image", "text"} & chosen.keys()):
        raise CorpusError(
            f"{path} has {len(named)} columns for {role} vectors: {', '.join(named)}.",
            hint=f"Choose one: --columns {role}={named[0]} (columns={{{role!r}: {named[0]!r}}}).",
        )
    return candidates[named[0]] if named else None


def _layout(
    vectors: dict[str, VectorColumn],
    others: Mapping[str, str],
    candidates: Mapping[str, VectorColumn],
    path: Path,
    chosen: Mapping[str, str],
    schema: Any,
) -> Layout:
    long = {"vector", "modality"} & {role for role, name in chosen.items() if name}
    if "image" in vectors and "text" in vectors and not long:
        return "wide"
    if "modality" in others:
        if "vector" not in vectors and len(candidates) == 1:
            vectors["vector"] = next(iter(candidates.values()))
        if "vector" in vectors:
            return "long"
    if not candidates:
        raise CorpusError(
            f"{path} has no column of vectors.",
            hint=f"{_there(schema)} Make vectors of pictures and captions with dohyo embed.",
        )
    raise CorpusError(
        f"{path} has no columns of image and of text vectors, nor one of vectors beside one of "
        "modality.",
        hint=f"{_there(schema)} Say which, e.g. --columns image=img_emb,text=txt_emb.",
    )


def _is_plain(kind: Any, role: str) -> bool:
    """Return whether a column of this type can hold single strings or whole numbers."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    text = is_string(kind)
    return text if role in ("caption", "modality") else text or pa.types.is_integer(kind)


def is_string(kind: Any) -> bool:
    """Return whether a type of Arrow is one of strings."""
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _there(schema: Any) -> str:
    shown = [f"{field.name} ({field.type})" for field in schema][:12]
    more = f" and {len(schema) - len(shown)} more" if len(schema) > len(shown) else ""
    return f"There are: {', '.join(shown) or 'none'}{more}."
