"""What a source of pictures and captions holds, before any picture is read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dohyo.rows import I64

Reader = Callable[[], bytes]
"""Returns the bytes of one picture, from any thread; raises `BrokenPicture` where it cannot."""


@dataclass(frozen=True, slots=True)
class Note:
    """What was assumed or left out, for a person: a key of `words` under `embed`, its figures."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller says of a source; the empty one leaves everything to convention.

    Attributes
    ----------
    columns : columns of a table by meaning; an empty name leaves one out
    root : folder that relative paths start from and no path leaves; None is the table's own
    labels : whether sub-folders are classes; None takes them so where that is obvious
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    root: Path | None = None
    labels: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listing:
    """n pictures by name, m captions, and how to get at the pictures' bytes.

    Attributes
    ----------
    path : the source, as the user named it
    pictures : n names, no two alike: paths or keys, as a list of broken ones shows them
    stamps : n strings; another one says that the picture's bytes may have changed
    read : takes ascending numbers of pictures, yields a reader for each, in their order
    captions : m strings
    caption_of : (m,) the number of the picture that each caption is of
    labels : n class names or n class numbers; None where no classes are known
    class_names : names of numbered classes
    sources : n strings; None where unknown
    image_ids, text_ids : n and m strings, all different; None where unknown
    notes : what was assumed or left out
    """

    path: Path
    pictures: tuple[str, ...]
    stamps: tuple[str, ...]
    read: Callable[[Sequence[int]], Iterator[Reader]]
    captions: tuple[str, ...]
    caption_of: I64
    labels: tuple[str, ...] | tuple[int, ...] | None = None
    class_names: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None
    image_ids: tuple[str, ...] | None = None
    text_ids: tuple[str, ...] | None = None
    notes: tuple[Note, ...] = ()
