"""Read a corpus from one `.npz`, or from separate `.npy` and text files."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
