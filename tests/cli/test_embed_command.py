"""`dohyo embed` as a user meets it: formats, broken pictures, an interruption, refusals."""

import csv
import io
import json
import os
import random
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import dohyo as library
from dohyo.encoders.load import load_encoder

image = pytest.importorskip("PIL.Image", reason="needs Pillow")
pytest.importorskip("onnxruntime", reason="needs onnxruntime")

CAPTIONS = ("赤い星", "a blue moon, green", "two rings")


@pytest.fixture(scope="module")
def drawn():
    from dohyo.demo import build

    return build(load_encoder("shapes-world"), pictures=3, seed=1).pictures


@pytest.fixture
def folder(drawn, tmp_path) -> Path:
    place = tmp_path / "pictures"
    place.mkdir()
    for number, picture in enumerate(drawn):
        picture.save(place / f"{number}.png")
    return place


def table(folder: Path, rows, name="captions.csv", encoding="utf-8"):
    with (folder / name).open("w", newline="", encoding=encoding) as file:
        csv.writer(file).writerows([("path", "caption"), *rows])
    return folder / name


def check(corpus, drawn, captions=CAPTIONS):
    encoder = load_encoder("shapes-world")
    np.testing.assert_allclose(corpus.image, encoder.encode_images(drawn), atol=1e-6)
    np.testing.assert_allclose(corpus.text, encoder.encode_texts(captions), atol=1e-6)
    assert corpus.caption == tuple(captions)
    assert corpus.encoder == encoder.fingerprint
    assert corpus.groups("text").tolist() == [0, 1, 2]


def rows():
    return [(f"{n}.png", text) for n, text in enumerate(CAPTIONS)]


@pytest.mark.parametrize("suffix", [".npz", ".parquet", ".arrow"])
def test_a_folder_with_a_table_of_captions_becomes_a_corpus(dohyo, folder, drawn, suffix, tmp_path):
    table(folder, rows())
    said = dohyo("embed", folder, "--out", f"corpus{suffix}")
    assert said.code == 0, said.err
    check(library.read(tmp_path / f"corpus{suffix}"), drawn)


def test_a_csv_of_paths_and_captions_with_a_byte_order_mark(dohyo, folder, drawn, tmp_path):
    given = table(folder, rows(), "list.csv", "utf-8-sig")
    assert dohyo("embed", given, "--out", "corpus.npz").code == 0
    check(library.read(tmp_path / "corpus.npz"), drawn)


def test_json_lines_with_names_of_their_own(dohyo, folder, drawn, tmp_path):
    lines = [json.dumps({"photo": path, "words": text}) for path, text in rows()]
    (folder / "list.jsonl").write_text("\n".join(lines), encoding="utf-8")
    said = dohyo(
        *("embed", folder / "list.jsonl", "--columns", "path=photo,caption=words"),
        *("--out", "corpus.npz"),
    )
    assert said.code == 0, said.err
    check(library.read(tmp_path / "corpus.npz"), drawn)


