"""Tables handed on to libraries that people train with, and that dsv itself does not need."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from dsv.errors import UnsupportedError

if TYPE_CHECKING:
    import pyarrow as pa


class Library(Enum):
    """A library by its package, with the extra of dsv's that brings it and the method that needs it."""

    PANDAS = ("pandas", "pandas", "to_pandas()")
    HUGGING_FACE = ("datasets", "huggingface", "to_hf()")


def require(library: Library) -> None:
    """Nothing; UnsupportedError where the library is not installed."""
    package, extra, method = library.value
    if find_spec(package) is None:
        raise UnsupportedError(f"{method} needs the package {package}", hint=f"pip install 'dsv[{extra}]'")


def data_frame(table: pa.Table) -> Any:
    """The `pandas.DataFrame` of the table; pandas must be there."""
    return table.to_pandas()


def hugging_face_dataset(table: pa.Table) -> Any:
    """The `datasets.Dataset` of the table, without a copy; datasets must be there."""
    from datasets import Dataset
    from datasets import table as tables

    return Dataset(tables.InMemoryTable(table))


def hugging_face_splits(tables: Mapping[str, pa.Table]) -> Any:
    """The `datasets.DatasetDict` of tables by split; datasets must be there."""
    from datasets import DatasetDict

    return DatasetDict({split: hugging_face_dataset(table) for split, table in tables.items()})
