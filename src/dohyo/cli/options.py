"""Options that several commands share, each group declared once."""

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import typer

from dohyo.corpus import Corpus
from dohyo.decision.policy import Policy
from dohyo.decision.policy_file import read_policy
from dohyo.encoders.load import load_encoder
from dohyo.encoders.protocol import Encoder
from dohyo.errors import UsageError
from dohyo.io.column_roles import Columns
from dohyo.io.judgements import read_judgements
from dohyo.io.npy import read_parts
from dohyo.io.read import read
from dohyo.judgements import Judgements
from dohyo.stores.protocol import Fields, Store
from dohyo.stores.registry import TIMEOUT, open_store
from dohyo.words import Language, Words

Engine = Literal["local", "ray"]

CostFile = Annotated[
    Path | None,
    typer.Option("--costs", help="Your assumptions, to turn the change into money (dohyo costs)."),
]

TableColumns = Annotated[
    str | None,
    typer.Option("--columns", help="Columns of a table by meaning, e.g. image=a,text=b."),
]

STATE = Path("dohyo-state")
"""Folder of roll-outs, tokens, maps and watches, where nobody names another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the corpus comes from: one file, or one file for each part."""

    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="SOURCE",
            help="The corpus, e.g. corpus.npz, .parquet, .arrow, a dataset's folder.",
            show_default=False,
        ),
    ] = None
    images: Annotated[Path | None, typer.Option(help="Image vectors (n, d), .npy.")] = None
    texts: Annotated[
        Path | None,
        typer.Option(help="Text vectors (m, d), .npy; with --unpaired, to add to class texts."),
    ] = None
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
    columns: TableColumns = None

    def read(
        self, told: Callable[[Columns], None] | None = None, scratch: Path | None = None
    ) -> Corpus:
        """Read the corpus.

        Parameters
        ----------
        told : called with what the columns of a table were taken to mean
        scratch : a folder whose disk holds the vectors of a file, in place of memory

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
            given = [n for n in ("images", *parts) if getattr(self, n) is not None]
            if given:
                option = given[0].replace("_", "-")
                raise UsageError(
                    f"{self.source} and --{option} cannot be combined.",
                    hint="Give one corpus file, or --images and --texts with their parts.",
                )
            return read(
                self.source,
                unpaired=self.unpaired,
                texts=self.texts,
                columns=meanings(self.columns),
                told=told,
                scratch=scratch,
            )
        if self.columns is not None:
            raise UsageError("--columns without SOURCE names no table.", hint="Name the table.")
        if self.images is None or (self.texts is None and self.class_texts is None):
            raise UsageError(
                "There is no corpus.", hint="Name a file, or give both --images and --texts."
            )
        return read_parts(self.images, self.texts, unpaired=self.unpaired, **parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The parameters of a named method."""

    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="A parameter of the method, e.g. --set shrinkage=0.7."),
    ] = None
    calibrate: Annotated[
        bool,
        typer.Option("--calibrate", help="Also make scores of both kinds comparable (one column)."),
    ] = False
    hubs: Annotated[
        float | None,
        typer.Option(help="Also hold back items near everything, 0 to 1, e.g. 0.5 (3 columns)."),
    ] = None

    def parameters(self) -> dict[str, float]:
        """Return the parameters by name.

        Raises
        ------
        UsageError
            If one is not written as name=number.
        """
        chosen = dict(_parameter(text) for text in self.set_ or ())
        if self.calibrate:
            chosen["calibrate"] = 1.0
        if self.hubs is not None:
            chosen["hubs"] = self.hubs
        return chosen


def meanings(text: str | None) -> dict[str, str] | None:
    """Return columns by meaning from what `--columns` says, None where it says nothing.

    Raises
    ------
    UsageError
        If it is not written as meaning=column,meaning=column.
    """
    if text is None:
        return None
    chosen: dict[str, str] = {}
    for part in text.split(","):
        role, equals, name = part.partition("=")
        if not equals or not role.strip() or role.strip() in chosen:
            raise UsageError(
                f"--columns {text} is not readable.", hint="Write image=img_emb,text=txt_emb."
            )
        chosen[role.strip()] = name.strip()
    return chosen


