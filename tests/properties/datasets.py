"""Small datasets as values: records drawn at random, and the many files in which the same records may lie."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st

from dsv.model.fields import Fields
from dsv.model.reading import Reading
from dsv.records.built_index import BuiltIndex
from dsv.records.canonical import encode
from dsv.records.formats.compression import is_compressed
from dsv.records.index import IndexedFile, Place, RecordIndex, build_index, file_numbers
from dsv.records.present import read_rows
from dsv.records.runs import KEYED_ROW, ROW, SortedRuns
from dsv.records.scan import scan_file

Files = Mapping[str, bytes]

SCRATCH = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - each in a directory of its own
"""Where small files are written: in memory where that can be, for an index is synced to the disk when it is written."""


def _zstd(content: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    return bytes(zstd.compress(content))


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    **{
        suffix: compress
        for suffix, compress in {
            ".gz": gzip.compress,
            ".bz2": bz2.compress,
            ".xz": lzma.compress,
            ".zst": _zstd,
        }.items()
        if is_compressed(f"a{suffix}")
    },
}
"""What makes the bytes of each suffix that dsv looks behind."""

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@dataclass(frozen=True)
class Dataset:
    """Files scanned and indexed, and where each lies while the dataset is open."""

    index: RecordIndex
    built: BuiltIndex
    fields: Fields
    tokens: int
    sources: Mapping[str, str]

    def split_of(self, number: int) -> str | None:
        """The split of a file."""
        return Reading().split_of(self.index.files[number][0])

    def record(self, place: Place) -> bytes:
        """The canonical form of the record at a place, read back from its file."""
        path = self.index.files[place.file][0]
        found = read_rows(self.sources[path], path=path, reading=Reading(), rows={place.row})
        return encode(found[place.row])

    def records(self) -> Counter[tuple[str | None, bytes]]:
        """Every record with its split, as often as it is there."""
        counts: Counter[tuple[str | None, bytes]] = Counter()
        for *_, file, row in self.index.entries():
            counts[self.split_of(file), self.record(Place(file, row))] += 1
        return counts


@contextmanager
def opened(files: Files, *, key: Sequence[str] = ()) -> Iterator[Dataset]:
    """The files as a dataset in a directory of its own."""
    with TemporaryDirectory(dir=SCRATCH) as directory:
        numbers = file_numbers(files)
        indexed, fields, tokens, sources = [], [], 0, {}
        with SortedRuns(KEYED_ROW.size if key else ROW.size) as runs:
            for path, content in files.items():
                sources[path] = os.path.join(directory, f"data-{numbers[path]}")
                with open(sources[path], "wb") as file:
                    file.write(content)
                sink = runs.sink(numbers[path])
                scan = scan_file(sources[path], path=path, reading=Reading(), key=tuple(key), sink=sink)
                assert (scan.bad, scan.unreadable) == ((), ""), f"{path}: {content!r}"
                indexed.append(IndexedFile(path, scan.sha256, scan.format))
                fields.append(scan.fields)
                tokens += scan.tokens
            place = os.path.join(directory, "index")
            built = build_index(place, files=indexed, rows=runs.blocks(), keyed=bool(key))
        yield Dataset(RecordIndex.open(place), built, Fields.union(fields), tokens, sources)


def json_text(value: Any, *, choose: random.Random, one_line: bool) -> str:
    """The value spelled in one of the ways that JSON allows."""
    ascii_only = choose.random() < 0.5
    comma, colon = choose.choice([(",", ":"), (", ", ": "), (" ,\t", " : ")])
    indent = None if one_line else choose.choice([None, 1, "\t"])
    value = _shuffled(value, choose=choose)
    text = json.dumps(value, ensure_ascii=ascii_only, separators=(comma, colon), indent=indent)
    return choose.choice(["", " ", "\t"]) + text + choose.choice(["", " "])


def _shuffled(value: Any, *, choose: random.Random) -> Any:
    if isinstance(value, dict):
        members = [(name, _shuffled(each, choose=choose)) for name, each in value.items()]
        choose.shuffle(members)
        return dict(members)
    return [_shuffled(each, choose=choose) for each in value] if isinstance(value, list) else value


def json_lines(records: Sequence[Any], *, choose: random.Random) -> str:
    """One record a line."""
    end = choose.choice(["\n", "\r\n", "\n\n", "\n \t\n"])
    text = end.join(json_text(record, choose=choose, one_line=True) for record in records)
    return choose.choice(["", "\n"]) + text + choose.choice(["", end])


def json_array(records: Sequence[Any], *, choose: random.Random) -> str:
    """One array of all records."""
    gap = choose.choice(["", " ", "\n", "\r\n  "])
    elements = f",{gap}".join(json_text(record, choose=choose, one_line=False) for record in records)
    return f"{gap}[{gap}{elements}{gap}]{gap}"


def json_file(records: Sequence[Any], *, choose: random.Random) -> tuple[str, str]:
    """A suffix, and the text of a file of that kind which holds the records."""
    if choose.random() < 0.5:
        return choose.choice([".jsonl", ".ndjson"]), json_lines(records, choose=choose)
    # A single line in a .json file is a document, so only several are JSON Lines there.
    lines = len(records) > 1 and choose.random() < 0.5
    return ".json", (json_lines if lines else json_array)(records, choose=choose)


def in_files(records: Sequence[Any], *, choose: random.Random, directory: str = "") -> dict[str, bytes]:
    """The records in any order, in any number of files of any names and kinds."""
    order = list(records)
    choose.shuffle(order)
    files: dict[str, bytes] = {}
    while order or not files:
        shard = [order.pop() for _ in range(choose.randint(0, len(order)))]
        suffix, text = json_file(shard, choose=choose)
        compression = choose.choice(list(COMPRESSIONS))
        mark = choose.choice(["", "\ufeff"])
        name = f"{directory}{choose.choice(['', 'sub/', 'é ', 'Z'])}{len(files)}{suffix}{compression}"
        files[name] = COMPRESSIONS[compression]((mark + text).encode())
    return files


def table(rows: Sequence[Sequence[str]], *, choose: random.Random) -> tuple[str, bytes]:
    """A suffix, and the bytes of a CSV or TSV file with these rows, the first of them the header."""
    suffix, delimiter = choose.choice([(".csv", ","), (".tsv", "\t")])
    text = io.StringIO()
    # A single column of a CSV file whose name has a semicolon in it, not quoted, looks like two.
    if choose.random() < 0.5 and (len(rows[0]) > 1 or suffix == ".tsv"):
        end, quoting = "\r\n", csv.QUOTE_MINIMAL
    else:
        end, quoting = choose.choice(["\n", "\r\n", "\r"]), csv.QUOTE_ALL
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    mark = choose.choice(["", "\ufeff"])
    written = (mark + text.getvalue() + choose.choice(["", end])).encode()
    compression = choose.choice(list(COMPRESSIONS))
    return suffix + compression, COMPRESSIONS[compression](written)
