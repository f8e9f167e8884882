"""Pictures and captions to a corpus: `dohyo.embed`."""

import csv
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from dohyo.corpus import Corpus
from dohyo.embedding.decoding import AHEAD
from dohyo.embedding.encoding import Vectors, Work, encode_pictures, encode_texts
from dohyo.embedding.listing import Asked, Listing, Note
from dohyo.embedding.pictures import KEPT_PIXELS
from dohyo.embedding.shelf import FolderShelf, MemoryShelf
from dohyo.encoders.load import load_encoder
from dohyo.encoders.protocol import Encoder
from dohyo.errors import CorpusError, UsageError
from dohyo.io.atomic import check_file, new_file
from dohyo.io.write import check_target, write
from dohyo.progress import Progress, silent
from dohyo.rows import F32, I64

THUMBNAIL: Final = 96
"""Side of a thumbnail in pixels; ten thousand of them take 276 MB."""
MOST_WORKERS: Final = 8
"""Threads that decode: more than eight no encoder keeps up with."""
PARTS, BROKEN = ".parts", ".broken.csv"
"""Behind the name of the corpus: the folder of finished parts, the list of broken pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A picture, or a caption of one, that is left out, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Embedded:
    """A corpus, and what is not in it.

    Attributes
    ----------
    broken : pictures that could not be read, and items that the encoder gave no vector
    orphans : captions left out because their picture is
    kept : pictures and captions that an earlier, interrupted run had done
    notes : what was assumed about the source
    """

    corpus: Corpus
    broken: tuple[Broken, ...]
    orphans: int
    kept: int
    notes: tuple[Note, ...]


def embed(
    source: Path | str,
    encoder: Encoder | str = "shapes-world",
    *,
    out: Path | str | None = None,
    overwrite: bool = False,
    columns: Mapping[str, str] | None = None,
    root: Path | str | None = None,
    labels: bool | None = None,
    class_prompt: str | None = None,
    thumbnails: bool = False,
    strict: bool = False,
    workers: int | None = None,
    progress: Progress = silent,
) -> Corpus:
    """Turn pictures and captions into a corpus.

    Parameters
    ----------
    source : a folder of pictures; a .csv, .tsv or .jsonl of paths and captions; a WebDataset tar,
        a folder of such or `shard-{000..009}.tar`; Parquet, Arrow or a Hugging Face folder with
        the pictures in it
    encoder : any object with the `Encoder` protocol, or a name for `load_encoder`
    out : where to write the corpus, by its suffix as in `dohyo.write`; then finished parts are
        kept in `OUT.parts` until it is written, an interrupted call goes on where it was, and
        broken pictures are listed in `OUT.broken.csv`
    columns : columns of a table by meaning (path, caption, label, source, image_id, text_id)
    root : folder that relative paths start from and no path leaves
    labels : whether sub-folders are classes; None takes them so where that is obvious
    class_prompt : a sentence with {} for the class, e.g. "a photo of a {}"; embeds the classes
    thumbnails : keep small pictures, so that reports show them; .npz alone can hold them
    strict : stop at the first broken picture
    workers : threads that decode; None takes one for each core, eight at most

    Returns
    -------
    Corpus; the vectors as the encoder gave them. Broken pictures and their captions are left out
    with a `UserWarning`.

    Raises
    ------
    CorpusError
        If the source is missing, holds no pictures or no captions, or nothing usable is left.
    UsageError
        If `out` is in the way or the disk refuses, or the options do not fit the source.
    MissingExtra
        If Pillow or the encoder's library is not installed.
    """
    path, target = Path(source), None if out is None else Path(out)
    if target is not None:
        check_out(target, overwrite=overwrite, tables=not (thumbnails or class_prompt))
    asked = Asked(columns=columns or {}, root=None if root is None else Path(root), labels=labels)
    # The readers bring Arrow along, which `import dohyo` can do without.
    from dohyo.embedding.sources.registry import open_source

    listing = open_source(path, asked)
    check_listing(listing, class_prompt)
    work = Work(
        encoder=load_encoder(encoder) if isinstance(encoder, str) else encoder,
        shelf=MemoryShelf() if target is None else shelf_of(target),
        thumbnails=THUMBNAIL if thumbnails else None,
        strict=strict,
        workers=workers or default_workers(),
    )
    done = embed_listing(listing, work, class_prompt=class_prompt, progress=progress)
    if target is not None:
        write_embedded(done, target, overwrite=overwrite)
    if done.broken:
        first = done.broken[0]
        warnings.warn(
            f"{len(done.broken)} items of {path} are broken and left out, the first is "
            f"{first.path}: {first.reason}.",
            stacklevel=2,
        )
    return done.corpus


def embed_listing(
    listing: Listing,
    work: Work,
    *,
    class_prompt: str | None = None,
    progress: Progress = silent,
) -> Embedded:
    """Encode what a source holds, pictures first; see `embed`."""
    total = len(listing.pictures) + len(listing.captions)
    pictures = encode_pictures(listing, work, lambda n, _, what: progress(n, total, what))
    if not len(pictures.row):
        first = min(pictures.broken)
        raise CorpusError(
            f"None of the {len(listing.pictures)} pictures of {listing.path} can be used, the "
            f"first is {listing.pictures[first]}: {pictures.broken[first]}.",
            hint="Check the files.",
        )
    place = np.full(len(listing.pictures), -1, np.int64)
    place[pictures.row] = np.arange(len(pictures.row))
    usable = np.flatnonzero(place[listing.caption_of] >= 0)
    done = total - len(usable)
    texts = encode_texts(
        [listing.captions[row] for row in usable.tolist()],
        work,
        lambda n, _, what: progress(done + n, total, what),
    )
    corpus = _corpus(listing, pictures, texts, usable[texts.row], place, work, class_prompt)
    broken = [
        Broken(path=listing.pictures[row], reason=why) for row, why in pictures.broken.items()
    ]
    for row, why in texts.broken.items():
        picture = listing.pictures[listing.caption_of[usable[row]]]
        broken.append(Broken(path=picture, reason=f"its caption: {why}"))
    return Embedded(
        corpus=corpus,
        broken=tuple(broken),
        orphans=len(listing.captions) - len(usable),
        kept=pictures.kept + texts.kept,
        notes=listing.notes,
    )


def embed_lines(path: Path, work: Work, *, progress: Progress = silent) -> tuple[F32, int]:
    """Encode a list of sentences.

    Returns
    -------
    (m, d) float32, a row for each line, and how many an earlier run had done.

    Raises
    ------
    CorpusError
        If the file cannot be read, or a sentence gets no vector.
    """
    from dohyo.embedding.sources.text_list import read_lines

    lines = read_lines(path)
    texts = encode_texts(lines, work, progress)
    if texts.broken:
        row = min(texts.broken)
        raise CorpusError(
            f"{path}, line {row + 1}: {texts.broken[row]}.", hint="Remove or change the line."
        )
    return texts.vector, texts.kept


def check_out(target: Path, *, overwrite: bool, tables: bool) -> None:
    """Refuse a target that cannot be written, before any long work begins.

    Parameters
    ----------
    tables : whether the corpus will fit into a table, with neither thumbnails nor class texts

    Raises
    ------
    UsageError
        If there is no writer for the suffix, something is in the way, or it must be `.npz`.
    """
    if not tables and target.suffix != ".npz":
        raise UsageError(
            f"{target} cannot hold thumbnails or class texts.", hint="Write .npz instead."
        )
    check_target(target, overwrite=overwrite)
    parts = beside(target, PARTS)
    if parts.exists() and not parts.is_dir():
        raise UsageError(f"{parts} is in the way.", hint="Move it; finished parts are kept there.")
    check_file(beside(target, BROKEN), overwrite=True)


def check_listing(listing: Listing, class_prompt: str | None) -> None:
    """Refuse a source without any text, or a prompt without classes, before the long work.

    Raises
    ------
    CorpusError
        If there is nothing to compare the pictures with.
    UsageError
        If the prompt has no place for the class, or the classes have no names.
    """
    if class_prompt is not None:
        if class_prompt.count("{}") != 1:
            raise UsageError(
                f"--class-prompt {class_prompt!r} has no place for the class.",
                hint='Write it like "a photo of a {}".',
            )
        if class_names(listing) is None:
            raise UsageError(
                f"--class-prompt: {listing.path} tells no names of classes.",
                hint="Name a column with --columns label=NAME, or use sub-folders and --labels.",
            )
    elif not listing.captions:
        raise CorpusError(
            f"{listing.path} holds {len(listing.pictures)} pictures and no captions.",
            hint="Put NAME.txt beside each picture, or a captions.csv (file_name,caption) into "
            "the folder, or name a column with --columns caption=NAME, or embed classes with "
            '--class-prompt "a photo of a {}".',
        )


def class_names(listing: Listing) -> tuple[str, ...] | None:
    """Return the names of a listing's classes by number; None where they have none."""
    if listing.labels is None or listing.class_names is not None:
        return listing.class_names if listing.labels is not None else None
    if isinstance(listing.labels[0], int):
        return None
    return tuple(sorted({str(label) for label in listing.labels}))


