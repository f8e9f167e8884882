"""A lake of Parquet files: measure it, fit a correction, write a corrected lake beside it.

    pip install "dohyo[demo]"
    python parquet_lake.py

Your own program begins at "2": it has a folder of Parquet files. Run it again after it was
stopped, and it goes on with the first part that is not there yet; no part is ever half-written.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import dohyo
from dohyo.demo.shapes_world import build
from dohyo.encoders.load import load_encoder
from dohyo.io.rows import rewrite

RAW, CORRECTED = Path("lake"), Path("lake-corrected")
ROWS_PER_PART = 100


def make_lake() -> None:
    """Write drawn pictures and their captions as anybody would: one row an item, many files."""
    world = build(load_encoder("shapes-world"), pictures=200)
    sides = {
        "image": (world.image, np.arange(len(world.image)), [None] * len(world.image)),
        "text": (world.text, world.text_to_image, list(world.caption)),
    }
    RAW.mkdir()
    kind = pa.list_(pa.float32(), world.image.shape[1])
    for modality, (vectors, group, caption) in sides.items():
        table = pa.table(
            {
                "id": [f"{modality}-{row}" for row in range(len(vectors))],
                "modality": [modality] * len(vectors),
                "group": pa.array(group, pa.int64()),
                "caption": pa.array(caption, pa.string()),
                "vector": pa.array(list(vectors), kind),
            }
        )
        for part, start in enumerate(range(0, len(table), ROWS_PER_PART)):
            rows = table.slice(start, ROWS_PER_PART)
            pq.write_table(rows, RAW / f"{modality}-{part:03d}.parquet")


# 1. A lake to work on.
if not RAW.exists():
    make_lake()

# 2. The whole folder is one corpus; names of columns are guessed, and `columns=` overrides.
corpus = dohyo.read(RAW)
print(f"Lake: {len(corpus.image)} images and {len(corpus.text)} texts of {corpus.dim} dimensions")

# 3. Fit. `method="auto"` would try every method on held-out data, and may answer: do not correct.
fitted = dohyo.align(corpus, method="center")

# 4. Part by part, each in flat memory; ids and captions travel along, the raw lake stays.
for part in sorted(RAW.glob("*.parquet")):
    target = CORRECTED / part.name
    if target.exists():
        continue
    modality = "image" if part.name.startswith("image") else "text"
    rows = rewrite(part, target, lambda x, m=modality: fitted.apply(x, m), modality=modality)
    print(f"Written: {target}, {rows} rows")

# 5. The gap before and after. That it closes is by construction; whether search gains by it,
#    dohyo.verify(corpus, fitted) says.
for name, lake in (("before", RAW), ("after", CORRECTED)):
    gap = dohyo.measure(dohyo.read(lake), effort="fast").estimates["centroid_distance"]
    print(f"Distance of the means {name}: {gap.value:.2f} ({gap.low:.2f} to {gap.high:.2f})")
