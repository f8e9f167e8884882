"""dohyo embed"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from dohyo.cli.options import Common, Encoding, meanings
from dohyo.cli.session import Session, session
from dohyo.embedding.embed import (
    BROKEN,
    PARTS,
    THUMBNAIL,
    Embedded,
    beside,
    check_listing,
    check_out,
    check_vectors,
    default_workers,
    embed_lines,
    embed_listing,
    memory_of,
    shelf_of,
    write_embedded,
    write_vectors,
)
from dohyo.embedding.encoding import Work
from dohyo.embedding.listing import Asked
from dohyo.embedding.sources.registry import open_source
from dohyo.errors import Interrupted

LINES = ".txt"


def embed(
    *,
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE",
            help="A folder of pictures; .csv, .tsv, .jsonl with paths and captions; .tar "
            "(WebDataset); a dataset's folder, .parquet, .arrow with pictures; .txt of sentences.",
        ),
    ],
    encoding: Encoding,
    out: Annotated[
        Path, typer.Option(help="The corpus: .npz, .parquet, .arrow …; for a .txt: .npy.")
    ],
    columns: Annotated[
        str | None,
        typer.Option(help="Columns of a table by meaning, e.g. path=photo,caption=title+body."),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(help="Folder below which all pictures lie.", show_default="the table's"),
    ] = None,
    labels: Annotated[
        bool | None,
        typer.Option(
            "--labels/--no-labels",
            help="Sub-folders are classes.",
            show_default="where it is obvious",
        ),
    ] = None,
    class_prompt: Annotated[
        str | None,
        typer.Option(help='Embed the classes too, e.g. "a photo of a {}"; .npz alone holds them.'),
    ] = None,
    thumbnails: Annotated[
        bool,
        typer.Option("--thumbnails", help="Keep small pictures for the report; .npz alone does."),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first broken picture.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Threads that decode pictures.", show_default="cores, at most 8"),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT.")] = False,
    common: Common,
) -> None:
    """Turn pictures and captions into a corpus; an interrupted run goes on where it was.

    Example: dohyo embed pictures --encoder open_clip:ViT-B-32/laion2b_s34b_b79k --out corpus.npz
    """
    lines = source.suffix.lower() == LINES and not source.is_dir()
    asked = Asked(columns=meanings(columns) or {}, root=root, labels=labels)
    with session(common) as s:
        if lines:
            check_vectors(out, overwrite=overwrite)
        else:
            check_out(out, overwrite=overwrite, tables=not (thumbnails or class_prompt))
            listing = open_source(source, asked)
            for note in listing.notes:
                s.tell(common.words(f"embed.{note.key}", **_escaped(note.values)))
            check_listing(listing, class_prompt)
        work = Work(
            encoder=encoding.load(threads=common.threads or 0),
            shelf=shelf_of(out),
            setting=encoding.precision,
            thumbnails=THUMBNAIL if thumbnails else None,
            strict=strict,
            workers=workers or default_workers(),
        )
        if lines:
            _lines(s, source, work, out, overwrite=overwrite)
            return
        s.allows(memory_of(listing, work))
        with _interruptible(out):
            done = embed_listing(listing, work, class_prompt=class_prompt, progress=s.progress)
            write_embedded(done, out, overwrite=overwrite)
    _tell(s, done, out, work)


@contextmanager
def _interruptible(out: Path) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        raise Interrupted(
            f"Interrupted; what is finished is kept in {beside(out, PARTS)}.",
            hint="Run the same command again to go on.",
        ) from error


def _lines(s: Session, source: Path, work: Work, out: Path, *, overwrite: bool) -> None:
    """Write the vectors of a list of sentences, a row for each line."""
    with _interruptible(out):
        vectors, kept = embed_lines(source, work, progress=s.progress)
    write_vectors(vectors, out, overwrite=overwrite)
    _tell_kept(s, kept)
    s.tell(s.common.words("embed.lines_done", texts=len(vectors), dim=vectors.shape[1], out=out))
    s.answer(
        {
            "texts": len(vectors),
            "dim": vectors.shape[1],
            "encoder": work.encoder.fingerprint,
            "kept": kept,
            "out": str(out),
        }
    )


def _tell_kept(s: Session, kept: int) -> None:
    if kept:
        s.tell(s.common.words("embed.kept", count=kept))


def _tell(s: Session, done: Embedded, out: Path, work: Work) -> None:
    words, corpus = s.common.words, done.corpus
    _tell_kept(s, done.kept)
    broken = beside(out, BROKEN)
    if done.broken:
        s.tell(words("embed.broken", count=len(done.broken), list=escape(str(broken))))
    if done.orphans:
        s.tell(words("embed.orphans", count=done.orphans))
    counts = {"images": len(corpus.image), "texts": len(corpus.text), "dim": corpus.dim}
    s.tell(words("embed.done", **counts, out=escape(str(out))))
    s.answer(
        counts
        | {
            "encoder": work.encoder.fingerprint,
            "classes": None if corpus.class_name is None else len(corpus.class_name),
            "broken": len(done.broken),
            "broken_list": str(broken) if done.broken else None,
            "captions_left_out": done.orphans,
            "kept": done.kept,
            "notes": [{"what": note.key, **note.values} for note in done.notes],
            "out": str(out),
        }
    )


def _escaped(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return figures for a sentence; names of others' files are no markup."""
    return {k: escape(v) if isinstance(v, str) else v for k, v in values.items()}
