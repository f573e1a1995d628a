"""A file of scores: Parquet, a row for each scored record, in the order of the records' fingerprints.

Whatever reads Parquet reads it. `fingerprint` is the record's, `scored_at`, `model` and `prompt_sha256` are of the
import that brought the row; the columns after them are the scores. docs/scores.md describes it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.errors import DiskError, MismatchError, MissingDataError
from dsv.model.scores import COLUMNS, Kind
from dsv.records.canonical import FINGERPRINT_SIZE
from dsv.records.formats.arrow_file import WholeFile, arrow_errors
from dsv.records.formats.contract import CannotReadError

if TYPE_CHECKING:
    import pyarrow as pa

FORM = "dsv-scores-1"
BATCH_ROWS = 1 << 15
ORIGIN = ("scored_at", "model", "prompt_sha256")
"""What a row tells of its import."""

_SCORER = b"dsv.scorer"
_FORM = b"dsv.form"
_GROUP_ROWS = 1 << 17
_THRIFT_LIMIT = 1 << 24
_HINT = "dsv fetch brings a good one, dsv verify tells more"


@dataclass(frozen=True)
class Batch:
    """Some rows: their fingerprints, which ascend, and each column's values, None where there is none."""

    fingerprints: Sequence[bytes]
    columns: Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class ScoreFile:
    """A file of scores on the disk: whose they are, how many, and what its columns of scores hold.

    `name` is that of its content, wherever it lies.
    """

    path: str
    name: str
    scorer: str
    rows: int
    kinds: Mapping[str, Kind]

    def batches(self) -> Iterator[Batch]:
        """All rows; MismatchError where the file is damaged, or its rows do not ascend."""
        last = b""
        for table in self.tables():
            read = {name: column.to_pylist() for name, column in zip(table.schema.names, table.columns, strict=True)}
            fingerprints = read.pop("fingerprint")
            if fingerprints and (None in fingerprints or not _ascend(last, fingerprints)):
                raise _refused(self.path, "its rows are not in the order of their fingerprints")
            last = fingerprints[-1] if fingerprints else last
            yield Batch(fingerprints, read)

    def tables(self) -> Iterator[pa.RecordBatch]:
        """The rows as Arrow's batches."""
        try:
            with arrow_errors("Parquet"), open(self.path, "rb") as stream:
                yield from _opened(stream).iter_batches(BATCH_ROWS, use_threads=False)
        except CannotReadError as error:
            raise _refused(self.path, error.reason) from None


def open_scores(path: str, *, name: str) -> ScoreFile:
    """The file of scores at the path; MissingDataError where there is none, MismatchError where it is none."""
    try:
        with open(path, "rb") as stream, arrow_errors("Parquet"):
            file = _opened(stream)
            metadata = file.schema_arrow.metadata or {}
            kinds = {field.name: _kind_of(field.type) for field in file.schema_arrow}
            rows = file.metadata.num_rows
    except FileNotFoundError:
        raise MissingDataError(f"there are no scores at {path}", hint="dsv fetch brings them") from None
    except CannotReadError as error:
        raise _refused(path, error.reason) from None
    except OSError as error:
        raise DiskError(f"cannot read {path}: {error.strerror}") from error
    if metadata.get(_FORM) != FORM.encode() or None in kinds.values() or kinds.keys() < {"fingerprint", *ORIGIN}:
        raise _refused(path, f"it is no file of the form {FORM}")
    scores = {name: kind for name, kind in kinds.items() if kind is not None and name not in ("fingerprint", *ORIGIN)}
    return ScoreFile(path, name, metadata.get(_SCORER, b"").decode(errors="replace"), rows, scores)


def write_scores(path: str, batches: Iterable[Batch], *, scorer: str, kinds: Mapping[str, Kind]) -> int:
    """The number of rows of a new file with these; the same bytes for the same rows, by the same release of Arrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [*(name for name in COLUMNS if name in kinds), *sorted(kinds.keys() - COLUMNS.keys())]
    origin = [pa.field(name, pa.string()) for name in ORIGIN]
    fields = [pa.field(name, _arrow_type(kinds[name])) for name in names]
    key = pa.field("fingerprint", pa.binary(FINGERPRINT_SIZE), nullable=False)
    schema = pa.schema([key, *origin, *fields], metadata={_FORM: FORM, _SCORER: scorer})
    # Digests do not compress, and their statistics would double the footer.
    repeating = [field.name for field in schema if field.type != key.type]
    rows = 0
    try:
        with open(path, "xb") as stream:
            with pq.ParquetWriter(
                stream, schema, compression="zstd", use_dictionary=repeating, write_page_checksum=True
            ) as writer:
                for group in _groups(batches):
                    arrays = [pa.array(group.fingerprints, type=key.type)]
                    empty = [None] * len(group.fingerprints)
                    arrays += [pa.array(group.columns.get(each.name, empty), each.type) for each in [*origin, *fields]]
                    writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=_GROUP_ROWS)
                    rows += len(group.fingerprints)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise DiskError(f"cannot write {path}: {error.strerror or error}", hint="is the disk full?") from error
    return rows


def _groups(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The batches, several as one: a group of rows in the file does not depend on how they came."""
    fingerprints: list[bytes] = []
    columns: dict[str, list[Any]] = {}
    for batch in batches:
        start = 0
        while start < len(batch.fingerprints):
            end = min(len(batch.fingerprints), start + _GROUP_ROWS - len(fingerprints))
            for name, values in batch.columns.items():
                columns.setdefault(name, [None] * len(fingerprints)).extend(values[start:end])
            fingerprints.extend(batch.fingerprints[start:end])
            for column in columns.values():
                column.extend([None] * (len(fingerprints) - len(column)))
            start = end
            if len(fingerprints) == _GROUP_ROWS:
                yield Batch(fingerprints, columns)
                fingerprints, columns = [], {}
    if fingerprints:
        yield Batch(fingerprints, columns)


def _opened(stream: Any) -> Any:
    import pyarrow.parquet as pq

    return pq.ParquetFile(
        WholeFile(stream),
        pre_buffer=False,
        page_checksum_verification=True,
        thrift_string_size_limit=_THRIFT_LIMIT,
        thrift_container_size_limit=_THRIFT_LIMIT,
    )


def _arrow_type(kind: Kind) -> pa.DataType:
    import pyarrow as pa

    return {Kind.NUMBER: pa.float64(), Kind.BOOLEAN: pa.bool_(), Kind.TEXT: pa.string()}[kind]


def _kind_of(type_: pa.DataType) -> Kind | None:
    """What a column of this type holds; text stands for the fingerprint too, None for what no file of scores has."""
    import pyarrow as pa

    if type_ in (pa.string(), pa.binary(FINGERPRINT_SIZE)):
        return Kind.TEXT
    return {pa.float64(): Kind.NUMBER, pa.bool_(): Kind.BOOLEAN}.get(type_)


def _ascend(last: bytes, fingerprints: Sequence[bytes]) -> bool:
    return all(map(bytes.__lt__, [last, *fingerprints[:-1]], fingerprints))


def _refused(path: str, reason: str) -> MismatchError:
    return MismatchError(f"the scores at {path} cannot be read: {reason}", hint=_HINT, details={"path": path})
