"""What the files of a version hold, as tables: files of one split that are written alike, and the shape of the records.

Formats of other people's that describe data ask for this. It is read from the files, once from end to end where only
the values tell what they are (JSON), and in their heads where these do (CSV, Parquet).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from dsv.model.reading import OPAQUE, Reading, is_documentation
from dsv.model.shape import Shape
from dsv.model.table import DataFile, Documents, Rows, Table
from dsv.records.formats import CannotReadError, Format, Malformed, choose, contents_of
from dsv.records.formats.arrow_shapes import parquet_shape
from dsv.records.formats.compression import decompressed, is_compressed, path_inside
from dsv.records.formats.contract import Contents
from dsv.records.formats.delimited import Delimited
from dsv.records.formats.dialect import Dialect
from dsv.records.formats.json_document import JsonDocument
from dsv.records.formats.parquet import Parquet
from dsv.records.shapes import ShapeSeen, columns_shape, union

_BUFFER = 1 << 18


def tables_of(
    files: Iterable[DataFile], *, sources: Mapping[str, str], reading: Reading, advance: Callable[[int], None]
) -> tuple[Table, ...]:
    """The tables that the files make, splits by name and what has none last; `sources` tells where each file lies.

    `advance` is told the bytes of each file when it is done with. A file that its reader cannot read is opaque.
    """
    tables: dict[object, Table] = {}
    for file in files:
        found = _looked_at(file, sources[file.path], reading)
        # The members of JSON differ from file to file; files of rows or columns with others are apart.
        columns = None if found.shape is None or found.format not in _OF_COLUMNS else tuple(found.shape.members)
        kind = (file.is_picture, is_documentation(file.path)) if found.is_opaque else None
        key = (found.split, found.format, found.rows, found.documents, found.compression, columns, kind)
        known = tables.get(key)
        tables[key] = found if known is None else _joined(known, found)
        advance(file.size)
    return tuple(sorted(tables.values(), key=lambda each: (each.split is None, each.split or "", each.files[0].path)))


_OF_COLUMNS = frozenset({"csv", "tsv", "parquet"})


def _joined(known: Table, found: Table) -> Table:
    shape = union(known.shape, found.shape) if known.shape and found.shape else known.shape or found.shape
    return replace(known, files=(*known.files, *found.files), shape=shape)


def _looked_at(file: DataFile, source: str, reading: Reading) -> Table:
    """The table that the file makes by itself."""
    compression = file.path[len(path_inside(file.path)) :] if is_compressed(file.path) else ""
    opaque = Table(file.split, OPAQUE, (file,), compression=compression)
    chosen = choose(file.path, reading)
    if chosen is None:
        return opaque
    try:
        if isinstance(chosen, Parquet):
            with open(source, "rb") as columns:
                return Table(file.split, chosen.name, (file,), parquet_shape(columns))
        with open(source, "rb") as stream:
            contents = contents_of(chosen, stream, path=file.path)
            table = replace(opaque, format=contents.format)
            if isinstance(chosen, Delimited):
                return replace(table, shape=columns_shape(contents.columns), rows=_rows(contents))
            return replace(table, shape=_shape(contents), documents=_documents(chosen, contents, file.path, source))
    except CannotReadError:
        return opaque


def _shape(contents: Contents) -> Shape:
    seen = ShapeSeen()
    for _, record in contents.records:
        if type(record) is not Malformed:
            seen.add(record)
    return seen.shape()


def _rows(contents: Contents) -> Rows:
    dialect = Dialect.parse(contents.dialect)
    return Rows(dialect.delimiter, dialect.quote, dialect.encoding)


def _documents(chosen: Format, contents: Contents, path: str, source: str) -> Documents | None:
    """Where the records of a JSON document are; None for what is none."""
    if not isinstance(chosen, JsonDocument) or contents.format != JsonDocument.name:
        return None
    if chosen.place is not None:
        return Documents(chosen.place.path, is_list=not chosen.place.is_map, is_map=chosen.place.is_map)
    with open(source, "rb") as stream:
        return Documents(is_list=_begins_a_list(stream, path))


def _begins_a_list(stream: io.BufferedReader, path: str) -> bool:
    """Whether the first character of the document opens a list."""
    text = decompressed(stream, path=path) if is_compressed(path) else stream
    while block := text.read(_BUFFER):
        if start := block.lstrip(b"\xef\xbb\xbf \t\r\n"):
            return start[:1] == b"["
    return False
