"""Models of open_clip: `open_clip:ViT-B-32/laion2b_s34b_b79k`, or a folder, or a checkpoint."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dohyo.encoders.loading import folder, loading
from dohyo.encoders.runtime import choose_runtime
from dohyo.encoders.tokens import describe_tokenizer
from dohyo.encoders.torch_encoder import TorchEncoder, Towers
from dohyo.errors import UsageError
from dohyo.extras import require

if TYPE_CHECKING:
    from PIL import Image

HUB, FOLDER = "hf-hub:", "local-dir:"


def load_open_clip(name: str, device: str, precision: str) -> TorchEncoder:
    """Return an encoder.

    Parameters
    ----------
    name : `ARCHITECTURE/TAG` or `ARCHITECTURE/CHECKPOINT`, a file; `hf-hub:NAME`; a folder with
        open_clip_config.json, with or without `local-dir:` before it
    device, precision : see `load_encoder`

    Raises
    ------
    UsageError
        If there is none of that name, it cannot be had, or the device is not there.
    MissingExtra
        If open_clip is not installed.
    """
    library = require("open_clip", extra="open-clip", needed_by="An open_clip encoder")
    runtime = choose_runtime(device, precision)
    full = f"open_clip:{name}"
    model_name, weights = _parts(library, name)
    here = model_name.startswith(FOLDER) or Path(weights or "").is_file()
    with loading(full, here=here):
        model, preprocess = library.create_model_from_pretrained(
            model_name, pretrained=weights, precision="fp32", device=device, weights_only=True
        )
        tokenizer = library.get_tokenizer(model_name)
    model.eval()

    def images(pictures: "Sequence[Image.Image]") -> Any:
        torch = require("torch", extra="open-clip", needed_by=full)
        pixels = torch.stack([preprocess(picture) for picture in pictures])
        return model.encode_image(pixels.to(device))

    def texts(sentences: Sequence[str]) -> Any:
        return model.encode_text(tokenizer(list(sentences)).to(device))

    inner = getattr(tokenizer, "tokenizer", tokenizer)
    described = {
        "library": "open_clip",
        "pictures": {key: _plain(value) for key, value in model.visual.preprocess_cfg.items()},
        "tokens": describe_tokenizer(inner, lambda probes: tokenizer(list(probes)).tolist()),
    }
    return TorchEncoder(full, Towers(model, texts, images, described), runtime)


def _parts(library: Any, name: str) -> tuple[str, str | None]:
    """Return what open_clip calls the model and its pretrained weights."""
    if name.startswith(HUB):
        return name, None
    path = name.removeprefix(FOLDER)
    if name.startswith(FOLDER) or Path(path).expanduser().is_dir():
        return FOLDER + _folder(path), None
    known = set(library.list_models())
    cut = next((at for at in _slashes(name) if name[:at].replace("/", "-") in known), None)
    if cut is None and name.replace("/", "-") in known:
        raise UsageError(
            f"open_clip:{name} names no weights.",
            hint=f"Say open_clip:{name}/TAG, TAG one of: {_tags(library, name)}.",
        )
    if cut is None:
        raise UsageError(
            f"open_clip has no architecture {name.partition('/')[0]!r}, and no folder is named so.",
            hint="See open_clip.list_pretrained() for what there is, for example "
            "open_clip:ViT-B-32/laion2b_s34b_b79k.",
        )
    architecture, weights = name[:cut].replace("/", "-"), name[cut + 1 :]
    if library.get_pretrained_cfg(architecture, weights):
        return architecture, weights
    file = Path(weights).expanduser()
    if not file.is_file():
        raise UsageError(
            f"open_clip has no weights {weights!r} for {architecture}, and no file is named so.",
            hint=f"There are: {_tags(library, architecture)}.",
        )
    return architecture, str(file)


def _folder(path: str) -> str:
    found = folder(path)
    if found is None or not (Path(found) / "open_clip_config.json").is_file():
        raise UsageError(
            f"{path} holds no model of open_clip.", hint="Name a folder with open_clip_config.json."
        )
    return found


def _slashes(name: str) -> list[int]:
    return [at for at, sign in enumerate(name) if sign == "/"]


def _tags(library: Any, architecture: str) -> str:
    return ", ".join(library.list_pretrained_tags_by_model(architecture)) or "none, only files"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, (tuple, list)) else value
