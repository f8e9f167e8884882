"""WebDataset: tar files in which members of the same key belong together, never unpacked."""

import json
import os
import re
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

from dohyo.embedding.listing import Asked, Listing, Note, Reader
from dohyo.embedding.pictures import LARGEST_FILE, SUFFIXES, BrokenPicture
from dohyo.embedding.sources.files import stamp
from dohyo.embedding.sources.records import Gathered, Record, described, listing_of
from dohyo.embedding.sources.roles import Roles, guess_roles
from dohyo.errors import CorpusError

TARS: Final = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
TEXTS: Final = ("txt", "text", "caption")
LARGEST_TEXT: Final = 1 << 20
"""Bytes of a caption's or description's member; a larger one is left out unread."""
MOST_SHARDS: Final = 100_000

_BRACES: Final = re.compile(r"\{(\d+)\.\.(\d+)\}")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a picture lies in its tar; the offset is None in a compressed one."""

    shard: int
    member: str
    offset: int | None
    size: int


@dataclass(slots=True)
class _Sample:
    """What the members of one key say."""

    key: str
    place: _Place | None = None
    parts: dict[str, bytes] = field(default_factory=dict)


def is_tar(path: Path) -> bool:
    """Return whether a name is one of a tar or of several in braces."""
    return path.name.lower().endswith(TARS)


def open_webdataset(path: Path, asked: Asked) -> Listing:
    """List the samples of one tar, of all in a folder, or of a pattern `{000..009}.tar`.

    A sample is `KEY.jpg` (or another picture) with `KEY.txt` (captions, one a line), `KEY.json`
    (columns as of a table) or `KEY.cls` (class). Links, devices, sparse members, absolute names
    and those with `..`, and members beyond all measure are left out and counted.

    Raises
    ------
    CorpusError
        If a tar is missing, truncated or none, or there is no picture in them.
    """
    shards = _shards(path)
    skipped: Counter[str] = Counter()
    gathered, places = Gathered(path), []
    roles: Roles | None = None
    for number, shard in enumerate(shards):
        for sample in _samples(shard, number, skipped):
            if sample.place is None:
                skipped["without_picture"] += 1
                continue
            described_by = _json(sample, shard)
            if described_by and roles is None:
                names = ["image", *described_by]
                roles = guess_roles(names, shard, asked.columns, pictures=["image"])
            name = sample.key if len(shards) == 1 else f"{shard.name}/{sample.key}"
            if name in gathered.number:
                skipped["twice"] += 1
                continue
            gathered.add(_record(name, sample, described_by, roles))
            places.append(sample.place)
    if not places:
        raise CorpusError(
            f"{path} holds no picture.", hint="Members must be named like KEY.jpg and KEY.txt."
        )
    notes = [Note("shards", {"count": len(shards)})]
    notes += [] if roles is None else [described(roles)]
    notes += [Note(f"members_{why}", {"count": count}) for why, count in sorted(skipped.items())]
    stamps = [stamp(shard) for shard in shards]
    return listing_of(
        gathered,
        stamps=[f"{stamps[each.shard]} {each.offset} {each.size}" for each in places],
        read=partial(_read, shards, places),
        notes=notes,
    )


def _shards(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(each for each in path.iterdir() if is_tar(each) and each.is_file())
    braces = _BRACES.search(str(path))
    if path.exists() or braces is None:
        return [path]
    first, last = int(braces[1]), int(braces[2])
    if not first <= last < first + MOST_SHARDS:
        raise CorpusError(f"{path} names no shards.", hint="Write it like shard-{000..009}.tar.")
    start, end = braces.span()
    numbers = (f"{number:0{len(braces[1])}d}" for number in range(first, last + 1))
    return [Path(f"{str(path)[:start]}{number}{str(path)[end:]}") for number in numbers]


def _samples(  # noqa: C901 - one branch for each kind of member
    shard: Path, number: int, skipped: Counter[str]
) -> Iterator[_Sample]:
    """Yield the samples of a tar; members of one key follow one another."""
    sample: _Sample | None = None
    for tar, member in _members(shard):
        why = _hostile(member)
        if why is not None:
            skipped[why] += 1
        if why is not None or not member.isfile():
            continue
        key, ending = _key(member.name)
        if sample is None or sample.key != key:
            if sample is not None:
                yield sample
            sample = _Sample(key)
        if f".{ending.rpartition('.')[2]}" in SUFFIXES:
            if member.size > LARGEST_FILE or sample.place is not None:
                skipped["twice" if sample.place else "huge"] += 1
                continue
            plain = shard.name.lower().endswith(".tar")
            offset = member.offset_data if plain else None
            sample.place = _Place(number, member.name, offset, member.size)
        elif ending in (*TEXTS, "json", "cls"):
            if member.size > LARGEST_TEXT:
                skipped["huge"] += 1
                continue
            held = tar.extractfile(member)
            sample.parts.setdefault(ending, b"" if held is None else held.read())
    if sample is not None:
        yield sample


def _hostile(member: tarfile.TarInfo) -> str | None:
    """Return why a member is never read, None for an ordinary one."""
    if member.isdir():
        return None
    if not member.isfile() or member.sparse is not None:
        return "not_plain"
    name = PurePosixPath(member.name)
    return "outside" if name.is_absolute() or ".." in name.parts else None


def _members(shard: Path) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    """Yield every member of a tar as it comes; a damaged one is an error, wherever it is."""
    if not shard.is_file():
        raise CorpusError(f"{shard} is not a file.", hint="Check the name.")
    plain: Literal["r:", "r:*"] = "r:" if shard.name.lower().endswith(".tar") else "r:*"
    try:
        with tarfile.open(shard, plain, encoding="utf-8", errors="replace") as tar:
            while (member := tar.next()) is not None:
                tar.members.clear()  # type: ignore[attr-defined]  # or a million headers stay in memory
                yield tar, member
            # After a header it cannot read, tarfile stops as if the archive ended there.
            file = tar.fileobj
            assert file is not None  # of an open archive
            file.seek(tar.offset)
            if any(file.read(tarfile.BLOCKSIZE)):
                raise tarfile.ReadError("damaged")
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise CorpusError(
            f"{shard} is truncated, damaged or not a tar file.", hint="Copy or download it again."
        ) from error


def _key(name: str) -> tuple[str, str]:
    """Split a member's name at the first dot of its last part, as WebDataset does."""
    folder, stroke, last = name.removeprefix("./").rpartition("/")
    stem, _, ending = last.partition(".")
    return f"{folder}{stroke}{stem}", ending.lower()


