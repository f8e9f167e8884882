"""What every room's tests share: one thread for BLAS, one profile for hypothesis, real sets."""

import os

# Two workers with a BLAS pool each spin against one another on two cores; NumPy reads this once,
# when it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))  # for `worlds`: importlib mode adds no path

from dohyo.corpus import Corpus
from dohyo.extras import WITH_TORCHVISION, make_torchvision_importable
from dohyo.io.read import read


class _BeforeTorchvision:
    """Tests import packages that import torchvision; it may need help (see `dohyo.extras`)."""

    def find_spec(self, name, path=None, target=None):
        if name in WITH_TORCHVISION:
            sys.meta_path.remove(self)
            make_torchvision_importable()


sys.meta_path.insert(0, _BeforeTorchvision())

EMBEDDINGS = Path(__file__).parents[1].parent / "shared" / "data" / "embeddings"

# A shared core can stall any example; a suite that draws anew each time fails on somebody else.
settings.register_profile("dohyo", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("dohyo")


def _embedded(name: str) -> Corpus:
    path = EMBEDDINGS / f"{name}.npz"
    if not path.is_file():
        pytest.skip(f"{name}: no {path}")
    with np.load(path, allow_pickle=False) as held:
        return Corpus.from_arrays(held["image"], held["text"], held.get("text_to_image"))


@pytest.fixture(scope="session")
def coco500() -> Corpus:
    """CLIP on 500 pairs of COCO: a real gap worth closing."""
    return _embedded("coco500")


@pytest.fixture(scope="session")
def coco500_untrained() -> Corpus:
    """The same architecture with random weights: a gap and nothing behind it."""
    return _embedded("coco500-untrained")


@pytest.fixture(scope="session")
def msrvtt100() -> Corpus:
    """VideoCLIP on 100 pairs: small, with a wide gap."""
    return _embedded("msrvtt100-videoclip")


@pytest.fixture(scope="session")
def flickr8k() -> Corpus:
    """CLIP on 100 images with five captions each."""
    return _embedded("flickr8k-100x5")


@pytest.fixture(scope="session")
def cifar10() -> Corpus:
    """CLIP on 500 pictures of ten classes, with a text for each class and no captions."""
    path = EMBEDDINGS / "cifar10-500.npz"
    if not path.is_file():
        pytest.skip(f"cifar10-500: no {path}")
    return read(path)


@pytest.fixture(scope="session")
def uniprot99() -> Corpus:
    """A weak model whose pairs are found no better than chance."""
    return _embedded("uniprot99-clasp")
