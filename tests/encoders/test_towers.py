"""SigLIP, both classes of open_clip, wrapped CLIP; batches, precision, fingerprints, safe files."""

import json
import shutil
from importlib import import_module

import numpy as np
import pytest
from tests.encoders.conftest import torch_library

from dohyo.encoders.fingerprint import answers
from dohyo.encoders.load import load_encoder
from dohyo.encoders.protocol import modalities_of
from dohyo.encoders.runtime import Runtime, in_batches
from dohyo.errors import UsageError

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*SwigPy.*:DeprecationWarning"),
    # The name that versions 4 to 6 all know.
    pytest.mark.filterwarnings(
        "ignore:Importing from 'sentence_transformers.models':DeprecationWarning"
    ),
]

OUT_OF_MEMORY = "CUDA out of memory. Tried to allocate 2 GiB"


def close(found, given):
    """Vectors of 32 columns are some ten long: a millionth of that."""
    np.testing.assert_allclose(found, given, rtol=1e-4, atol=1e-4)


def test_siglip_pads_sentences_to_their_full_length(siglip_folder, pictures, sentences):
    library, torch = torch_library("transformers"), import_module("torch")
    encoder = load_encoder(f"transformers:{siglip_folder}")
    model = library.AutoModel.from_pretrained(siglip_folder).eval()
    processor = library.AutoProcessor.from_pretrained(siglip_folder)
    full = {"padding": "max_length", "truncation": True, "max_length": 10}
    with torch.inference_mode():
        image = model.get_image_features(**processor(images=pictures, return_tensors="pt"))
        text = model.get_text_features(**processor(text=sentences, return_tensors="pt", **full))
    image, text = (getattr(each, "pooler_output", each).numpy() for each in (image, text))
    close(encoder.encode_images(pictures), image)
    close(encoder.encode_texts(sentences), text)
    close(encoder.encode_texts(sentences[:1]), text[:1])  # where nothing longer is beside it


def test_a_folder_of_open_clip_gives_what_the_library_gives(open_clip_folder, pictures, sentences):
    library, torch = torch_library("open_clip"), import_module("torch")
    encoder = load_encoder(f"open_clip:{open_clip_folder}")
    name = f"local-dir:{open_clip_folder}"
    model, preprocess = library.create_model_from_pretrained(name)
    with torch.inference_mode():
        image = model.eval().encode_image(torch.stack([preprocess(each) for each in pictures]))
        text = model.encode_text(library.get_tokenizer(name)(sentences))
    close(encoder.encode_images(pictures), image.numpy())
    close(encoder.encode_texts(sentences), text.numpy())


def test_a_wrapped_clip_model_encodes_both_kinds_as_the_library_does(
    wrapped_clip_folder, clip_folder, pictures, sentences
):
    library = torch_library("sentence_transformers")
    encoder = load_encoder(f"sentence-transformers:{wrapped_clip_folder}")
    model = library.SentenceTransformer(str(wrapped_clip_folder), device="cpu")
    assert modalities_of(encoder) == ("image", "text")
    close(encoder.encode_images(pictures), model.encode(pictures))
    close(encoder.encode_texts(sentences), model.encode(sentences))
    close(
        encoder.encode_images(pictures),
        load_encoder(f"transformers:{clip_folder}").encode_images(pictures),
    )


def test_a_text_model_says_that_it_knows_sentences_alone(minilm_folder):
    assert modalities_of(load_encoder(f"sentence-transformers:{minilm_folder}")) == ("text",)


def test_the_same_input_gives_the_same_bytes_and_nothing_gives_no_rows(clip_folder, pictures):
    encoder = load_encoder(f"transformers:{clip_folder}")
    again = load_encoder(f"transformers:{clip_folder}")
    assert encoder.encode_images(pictures).tobytes() == again.encode_images(pictures).tobytes()
    assert encoder.encode_images([]).shape == encoder.encode_texts([]).shape == (0, 24)


