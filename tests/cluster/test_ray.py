"""Ray Data against the local engine: the same bytes, whoever dies in the middle."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dohyo.cli.main import status
from dohyo.cluster import apply as cluster_apply
from dohyo.cluster import moments as cluster_moments
from dohyo.cluster.apply import CorrectedColumn, Correction, spread_by_ray
from dohyo.cluster.moments import ray_moments
from dohyo.cluster.ray import cluster
from dohyo.corpus import Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map, load_map
from dohyo.engine.moments import moments
from dohyo.errors import CorpusError, MissingExtra
from dohyo.io.many_files import rewrite_folder

ray = pytest.importorskip("ray", reason="the extra ray is not installed")
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.timeout(240),
    pytest.mark.xdist_group("ray"),
]
FILES, ROWS, DIM = 6, 700, 16


@pytest.fixture(scope="module")
def two_workers():
    with cluster(2):
        yield


def vectors(number):
    rng = np.random.default_rng(number)
    return (rng.normal(size=(ROWS, DIM)) + 1).astype(np.float32)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ray")
    (folder / "lake").mkdir()
    for number in range(FILES):
        flat = pa.FixedSizeListArray.from_arrays(pa.array(vectors(number).ravel()), DIM)
        ids = [f"{number}-{row}" for row in range(ROWS)]
        pq.write_table(pa.table({"id": ids, "vector": flat}), folder / f"lake/{number}.parquet")
    corpus = Corpus.from_arrays(vectors(90), vectors(91) - 2)
    for method in ("whiten", "displacement"):
        fit_map(method, Evidence.of(corpus)).save(folder / method)
    return folder


def content(folder: Path):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.mark.parametrize("method", ["whiten", "displacement"])
def test_a_cluster_writes_the_bytes_of_one_machine(two_workers, lake, method, capfd):
    command = ["apply", str(lake / method), str(lake / "lake"), "--modality", "image", "--json"]
    here, there = lake / f"{method}-here", lake / f"{method}-there"
    assert status([*command[:3], str(here), *command[3:]]) == 0
    capfd.readouterr()
    assert status([*command[:3], str(there), *command[3:], "--engine", "ray", "--quiet"]) == 0
    said = capfd.readouterr()
    assert json.loads(said.out)["rows"] == FILES * ROWS
    assert said.err == ""
    assert content(there) == content(here)


def test_a_cluster_of_ones_own_starts_and_ends_without_a_word(lake):
    command = ["apply", str(lake / "whiten"), str(lake / "lake"), str(lake / "alone")]
    code = """