def test_a_tar_of_webdataset(dohyo, drawn, tmp_path):
    with tarfile.open(tmp_path / "shard.tar", "w") as tar:
        for number, (picture, text) in enumerate(zip(drawn, CAPTIONS, strict=True)):
            held = io.BytesIO()
            picture.save(held, "PNG")
            for ending, data in (("png", held.getvalue()), ("txt", text.encode())):
                member = tarfile.TarInfo(f"{number:04}.{ending}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    said = dohyo("embed", "shard.tar", "--out", "corpus.npz")
    assert said.code == 0, said.err
    check(library.read(tmp_path / "corpus.npz"), drawn)


@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
def test_a_folder_that_datasets_saved(dohyo, drawn, tmp_path):
    datasets = pytest.importorskip("datasets", reason="needs datasets")
    features = datasets.Features({"image": datasets.Image(), "caption": datasets.Value("string")})
    made = {"image": list(drawn), "caption": list(CAPTIONS)}
    datasets.Dataset.from_dict(made, features=features).save_to_disk(tmp_path / "saved")
    said = dohyo("embed", "saved", "--out", "corpus.npz")
    assert said.code == 0, said.err
    check(library.read(tmp_path / "corpus.npz"), drawn)


def test_parquet_with_pictures_in_it(dohyo, drawn, tmp_path):
    import pyarrow.parquet as pq

    held = []
    for picture in drawn:
        file = io.BytesIO()
        picture.save(file, "PNG")
        held.append({"bytes": file.getvalue(), "path": None})
    pq.write_table(pa.table({"image": held, "caption": list(CAPTIONS)}), tmp_path / "lake.parquet")
    said = dohyo("embed", "lake.parquet", "--out", "corpus.npz")
    assert said.code == 0, said.err
    check(library.read(tmp_path / "corpus.npz"), drawn)


def test_broken_pictures_are_listed_counted_and_left_out_with_their_captions(
    dohyo, folder, drawn, tmp_path
):
    (folder / "1.png").write_bytes((folder / "1.png").read_bytes()[:200])
    table(folder, rows())
    said = dohyo("embed", folder, "--out", "corpus.npz")
    assert said.code == 0
    listed = (tmp_path / "corpus.npz.broken.csv").read_text(encoding="utf-8")
    assert "1.png" in listed
    assert "0.png" not in listed
    corpus = library.read(tmp_path / "corpus.npz")
    assert corpus.caption == (CAPTIONS[0], CAPTIONS[2])
    assert len(corpus.image) == 2


def test_strict_stops_at_a_broken_picture_and_writes_no_corpus(dohyo, folder, tmp_path):
    (folder / "2.png").write_bytes(b"no picture")
    table(folder, rows())
    said = dohyo("embed", folder, "--out", "corpus.npz", "--strict")
    assert said.code == 2
    assert "2.png" in said.err
    assert not (tmp_path / "corpus.npz").exists()


@pytest.mark.parametrize("mode", ["RGBA", "L", "CMYK", "P", "I;16", "1"])
def test_pictures_of_every_mode_become_vectors(dohyo, folder, drawn, mode, tmp_path):
    if mode == "I;16":
        grey = np.asarray(drawn[0].convert("L"), np.uint16) * 257
        image.fromarray(grey).save(folder / "0.tif")
    else:
        drawn[0].convert(mode).save(folder / "0.tif")
    (folder / "0.png").unlink()
    table(folder, [("0.tif", "a"), *rows()[1:]])
    said = dohyo("embed", folder, "--out", "corpus.npz", "--strict")
    assert said.code == 0, said.err
    own = load_encoder("shapes-world").encode_images([drawn[0]])[0]
    near = float(library.read(tmp_path / "corpus.npz").image[0] @ own)
    # RGBA is opaque here and must be the picture itself; grey ones have lost their colours.
    assert near > (0.999 if mode in ("RGBA",) else 0.2)


def test_the_orientation_that_a_camera_wrote_is_applied(dohyo, folder, drawn, tmp_path):
    side = np.asarray(drawn[0])
    marked = image.Exif()
    marked[0x0112] = 6  # to be turned by 90 degrees to be seen upright
    image.fromarray(np.ascontiguousarray(np.rot90(side))).save(
        folder / "0.png", exif=marked.tobytes()
    )
    table(folder, rows())
    assert dohyo("embed", folder, "--out", "corpus.npz").code == 0
    own = load_encoder("shapes-world").encode_images([drawn[0]])[0]
    assert float(library.read(tmp_path / "corpus.npz").image[0] @ own) > 0.999


def test_killed_at_random_moments_it_goes_on_and_ends_with_the_same_bytes(tmp_path, drawn):
    place = tmp_path / "pictures"
    place.mkdir()
    lots = np.random.default_rng(0)
    for number in range(600):
        pixels = lots.integers(0, 256, (96, 96, 3), dtype=np.uint8)
        image.fromarray(pixels).save(place / f"{number:04}.png")
    table(place, [(f"{n:04}.png", f"number {n}") for n in range(600)])
    command = [sys.executable, "-m", "dohyo", "embed", "pictures", "--quiet", "--out"]
    subprocess.run([*command, "whole.npy.npz"], cwd=tmp_path, check=True)
    moments, killed = random.Random(1), 0
    for _ in range(4):
        process = subprocess.Popen([*command, "parts.npz"], cwd=tmp_path, start_new_session=True)
        time.sleep(moments.uniform(0.7, 1.4))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        process.wait()
        if (tmp_path / "parts.npz").exists():
            break
    if not (tmp_path / "parts.npz").exists():
        subprocess.run([*command, "parts.npz"], cwd=tmp_path, check=True)
    assert killed
    whole, parts = library.read(tmp_path / "whole.npy.npz"), library.read(tmp_path / "parts.npz")
    assert whole.fingerprint() == parts.fingerprint()
    assert whole.caption == parts.caption
    assert not [each for each in tmp_path.iterdir() if each.name.endswith(".parts")]


def test_stopped_by_hand_it_says_how_to_go_on_and_goes_on(tmp_path, drawn):
    place = tmp_path / "pictures"
    place.mkdir()
    lots = np.random.default_rng(0)
    for number in range(900):
        pixels = lots.integers(0, 256, (64, 64, 3), dtype=np.uint8)
        image.fromarray(pixels).save(place / f"{number:04}.png", compress_level=1)
    table(place, [(f"{n:04}.png", f"number {n}") for n in range(900)])
    command = [sys.executable, "-m", "dohyo", "embed", "pictures", "--out", "corpus.npz", "--json"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 60
    while not list(tmp_path.glob("corpus.npz.parts/[0-9a-f]*.npz")) and time.monotonic() < until:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "Run the same command again to go on." in told.splitlines()[-1]
    assert "corpus.npz.parts" in told.splitlines()[-1]
    assert "nothing was written" not in told
    assert not (tmp_path / "corpus.npz").exists()
    again = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert json.loads(again.stdout)["kept"] > 0
    assert len(library.read(tmp_path / "corpus.npz").text) == 900


@pytest.mark.parametrize(
    ("made", "part"),
    [
        (lambda place: place / "nowhere", "nowhere"),
        (lambda place: _empty(place), "empty"),
        (lambda place: table(place, [("missing.png", "a")], "list.csv"), "missing.png"),
        (lambda place: table(place, [("0.png", "猫")], "list.csv", "shift_jis"), "UTF-8"),
        (lambda place: table(place, [("../../secret.png", "a")], "list.csv"), "below"),
    ],
)
def test_what_cannot_be_embedded_is_one_sentence(dohyo, folder, made, part, tmp_path):
    said = dohyo("embed", made(folder), "--out", "corpus.npz")
    assert said.code == 2
    assert part in said.err
    assert said.err.count("\n") == 1
    assert not (tmp_path / "corpus.npz").exists()


def _empty(place: Path) -> Path:
    (place / "empty").mkdir()
    return place / "empty"
