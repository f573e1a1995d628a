"""The files of a version that hold records of one kind, and what these records look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsv.model.reading import OPAQUE
from dsv.model.shape import Shape

PICTURES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
"""The endings of files that are pictures."""


def suffix_of(path: str) -> str:
    """The last ending of the path in small letters, with its dot; "" where it has none."""
    stem, dot, ending = path.rsplit("/", 1)[-1].rpartition(".")
    return f".{ending.lower()}" if dot and stem else ""


@dataclass(frozen=True)
class DataFile:
    """A file of a version: its path in the dataset, its SHA-256 in hexadecimal digits, its bytes and its split."""

    path: str
    sha256: str
    size: int
    split: str | None = None

    @property
    def suffix(self) -> str:
        """The last ending of its name."""
        return suffix_of(self.path)

    @property
    def is_picture(self) -> bool:
        """Whether it is called one."""
        return self.suffix in PICTURES


@dataclass(frozen=True)
class Rows:
    """How a file of rows is spelled; the quote is empty where no cell is quoted."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Documents:
    """Where the records are in JSON documents: the document itself, the elements of a list, the members of a map.

    `path` is that of the list or map, names with dots between them, empty for the document.
    """

    path: str = ""
    is_list: bool = False
    is_map: bool = False


@dataclass(frozen=True)
class Table:
    """Files of one split that are written alike. Opaque ones have no shape: no records are read in them.

    `rows` and `documents` are there for the formats that they tell of; `compression` is the suffix of one, with its
    dot. Files of rows and of columns are in one table only where these have the same names.
    """

    split: str | None
    format: str
    files: tuple[DataFile, ...]
    shape: Shape | None = None
    rows: Rows | None = None
    documents: Documents | None = None
    compression: str = ""

    @property
    def is_opaque(self) -> bool:
        """Whether no records are read in the files."""
        return self.format == OPAQUE

    @property
    def are_pictures(self) -> bool:
        """Whether all of the files are called pictures."""
        return self.is_opaque and all(each.is_picture for each in self.files)

    @property
    def shown(self) -> str:
        """Its files in a few words."""
        number = len(self.files)
        return self.files[0].path if number == 1 else f"{self.files[0].path} and {number - 1} more files"

    @property
    def columns(self) -> dict[str, Shape]:
        """The fields of its records by name; empty where these are no objects."""
        return dict(self.shape.members) if self.shape is not None and self.shape.is_record else {}


def table_names(tables: Sequence[Table]) -> list[str]:
    """A name for each: its split, or `records`; with its kind, and then a number, where that names several.

    Files of neither records nor pictures have names of their own kind.
    """
    plain = [_plain_name(each) for each in tables]
    longer = [
        name if plain.count(name) == 1 or _is_other(each) else f"{name}-{_kind(each)}"
        for name, each in zip(plain, tables, strict=True)
    ]
    found: list[str] = []
    for name in longer:
        number, unique = 2, name
        while unique in found:
            unique, number = f"{name}-{number}", number + 1
        found.append(unique)
    return found


def _is_other(table: Table) -> bool:
    return table.is_opaque and not table.are_pictures


def _plain_name(table: Table) -> str:
    if _is_other(table):
        return f"{table.split}-files" if table.split else "files"
    return table.split or "records"


def _kind(table: Table) -> str:
    return "pictures" if table.is_opaque else table.format
