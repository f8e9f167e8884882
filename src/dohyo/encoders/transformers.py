"""Models of transformers that have image and text features: CLIP, SigLIP, and their like."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from dohyo.encoders.loading import folder, loading
from dohyo.encoders.runtime import choose_runtime
from dohyo.encoders.tokens import describe_tokenizer
from dohyo.encoders.torch_encoder import TorchEncoder, Towers
from dohyo.errors import UsageError
from dohyo.extras import require

if TYPE_CHECKING:
    from PIL import Image

SETTINGS: Final = (
    "size",
    "crop_size",
    "pad_size",
    "do_resize",
    "do_center_crop",
    "do_rescale",
    "do_normalize",
    "do_pad",
    "do_convert_rgb",
    "rescale_factor",
    "image_mean",
    "image_std",
    "resample",
    "patch_size",
    "max_num_patches",
)
"""Of an image processor, what changes pixels; the rest differs between versions of the library."""

PADDED: Final = ("siglip", "siglip2", "siglip2_vision_model")
"""Model types that were trained on sentences padded to their full length."""


def load_transformers(name: str, device: str, precision: str) -> TorchEncoder:
    """Return an encoder: any model with `get_image_features` and `get_text_features`.

    Parameters
    ----------
    name : a folder of `save_pretrained`, or a name of the model hub
    device, precision : see `load_encoder`

    Raises
    ------
    UsageError
        If there is none of that name, it cannot be had, or the device is not there.
    MissingExtra
        If transformers is not installed.
    """
    library = require("transformers", extra="transformers", needed_by="A transformers encoder")
    runtime = choose_runtime(device, precision)
    full = f"transformers:{name}"
    where = folder(name)
    with loading(full, here=where is not None):
        model = _model(library, where or name, full, local=where is not None)
        processor = library.AutoProcessor.from_pretrained(
            where or name, trust_remote_code=False, local_files_only=where is not None
        )
    model.to(device).eval()
    tokenizer = processor.tokenizer
    options = _text_options(model, tokenizer)

    def images(pictures: "Sequence[Image.Image]") -> Any:
        given = processor(images=list(pictures), return_tensors="pt").to(device)
        return pooled(model.get_image_features(**given))

    def tokens(sentences: Sequence[str]) -> Any:
        return processor(text=list(sentences), return_tensors="pt", **options)

    def texts(sentences: Sequence[str]) -> Any:
        return pooled(model.get_text_features(**tokens(sentences).to(device)))

    described = {
        "library": "transformers",
        "pictures": describe_pictures(processor.image_processor),
        "tokens": describe_tokenizer(tokenizer, lambda probes: tokens(probes)["input_ids"])
        | {"padding": options["padding"]},
    }
    return TorchEncoder(full, Towers(model, texts, images, described), runtime)


def pooled(features: Any) -> Any:
    """Return the tensor (n, d) of what `get_*_features` returns, a tensor before transformers 5."""
    return getattr(features, "pooler_output", features)


def describe_pictures(processor: Any) -> dict[str, Any]:
    """Return the settings of an image processor that change pixels, as JSON can hold them."""
    held = processor.to_dict()
    return {key: _plain(held[key]) for key in SETTINGS if held.get(key) is not None}


def _model(library: Any, source: str, full: str, *, local: bool) -> Any:
    torch = require("torch", extra="transformers", needed_by="A transformers encoder")
    model, report = library.AutoModel.from_pretrained(
        source,
        use_safetensors=True,
        trust_remote_code=False,
        local_files_only=local,
        output_loading_info=True,
        torch_dtype=torch.float32,
    )
    for tower in ("get_image_features", "get_text_features"):
        if not callable(getattr(model, tower, None)):
            raise UsageError(
                f"{full} is a {type(model).__name__}, which has no {tower}.",
                hint="For a model of sentences, say sentence-transformers: before its name.",
            )
    absent = sorted(report["missing_keys"]) + sorted(map(str, report["mismatched_keys"]))
    if absent:  # the library would fill them with random numbers
        raise UsageError(
            f"{full} lacks {len(absent)} of its weights, {absent[0]} first.",
            hint="Save the whole model again.",
        )
    return model


def _text_options(model: Any, tokenizer: Any) -> dict[str, Any]:
    """Cut sentences to what the model has positions for, and pad them as it was trained."""
    text = getattr(model.config, "text_config", model.config)
    positions = getattr(text, "max_position_embeddings", None)
    padding: Any = "max_length" if model.config.model_type in PADDED else True
    longest = min(tokenizer.model_max_length, positions or tokenizer.model_max_length)
    return {"padding": padding, "truncation": True, "max_length": int(longest)}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping) or hasattr(value, "items"):
        return {str(key): _plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, float):
        return value
    # An interpolation may be a number or an enum, by version.
    plain: Callable[[Any], int] = int
    return plain(value)