def test_odd_pictures_become_rgb_on_white(clip_folder):
    pillow = pytest.importorskip("PIL.Image")
    encoder = load_encoder(f"transformers:{clip_folder}")
    white = encoder.encode_images([pillow.new("RGB", (40, 40), "white")])
    odd = [pillow.new("RGBA", (40, 40), (255, 0, 0, 0)), pillow.new("L", (40, 40), 255),
           pillow.new("CMYK", (40, 40), (0, 0, 0, 0))]  # fmt: skip
    close(encoder.encode_images(odd), white.repeat(3, axis=0))


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_low_precision_stays_near_keeps_the_fingerprint_and_comes_out_wide(
    clip_folder, sentences, precision
):
    exact = load_encoder(f"transformers:{clip_folder}")
    low = load_encoder(f"transformers:{clip_folder}", precision=precision)
    one, other = exact.encode_texts(sentences), low.encode_texts(sentences)
    assert other.dtype == np.float32
    assert (one != other).any()
    cosine = np.sum(one * other, 1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    assert cosine.min() > 0.999
    assert low.fingerprint == exact.fingerprint


def test_batches_are_halved_until_the_device_has_the_memory():
    torch, sizes = import_module("torch"), []

    def encode(items):
        sizes.append(len(items))
        if len(items) > 100:
            raise RuntimeError(OUT_OF_MEMORY)
        return torch.tensor([[float(each)] for each in items])

    rows = in_batches(encode, list(range(300)), 1, Runtime("cuda", "float32"))
    assert rows[:, 0].tolist() == list(range(300))
    assert sizes == [256, 128, 64, 64, 64, 64, 44]


def test_a_device_without_memory_for_one_item_is_one_sentence():
    def encode(items):
        raise RuntimeError(OUT_OF_MEMORY)

    with pytest.raises(UsageError, match=r"^cuda has too little memory free"):
        in_batches(encode, ["a", "b"], 1, Runtime("cuda", "float32"))


def test_another_error_of_the_device_is_not_taken_for_lack_of_memory():
    def encode(items):
        raise RuntimeError("device-side assert")

    with pytest.raises(RuntimeError, match="device-side assert"):
        in_batches(encode, ["a"], 1, Runtime("cuda", "float32"))


def test_an_overflow_is_told_not_stored():
    torch = import_module("torch")
    with pytest.raises(UsageError, match="overflows in float16"):
        in_batches(lambda _: torch.tensor([[np.inf]]), ["a"], 1, Runtime("cpu", "float16"))


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [("text_config", "hidden_act", "relu"), ("vision_config", "num_attention_heads", 4)],
)
def test_probes_notice_what_is_neither_weight_nor_preprocessing(
    clip_folder, tmp_path, part, key, value
):
    changed = tmp_path / "changed"
    shutil.copytree(clip_folder, changed)
    config = json.loads((changed / "config.json").read_text())
    config[part][key] = value
    (changed / "config.json").write_text(json.dumps(config))
    before, after = (load_encoder(f"transformers:{f}").fingerprint for f in (clip_folder, changed))
    assert before != after


def test_another_tokenizer_of_the_same_weights_is_another_encoder(clip_folder, tmp_path):
    changed = tmp_path / "changed"
    shutil.copytree(clip_folder, changed)
    words = json.loads((changed / "tokenizer.json").read_text())
    vocabulary = words["model"]["vocab"]
    vocabulary["moons"], vocabulary["blue"] = vocabulary["blue"], vocabulary["moons"]
    (changed / "tokenizer.json").write_text(json.dumps(words))
    before, after = (load_encoder(f"transformers:{f}").fingerprint for f in (clip_folder, changed))
    assert before != after


def test_a_fingerprint_does_not_know_the_folder(open_clip_folder, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.copytree(open_clip_folder, moved)
    here, there = (load_encoder(f"open_clip:{f}").fingerprint for f in (open_clip_folder, moved))
    assert here == there
    assert len(here) == 64


def test_the_noise_of_another_machine_does_not_change_the_answers():
    rng = np.random.default_rng(0)
    changed = 0
    for _ in range(200):
        rows = rng.normal(size=(10, 64)).astype(np.float32)
        noise = rng.normal(size=rows.shape).astype(np.float32) * 1e-6
        changed += answers(rows) != answers(rows + noise)
    assert changed <= 4
    assert answers(rows) != answers(rows * 1.3)


def test_a_pickle_that_wants_to_run_code_is_refused(tmp_path):
    torch_library("open_clip")
    torch = import_module("torch")
    ran = tmp_path / "ran"

    class Bomb:
        def __reduce__(self):
            return (type(ran).touch, (ran,))

    torch.save({"state_dict": Bomb()}, tmp_path / "bomb.pt")
    with pytest.raises(UsageError, match="runs no code from a checkpoint"):
        load_encoder(f"open_clip:ViT-S-32-alt/{tmp_path / 'bomb.pt'}")
    assert not ran.exists()


def test_weights_that_are_no_safetensors_are_refused(clip_folder, tmp_path):
    unsafe = tmp_path / "unsafe"
    shutil.copytree(clip_folder, unsafe)
    load = import_module("safetensors.torch").load_file
    import_module("torch").save(load(unsafe / "model.safetensors"), unsafe / "pytorch_model.bin")
    (unsafe / "model.safetensors").unlink()
    with pytest.raises(UsageError, match="save the model as safetensors"):
        load_encoder(f"transformers:{unsafe}")


def test_a_model_that_lacks_weights_is_not_filled_with_random_ones(clip_folder, tmp_path):
    safetensors = import_module("safetensors.torch")
    part = tmp_path / "part"
    shutil.copytree(clip_folder, part)
    held = safetensors.load_file(part / "model.safetensors")
    del held["visual_projection.weight"]
    safetensors.save_file(held, part / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UsageError, match="lacks 1 of its weights, visual_projection"):
        load_encoder(f"transformers:{part}")


def test_code_that_a_folder_brings_along_is_not_run(minilm_folder, tmp_path):
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    module = {"idx": 0, "name": "0", "path": "", "type": "own_module.Thing"}
    (foreign / "modules.json").write_text(json.dumps([module]))
    with pytest.raises(UsageError, match=r"brings code of its own, own_module\.Thing"):
        load_encoder(f"sentence-transformers:{foreign}")


@pytest.mark.parametrize("device", ["gpu", "cpu:0", "cuda:x", "mps:1"])
def test_a_device_of_no_kind_is_refused(clip_folder, device):
    with pytest.raises(UsageError, match="There is no device"):
        load_encoder(f"transformers:{clip_folder}", device=device)


def test_a_sentence_model_asked_of_transformers_is_sent_to_the_right_library(minilm_folder):
    with pytest.raises(UsageError, match="say sentence-transformers: before its name"):
        load_encoder(f"transformers:{minilm_folder}")