import sys
from dohyo.cli.main import status
sys.exit(status(sys.argv[1:]))
"""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            code,
            *command,
            "--modality",
            "image",
            "--engine",
            "ray",
            "--threads",
            "2",
            "--quiet",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("", "")
    assert len(content(lake / "alone")) == FILES


def test_a_worker_killed_in_the_middle_changes_nothing(two_workers, lake, monkeypatch):
    marker = lake / "killed"

    class Mortal(cluster_apply.Corrector):
        def __call__(self, row):
            if row["item"].endswith("3.parquet") and not marker.exists():
                marker.touch()
                os.kill(os.getpid(), 9)
            return super().__call__(row)

    monkeypatch.setattr(cluster_apply, "Corrector", Mortal)
    fitted = load_map(lake / "whiten")

    def function(block):
        return fitted.apply(block, "image")

    for name, spread in {
        "one": None,
        "killed-out": spread_by_ray(Correction(folder=lake / "whiten", modality="image")),
    }.items():
        rewrite_folder(lake / "lake", lake / name, function, made_by={}, spread=spread)
    assert marker.exists()
    assert content(lake / "killed-out") == content(lake / "one")


def test_the_work_is_done_by_the_workers(two_workers, lake):
    def refuses(block):
        raise AssertionError("done here")

    spread = spread_by_ray(Correction(folder=lake / "whiten", modality="image"))
    rewrite_folder(lake / "lake", lake / "theirs", refuses, made_by={}, spread=spread)
    assert len(content(lake / "theirs")) == FILES


def test_a_bad_row_on_a_worker_is_named_by_file_row_and_id(two_workers, lake, tmp_path):
    bad = vectors(0)
    bad[5, 1] = np.nan
    (tmp_path / "lake").mkdir()
    flat = pa.FixedSizeListArray.from_arrays(pa.array(bad.ravel()), DIM)
    ids = [f"item-{row}" for row in range(ROWS)]
    pq.write_table(pa.table({"id": ids, "vector": flat}), tmp_path / "lake" / "bad.parquet")
    spread = spread_by_ray(Correction(folder=lake / "whiten", modality="image"))
    with pytest.raises(CorpusError, match=r"bad\.parquet.* row 5 holds NaN .*\(id item-5\)"):
        rewrite_folder(tmp_path / "lake", tmp_path / "o", lambda b: b, made_by={}, spread=spread)
    assert [p.name for p in tmp_path.iterdir()] == ["lake"]


def test_moments_by_workers_are_those_of_one_pass(two_workers, lake):
    found = ray_moments(sorted((lake / "lake").iterdir()))
    wanted = moments(np.concatenate([vectors(number) for number in range(FILES)]))
    assert found.n == wanted.n
    np.testing.assert_allclose(found.mean, wanted.mean, atol=1e-12)
    np.testing.assert_allclose(found.scatter, wanted.scatter, rtol=1e-9, atol=1e-9)


@pytest.fixture(scope="module")
def sides(lake, tmp_path_factory):
    """Folders of images and of texts, and the same rows as one file each."""
    folder = tmp_path_factory.mktemp("sides")
    for kind, way in (("images", 1), ("texts", -2)):
        (folder / kind).mkdir()
        parts = [vectors(number + 40) + way for number in range(3)]
        for number, part in enumerate(parts):
            np.save(folder / kind / f"{number}.npy", part)
        np.save(folder / f"{kind}.npy", np.concatenate(parts))
    return folder


@pytest.mark.parametrize("method", ["center", "standardize", "whiten", "gaussian_ot"])
def test_a_fit_on_a_cluster_is_that_of_one_machine(two_workers, sides, method, capsys):
    told = []
    for engine, suffix in (("local", ".npy"), ("ray", "")):
        out = sides / f"{method}-{engine}"
        files = [str(sides / f"{kind}{suffix}") for kind in ("images", "texts")]
        command = ["align", "--images", files[0], "--texts", files[1], "--method", method]
        assert status([*command, "--engine", engine, "--out", str(out), "--json"]) == 0
        told.append(json.loads(capsys.readouterr().out))
    here, there = (load_map(sides / f"{method}-{engine}") for engine in ("local", "ray"))
    assert here.arrays.keys() == there.arrays.keys()
    for name, array in here.arrays.items():
        largest = float(np.abs(array).max())
        np.testing.assert_allclose(there.arrays[name], array, rtol=0, atol=1e-6 * largest)
    assert told[0]["figures"] == pytest.approx(told[1]["figures"], rel=1e-6)
    rows = vectors(7)
    np.testing.assert_allclose(here.apply(rows, "text"), there.apply(rows, "text"), atol=2e-6)


@pytest.mark.parametrize(
    "words",
    [
        ("--method", "displacement"),
        ("--method", "auto"),
        ("--method", "whiten", "--calibrate"),
        ("--method", "whiten", "--sweep"),
    ],
)
def test_what_needs_single_rows_is_no_work_for_a_cluster(sides, words, capsys):
    files = ("--images", str(sides / "images"), "--texts", str(sides / "texts"))
    out = ("--out", str(sides / "refused"), "--engine", "ray")
    assert status(["align", *files, *words, *out]) == 2
    assert "--engine ray" in capsys.readouterr().err
    assert not (sides / "refused").exists()


def test_sums_survive_a_killed_worker(two_workers, sides, monkeypatch):
    marker, plain = sides / "killed", cluster_moments._summed

    def mortal(file, modality, column):
        if file.name == "1.npy" and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), 9)
        return plain(file, modality, column)

    files = sorted((sides / "images").iterdir())
    wanted = ray_moments(files)
    monkeypatch.setattr(cluster_moments, "_summed", mortal)
    found = ray_moments(files)
    assert marker.exists()
    assert (found.n, found.mean.tolist()) == (wanted.n, wanted.mean.tolist())
    assert (found.scatter == wanted.scatter).all()


def test_files_are_named_as_the_user_did(two_workers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("side").mkdir()
    bad = vectors(0)
    bad[5] = 0
    np.save("side/a.npy", vectors(1))
    np.save("side/b.npy", bad)
    with pytest.raises(CorpusError, match=r"^side/b\.npy row 5 is all zeros"):
        ray_moments(sorted(Path("side").iterdir()))
    np.save("side/b.npy", vectors(1)[:, :5])
    with pytest.raises(CorpusError, match=r"^side/b\.npy has 5 columns, side/a\.npy has 16"):
        ray_moments(sorted(Path("side").iterdir()))


def test_a_pipeline_of_ones_own_corrects_a_column(two_workers, lake):
    read = ray.data.read_parquet(str(lake / "lake" / "0.parquet"))
    moved = read.map_batches(
        CorrectedColumn,
        fn_constructor_args=(str(lake / "whiten"), "image"),
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=1),
    ).take_all()
    got = {row["id"]: row["vector"] for row in moved}
    wanted = load_map(lake / "whiten").apply(vectors(0), "image")
    for row in (0, 1, ROWS - 1):
        np.testing.assert_allclose(got[f"0-{row}"], wanted[row], atol=1e-6)


def test_without_the_extra_the_line_to_type_is_told(lake, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    spread = spread_by_ray(Correction(folder=lake / "whiten", modality="image"))
    with pytest.raises(MissingExtra, match=r'pip install "dohyo\[ray\]"'):
        rewrite_folder(lake / "lake", tmp_path / "o", lambda b: b, made_by={}, spread=spread)
    assert not list(tmp_path.iterdir())


def test_one_file_is_no_work_for_a_cluster(lake, tmp_path, capsys):
    file = str(lake / "lake" / "0.parquet")
    target = str(tmp_path / "o.parquet")
    code = status(
        ["apply", str(lake / "whiten"), file, target, "--modality", "image", "--engine", "ray"]
    )
    assert code == 2
    assert "from a folder of files to a folder" in capsys.readouterr().err
