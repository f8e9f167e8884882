from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dohyo.errors import CorpusError
from dohyo.io.parquet import write_parquet
from dohyo.validation import check_rows

NESTED = pa.table(
    {
        "id": ["a", "b"],
        "vector": pa.array([[1.0, 2.0], [3.0, 4.0]], pa.list_(pa.float32(), 2)),
        "tags": [["red", "round"], ["blue"]],
        "facts": [{"width": 3, "words": ["x"]}, {"width": 4, "words": ["y"]}],
        "counts": pa.array([[("k", 1)], [("l", 2)]], pa.map_(pa.string(), pa.int64())),
    }
)


def columns_of(file: Path) -> dict[str, pq.ColumnChunkMetaData]:
    with pq.ParquetFile(file) as opened:
        group = opened.metadata.row_group(0)
        found = [group.column(i) for i in range(group.num_columns)]
    return {column.path_in_schema: column for column in found}


def test_vectors_are_written_plain_and_all_else_compressed(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    write_parquet(NESTED.schema, iter(NESTED.to_batches()), file)
    columns = columns_of(file)
    vector = columns.pop("vector.list.element")
    assert vector.compression == "UNCOMPRESSED"
    assert vector.statistics is None
    assert {column.compression for column in columns.values()} == {"SNAPPY"}
    assert len(columns) == 6
    assert columns["id"].statistics.min == "a"
    assert pq.read_table(file).equals(NESTED)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e-4, 1.0, 3e4])
def test_rows_of_any_length_are_usable(dtype: type, scale: float) -> None:
    check_rows((np.ones((3, 40)) * scale).astype(dtype), "rows", 0)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 0.0])
def test_a_row_without_direction_is_named(dtype: type, bad: float) -> None:
    rows = np.ones((5, 40), dtype)
    rows[3] = bad
    with pytest.raises(CorpusError, match="row 13"):
        check_rows(rows, "rows", 10)


def test_rows_whose_squares_leave_the_range_of_floats_are_usable() -> None:
    check_rows(np.full((2, 4), 1e-30, np.float32), "rows", 0)
    check_rows(np.full((2, 4), 1e30, np.float32), "rows", 0)