def _json(sample: _Sample, shard: Path) -> dict[str, Any]:
    if "json" not in sample.parts:
        return {}
    try:
        held = json.loads(sample.parts["json"])
    except (ValueError, RecursionError) as error:
        raise CorpusError(
            f"{shard}: {sample.key}.json is not JSON.", hint="Write the shard again."
        ) from error
    return held if isinstance(held, dict) else {}


def _record(
    name: str, sample: _Sample, described_by: dict[str, Any], roles: Roles | None
) -> Record:
    captions: list[str] = []
    for ending in TEXTS:
        if ending in sample.parts:
            text = sample.parts[ending].decode("utf-8", errors="replace")
            captions += [line for line in text.splitlines() if line.strip()]
    columns = {} if roles is None else roles.others
    told = {
        role: _string(described_by.get(columns[role])) if role in columns else None
        for role in ("label", "source", "text_id", "image_id", "id")
    }
    if roles is not None and not captions:
        for column in roles.captions:
            held = described_by.get(column)
            captions += [str(each) for each in (held if isinstance(held, list) else [held or ""])]
    if "cls" in sample.parts:
        told["label"] = _string(sample.parts["cls"].decode("utf-8", errors="replace"))
    return Record(where=name, picture=name, captions=captions, **told)


def _string(value: Any) -> str | None:
    told = "" if value is None else str(value).strip()
    return told or None


def _read(
    shards: Sequence[Path], places: Sequence[_Place], numbers: Sequence[int]
) -> Iterator[Reader]:
    """Yield a reader for each of the numbered pictures."""
    wanted: dict[int, list[_Place]] = {}
    for number in numbers:
        wanted.setdefault(places[number].shard, []).append(places[number])
    for shard, held in wanted.items():
        if held[0].offset is None:
            yield from _unpacked(shards[shard], held)
        else:
            yield from (partial(_cut_out, shards[shard], place) for place in held)


def _cut_out(shard: Path, place: _Place) -> bytes:
    """Return the bytes of a picture in a tar that is not compressed."""
    try:
        with shard.open("rb") as file:
            file.seek(place.offset or 0, os.SEEK_SET)
            data = file.read(place.size)
    except OSError as error:
        raise BrokenPicture(f"it cannot be read ({error.strerror or error})") from error
    if len(data) < place.size:
        raise BrokenPicture("the tar file is truncated")
    return data


def _unpacked(shard: Path, held: Sequence[_Place]) -> Iterator[Reader]:
    """Yield readers of pictures of a compressed tar, which can only be read from its start."""
    left = list(reversed(held))
    for tar, member in _members(shard):
        if left and member.name == left[-1].member and member.size == left[-1].size:
            left.pop()
            file = tar.extractfile(member)
            data = b"" if file is None else file.read()
            yield partial(_given, data)
        if not left:
            return


def _given(data: bytes) -> bytes:
    return data
