"""Kill the service at random moments under load, also while it changes maps; print what it lost.

python benchmarks/service_kills.py [--turns 20]
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "serve"))

import numpy as np
from killing import killed, others

import dohyo
from dohyo.corpus import Corpus


def main() -> None:
    import lancedb
    import pyarrow as pa

    from dohyo.migration.migrate import migrate
    from dohyo.migration.prepare import prepare
    from dohyo.stores.registry import open_store

    asked = argparse.ArgumentParser()
    asked.add_argument("--turns", type=int, default=20)
    turns = asked.parse_args().turns
    sides = np.random.default_rng(0).normal(size=(2, 200, 64)).astype(np.float32)
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room)
        fitted = dohyo.align(Corpus.from_arrays(*sides), "center", calibrate=1.0)
        fitted.save(folder / "map")
        flat = pa.array(np.concatenate(sides).ravel())
        table = {
            "id": [f"i{n}" for n in range(400)],
            "vector": pa.FixedSizeListArray.from_arrays(flat, 64),
            "modality": ["image"] * 200 + ["text"] * 200,
        }
        lancedb.connect(folder / "db").create_table("goods", pa.table(table))
        url = f"lancedb://{folder / 'db'}"
        with open_store(url) as store:
            migrate(prepare(store, "goods", fitted, force=True), switch=False)
        options = [str(folder / "map"), "--store", url]
        told = killed(options, folder, sides[1][0].tolist(), others(sides, folder), turns)
    print(
        f"{turns} kills: {len(told.changes)} changes acknowledged {told.kinds}, "
        f"{told.clicks} judgements, {len(told.maps)} maps, {told.answers} answers; nothing lost"
    )
    for name, taken in (("s", told.seconds), ("s of processor", told.processor_seconds)):
        print(f"restart: median {np.median(taken):.2f} {name}, longest {max(taken):.2f}")


if __name__ == "__main__":
    main()
