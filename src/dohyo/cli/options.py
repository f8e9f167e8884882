"""Options that several commands share, each group declared once."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from dohyo.corpus import Corpus
from dohyo.errors import UsageError
from dohyo.io.npy import read_parts
from dohyo.io.read import read
from dohyo.words import Language, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the corpus comes from: one file, or one file for each part."""

    source: Annotated[
        Path | None,
        typer.Argument(metavar="SOURCE", help="The corpus, e.g. corpus.npz.", show_default=False),
    ] = None
    images: Annotated[Path | None, typer.Option(help="Image vectors (n, d), .npy.")] = None
    texts: Annotated[Path | None, typer.Option(help="Text vectors (m, d), .npy.")] = None
    text_to_image: Annotated[
        Path | None, typer.Option(help="Row of the image for each text (m,), .npy.")
    ] = None
    labels: Annotated[Path | None, typer.Option(help="Class of each image (n,), .npy.")] = None
    captions: Annotated[Path | None, typer.Option(help="One line for each text.")] = None
    class_texts: Annotated[Path | None, typer.Option(help="Class prompts (k, d), .npy.")] = None
    class_names: Annotated[Path | None, typer.Option(help="One line for each class.")] = None
    unpaired: Annotated[
        bool, typer.Option("--unpaired", help="No text belongs to any particular image.")
    ] = False

    def read(self) -> Corpus:
        """Read the corpus.

        Raises
        ------
        UsageError
            If neither or both of SOURCE and --images/--texts are given.
        CorpusError
            If the data cannot be used.
        """
        parts = {
            name: getattr(self, name)
            for name in ("text_to_image", "labels", "captions", "class_texts", "class_names")
        }
        if self.source is not None:
            given = [n for n in ("images", "texts", *parts) if getattr(self, n) is not None]
            if given:
                option = given[0].replace("_", "-")
                raise UsageError(
                    f"{self.source} and --{option} cannot be combined.",
                    hint="Give one corpus file, or --images and --texts with their parts.",
                )
            return read(self.source, unpaired=self.unpaired)
        if self.images is None or self.texts is None:
            raise UsageError(
                "There is no corpus.", hint="Name a file, or give both --images and --texts."
            )
        return read_parts(self.images, self.texts, unpaired=self.unpaired, **parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What every command understands."""

    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 0
    json: Annotated[
        bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")
    ] = False
    lang: Annotated[Language, typer.Option(help="Language of sentences.")] = "en"
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")] = False
    memory: Annotated[
        str | None, typer.Option(help="Refuse work that would not fit, e.g. 4GiB.")
    ] = None
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Threads of the matrix products.", show_default="cores − 1"),
    ] = None

    @property
    def words(self) -> Words:
        """The sentences of the chosen language."""
        return Words(self.lang)


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take option groups: their fields become its options.

    Typer reads a function's signature; this one shows the fields in place of each parameter
    whose type is an option group, and puts the groups together again when called.
    """
    hints = get_type_hints(command, include_extras=True)
    groups = {name: hint for name, hint in hints.items() if hint in (Source, Common)}
    signature = inspect.signature(command)
    shown = []
    for name, parameter in signature.parameters.items():
        if name in groups:
            kinds = get_type_hints(groups[name], include_extras=True)
            shown += [
                inspect.Parameter(
                    field.name,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=field.default,
                    annotation=kinds[field.name],
                )
                for field in fields(groups[name])
            ]
        else:
            shown.append(
                parameter.replace(
                    kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints.get(name, Any)
                )
            )

    @functools.wraps(command)
    def call(**values: Any) -> None:
        for name, group in groups.items():
            values[name] = group(**{f.name: values.pop(f.name) for f in fields(group)})
        command(**values)

    call.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
    call.__annotations__ = {p.name: p.annotation for p in shown}
    return call