def write_embedded(done: Embedded, target: Path, *, overwrite: bool = False) -> None:
    """Write a corpus and the list of what is not in it; the parts are no longer needed then.

    Raises
    ------
    UsageError
        If something is in the way, or the disk refuses.
    """
    listed = beside(target, BROKEN)
    if done.broken:
        with (
            new_file(listed, overwrite=True) as draft,
            # With a mark, or a spreadsheet would take Japanese names for something else.
            draft.open("w", encoding="utf-8-sig", newline="") as file,
        ):
            writer = csv.writer(file)
            writer.writerow(("path", "reason"))
            writer.writerows((each.path, each.reason) for each in done.broken)
    write(done.corpus, target, overwrite=overwrite)
    if not done.broken:
        listed.unlink(missing_ok=True)  # of an earlier run
    shelf_of(target).clear()


def check_vectors(target: Path, *, overwrite: bool) -> None:
    """Refuse a target for bare vectors, before any long work begins.

    Raises
    ------
    UsageError
        If it is not named `.npy`, or is in the way.
    """
    if target.suffix != ".npy":
        raise UsageError(
            f"{target}: sentences alone make no corpus.",
            hint="Write their vectors to .npy, for --texts of other commands.",
        )
    check_file(target, overwrite=overwrite)


def write_vectors(vectors: F32, target: Path, *, overwrite: bool = False) -> None:
    """Write bare vectors; the parts are no longer needed then.

    Raises
    ------
    UsageError
        If something is in the way, or the disk refuses.
    """
    with new_file(target, overwrite=overwrite) as draft, draft.open("wb") as file:
        np.save(file, vectors, allow_pickle=False)
    shelf_of(target).clear()