def _parameter(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    try:
        if equals:
            return name.strip(), float(value)
    except ValueError:
        pass
    raise UsageError(f"--set {text} is not a parameter.", hint="Write it like shrinkage=0.7.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """What `auto` chooses for, and by what."""

    growing: Annotated[
        float | None,
        typer.Option(
            help="Share (0 to 1) of the searches that will hit items added later.",
            show_default="0.5",
        ),
    ] = None
    static: Annotated[
        bool, typer.Option("--static", help="Nothing will be added (--growing 0).")
    ] = False
    pairs_from: Annotated[
        Path | None,
        typer.Option(help="For auto without pairs: known pairs of the same encoder to judge by."),
    ] = None
    pairs_columns: Annotated[
        str | None, typer.Option(help="As --columns, of the table that --pairs-from names.")
    ] = None
    judgements: Annotated[
        Path | None,
        typer.Option(help="Judged queries to decide by: TREC qrels, or .csv (query, item, grade)."),
    ] = None
    queries: Annotated[
        Path | None,
        typer.Option(help="Vectors of judged queries that are not in the corpus, .npz."),
    ] = None
    policy: Annotated[
        Path | None, typer.Option(help="Tolerances, .toml; see dohyo policy --init.")
    ] = None
    keep_dimension: Annotated[
        bool,
        typer.Option("--keep-dimension", help="Let auto add no columns to the vectors."),
    ] = False

    def share(self) -> float | None:
        """Return the share of growth, None where none was given.

        Raises
        ------
        UsageError
            If both options are given.
        """
        if not self.static:
            return self.growing
        if self.growing is not None:
            raise UsageError("--growing and --static exclude each other.", hint="Choose one.")
        return 0.0

    def pairs(self) -> Corpus | None:
        """Read the known pairs, if any were named.

        Raises
        ------
        UsageError
            If columns are named of no table.
        CorpusError
            If the data cannot be used.
        """
        if self.pairs_from is not None:
            return read(self.pairs_from, columns=meanings(self.pairs_columns))
        if self.pairs_columns is not None:
            raise UsageError(
                "--pairs-columns without --pairs-from names no table.", hint="Name the table."
            )
        return None

    def judged(self) -> Judgements | None:
        """Read the judgements and their queries, if any were named.

        Raises
        ------
        UsageError
            If there are queries without judgements.
        CorpusError
            If a file cannot be used.
        """
        if self.judgements is not None:
            return read_judgements(self.judgements, queries=self.queries)
        if self.queries is not None:
            raise UsageError(
                "--queries without --judgements ask nothing.",
                hint="Say with --judgements which items answer them.",
            )
        return None

    def rules(self) -> Policy | None:
        """Read the policy, if one was named."""
        return None if self.policy is None else read_policy(self.policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """Which encoder turns pictures and sentences into vectors."""

    encoder: Annotated[
        str,
        typer.Option(
            help="shapes-world, open_clip:ARCHITECTURE/WEIGHTS, transformers:NAME or "
            "sentence-transformers:NAME; NAME may be a folder.",
        ),
    ] = "shapes-world"
    device: Annotated[str, typer.Option(help="cpu, cuda or mps.")] = "cpu"
    precision: Annotated[
        Literal["float32", "float16", "bfloat16"], typer.Option(help="Of the encoder's arithmetic.")
    ] = "float32"

    def load(self, *, threads: int = 0) -> Encoder:
        """Return the encoder.

        Raises
        ------
        UsageError
            If there is none of that name, or it cannot be loaded.
        MissingExtra
            If its library is not installed.
        """
        return load_encoder(
            self.encoder, device=self.device, precision=self.precision, threads=threads
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAddress:
    """How to reach a vector database, and the names of the fields that its rows have."""

    id_field: Annotated[str | None, typer.Option(help="Field of the key.")] = None
    vector_field: Annotated[str | None, typer.Option(help="Field of the vector.")] = None
    modality_field: Annotated[
        str | None, typer.Option(help="Field that says image or text.", show_default="modality")
    ] = None
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one answer.")] = TIMEOUT

    def open(self, url: str) -> AbstractContextManager[Store]:
        """Open a store for the length of a block; see `dohyo.stores.registry.open_store`."""
        fields = Fields(id=self.id_field, vector=self.vector_field)
        return open_store(url, fields=fields, timeout=self.timeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimating:
    """Whether only the cost is asked for, and what an hour of the machine costs."""

    estimate: Annotated[
        bool,
        typer.Option("--estimate", help="Do nothing; say what time, memory and disk it takes."),
    ] = False
    hourly_price: Annotated[
        float, typer.Option(min=0, help="Price of an hour of this machine, for --estimate.")
    ] = 0.1
    currency: Annotated[str, typer.Option(help="Of --hourly-price.")] = "USD"


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
    """Let a command take option groups, which are dataclasses: their fields become its options.

    Typer reads a function's signature; this one shows the fields in place of each parameter
    whose type is an option group, and puts the groups together again when called.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: hint for name, hint in hints.items() if is_dataclass(hint)}
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
