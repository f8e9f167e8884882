"""Which column of a table of pictures means what: guessed by convention, or as the caller says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dohyo.errors import CorpusError, UsageError
from dohyo.io.column_roles import OTHERS

ROLES: Final[dict[str, tuple[str, ...]]] = {
    "path": (
        *("path", "file_name", "filename", "file", "filepath", "file_path", "image_path"),
        *("img_path", "image_file", "image_filename", "image_name", "image", "img", "picture"),
        *("photo", "images", "画像", "画像パス", "パス", "ファイル名", "ファイル"),
    ),
    "caption": (
        *OTHERS["caption"],
        *("captions", "texts", "sentences", "raw", "alt_text", "alt", "title", "comment"),
        *("キャプション", "説明", "説明文", "テキスト", "タイトル"),
    ),
    "label": (*OTHERS["label"], "labels", "ラベル", "カテゴリ", "クラス"),
    "source": OTHERS["source"],
    "image_id": OTHERS["image_id"],
    "text_id": OTHERS["text_id"],
    "id": OTHERS["id"],
}
"""Names taken for columns, in capitals or not; where there are several, the first of these."""

JOINT: Final = "+"
"""Stands between the names of several columns of captions."""

_NUMBERED: Final = re.compile(r"(.+?)[_.-]?\d+")


@dataclass(frozen=True, slots=True)
class Roles:
    """Columns by meaning; several may hold captions."""

    captions: tuple[str, ...]
    others: Mapping[str, str]

    def __str__(self) -> str:
        named = list(self.others.items())
        if self.captions:
            named.insert(1 if "path" in self.others else 0, ("caption", JOINT.join(self.captions)))
        return ", ".join(f"{role}={column}" for role, column in named)

    def get(self, role: str) -> str | None:
        """Return the column of a meaning, None if there is none."""
        return self.others.get(role)


def guess_roles(
    names: Sequence[str],
    path: Path,
    chosen: Mapping[str, str],
    *,
    pictures: Sequence[str] | None = None,
) -> Roles:
    """Return the meaning of the columns of a table with pictures.

    Parameters
    ----------
    names : of the columns, in their order
    chosen : columns by meaning, which come before any guess; an empty name leaves one out
    pictures : names of the columns that hold pictures themselves; None where they are paths

    Raises
    ------
    UsageError
        If `chosen` names a meaning that there is not.
    CorpusError
        If a chosen column is not there, or none names or holds pictures.
    """
    _check_chosen(names, path, chosen)
    others = {}
    for role in ROLES:
        if role == "caption" or (role in chosen and not chosen[role]):
            continue
        free = [name for name in names if name not in chosen.values()]
        if role == "path" and pictures is not None:
            free = [name for name in free if name in pictures]
        found = chosen.get(role) or _first(ROLES[role], free)
        if role == "path" and found is None and pictures is not None and len(free) == 1:
            (found,) = free
        if found is not None:
            others[role] = found
    if "path" not in others:
        what = "column of pictures" if pictures is not None else "column of paths"
        raise CorpusError(
            f"{path} has no {what} that dohyo knows.",
            hint=f"There are: {_shown(names)}. Say which, e.g. --columns path=photo,caption=body.",
        )
    taken = set(others.values())
    if "caption" in chosen:
        return Roles(_joint(chosen["caption"], names), others)
    return Roles(_captions([name for name in names if name not in taken]), others)


def _check_chosen(names: Sequence[str], path: Path, chosen: Mapping[str, str]) -> None:
    for role, name in chosen.items():
        if role not in ROLES:
            raise UsageError(
                f"A column cannot mean {role!r} here.", hint=f"Say {', '.join(ROLES)}."
            )
        wanted = _joint(name, names) if role == "caption" else (name,)
        for each in wanted:
            if each and each not in names:
                raise CorpusError(
                    f"{path} has no column {each}.", hint=f"There are: {_shown(names)}."
                )


def _joint(name: str, names: Sequence[str]) -> tuple[str, ...]:
    if not name:
        return ()
    return (name,) if name in names else tuple(name.split(JOINT))


def _captions(free: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of captions: one by its name, or several that are numbered."""
    found = _first(ROLES["caption"], free)
    if found is not None:
        return (found,)
    for known in ROLES["caption"]:
        numbered = [
            name
            for name in free
            if (match := _NUMBERED.fullmatch(_plain(name))) and match[1] == known
        ]
        if numbered:
            return tuple(numbered)
    return ()


def _first(known: Sequence[str], names: Sequence[str]) -> str | None:
    by_plain = {_plain(name): name for name in reversed(names)}
    return next((by_plain[name] for name in known if name in by_plain), None)


def _plain(name: str) -> str:
    return name.strip().casefold()


def _shown(names: Sequence[str]) -> str:
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return (", ".join(map(str, names[:12])) or "none") + more