def memory_of(listing: Listing, work: Work) -> float:
    """Return about how many bytes `embed_listing` takes beside the encoder's own.

    Vectors and thumbnails lie in memory twice, in parts and put together; pictures in work count
    with their threads.
    """
    rows = len(listing.pictures) + len(listing.captions)
    side = work.thumbnails or 0
    held = 4 * work.encoder.dimension * rows + 3 * side**2 * len(listing.pictures)
    in_work = min(len(listing.pictures), AHEAD * work.workers) * 3 * KEPT_PIXELS
    return 2.0 * held + in_work


def beside(target: Path, ending: str) -> Path:
    """Return the path beside a corpus whose name ends so."""
    return target.with_name(target.name + ending)


def shelf_of(target: Path) -> FolderShelf:
    """Return where the finished parts of a corpus are kept until it is written."""
    return FolderShelf(beside(target, PARTS))


def default_workers() -> int:
    """Return how many threads decode where nobody says."""
    return min(MOST_WORKERS, os.cpu_count() or 1)


def _corpus(
    listing: Listing,
    pictures: Vectors,
    texts: Vectors,
    text_rows: I64,
    place: I64,
    work: Work,
    class_prompt: str | None,
) -> Corpus:
    names = class_names(listing)
    class_texts = None
    if class_prompt is not None and names is not None:
        class_texts = work.encoder.encode_texts([class_prompt.format(name) for name in names])
    chosen = _chooser(pictures.row)
    with_texts = len(text_rows) > 0
    if not with_texts and class_texts is None:
        raise CorpusError(
            f"{listing.path}: no caption of a usable picture is left.",
            hint="See what is broken with --strict.",
        )
    labels = listing.labels
    if labels is not None and isinstance(labels[0], str):
        numbers = {name: number for number, name in enumerate(names or ())}
        labels = tuple(numbers[str(label)] for label in labels)
    return Corpus.from_arrays(
        pictures.vector,
        texts.vector if with_texts else None,
        place[listing.caption_of[text_rows]] if with_texts else None,
        None if labels is None else np.array(chosen(labels), np.int64),
        [listing.captions[row] for row in text_rows.tolist()] if with_texts else None,
        class_texts=class_texts,
        class_names=names,
        pictures=pictures.picture,
        encoder=work.encoder.fingerprint,
        sources=chosen(listing.sources),
        image_ids=chosen(listing.image_ids),
        text_ids=None
        if listing.text_ids is None or not with_texts
        else [listing.text_ids[row] for row in text_rows.tolist()],
    )


def _chooser(rows: I64) -> Callable[[Sequence[Any] | None], list[Any] | None]:
    numbers = rows.tolist()

    def chosen(values: Sequence[Any] | None) -> list[Any] | None:
        return None if values is None else [values[row] for row in numbers]

    return chosen
