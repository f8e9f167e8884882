"""Models of sentence-transformers: of sentences alone, and CLIP models wrapped by it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dohyo.encoders.loading import folder, loading
from dohyo.encoders.runtime import choose_runtime
from dohyo.encoders.tokens import describe_tokenizer
from dohyo.encoders.torch_encoder import TorchEncoder, Towers
from dohyo.encoders.transformers import describe_pictures
from dohyo.errors import UsageError
from dohyo.extras import require

OWN = "sentence_transformers."


def load_sentence_transformers(name: str, device: str, precision: str) -> TorchEncoder:
    """Return an encoder; of a model that knows sentences alone, `modalities` is ("text",).

    Parameters
    ----------
    name : a folder of `SentenceTransformer.save`, or a name of the model hub
    device, precision : see `load_encoder`

    Raises
    ------
    UsageError
        If there is none of that name, it cannot be had, or the device is not there.
    MissingExtra
        If sentence-transformers is not installed.
    """
    library = require(
        "sentence_transformers",
        extra="sentence-transformers",
        needed_by="A sentence-transformers encoder",
    )
    torch = require("torch", extra="sentence-transformers", needed_by="This encoder")
    runtime = choose_runtime(device, precision)
    full = f"sentence-transformers:{name}"
    where = folder(name)
    if where is not None:
        _refuse_foreign_code(Path(where), full)
    with loading(full, here=where is not None):
        model = library.SentenceTransformer(
            where or name,
            device=device,
            trust_remote_code=False,
            local_files_only=where is not None,
            model_kwargs={"use_safetensors": True, "torch_dtype": torch.float32},
        )
    model.eval()

    def encode(things: Sequence[Any]) -> Any:
        return model.encode(
            list(things), batch_size=len(things), show_progress_bar=False, convert_to_tensor=True
        )

    images = encode if _knows_pictures(model) else None
    return TorchEncoder(full, Towers(model, encode, images, _described(model)), runtime)


def _described(model: Any) -> dict[str, Any]:
    """Return what happens before and after the weights, in words that outlive a version."""
    first = model[0]
    held = getattr(model, "tokenizer", None)
    processor = getattr(first, "processor", None)
    pictures = getattr(processor, "image_processor", None)
    return {
        "library": "sentence-transformers",
        "modules": [type(module).__name__ for module in model],
        "longest": model.max_seq_length,
        "prompt": model.prompts.get(model.default_prompt_name or "", ""),
        "columns": getattr(model, "truncate_dim", None),
        "pictures": None if pictures is None else describe_pictures(pictures),
        "tokens": describe_tokenizer(getattr(held, "tokenizer", held)),
    }


def _knows_pictures(model: Any) -> bool:
    own = getattr(model, "modalities", None)  # since 5.4; before it, a CLIP wrapper had a class
    return "image" in own if own is not None else type(model[0]).__name__ == "CLIPModel"


def _refuse_foreign_code(path: Path, full: str) -> None:
    """Before 6.0 the library ran any module that a folder's modules.json names."""
    listed = path / "modules.json"
    if not listed.is_file():
        return
    try:
        kinds = [str(module["type"]) for module in json.loads(listed.read_bytes())]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{full}: modules.json is damaged.", hint="Save it again.") from error
    foreign = [kind for kind in kinds if not kind.startswith(OWN)]
    if foreign:
        raise UsageError(
            f"{full} brings code of its own, {foreign[0]}, which dohyo does not run.",
            hint="Load it in Python and give dohyo the object: see docs/encoders.md.",
        )
