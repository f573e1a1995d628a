from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from dsv.model.reading import Reading
from dsv.records.built_index import BuiltIndex
from dsv.records.file_scan import FileScan
from dsv.records.index import IndexedFile, RecordIndex, build_index, file_numbers
from dsv.records.runs import KEYED_ROW, ROW, ROWS_IN_MEMORY, SortedRuns
from dsv.records.scan import scan_file

Scan = Callable[..., FileScan]
Build = Callable[..., tuple[RecordIndex, BuiltIndex]]


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    """Scans bytes as the file of a name."""

    def scan_bytes(name: str, content: bytes, *, key: Iterable[str] = (), declared: str = "auto") -> FileScan:
        source = tmp_path / "scanned"
        source.write_bytes(content)
        with SortedRuns(KEYED_ROW.size if key else ROW.size) as runs:
            return scan_file(source, path=name, reading=Reading(format=declared), key=tuple(key), sink=runs.sink(0))

    return scan_bytes


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Indexes files, given as path -> bytes, scanning them in an order of their own."""
    number = iter(range(1000))

    def build_files(
        files: dict[str, bytes],
        *,
        key: Iterable[str] = (),
        in_memory: int = ROWS_IN_MEMORY,
        largest_pack: int = 64 << 20,
        seed: int = 0,
    ) -> tuple[RecordIndex, BuiltIndex]:
        directory = tmp_path / f"index-{next(number)}"
        numbers = file_numbers(files)
        paths = sorted(files)
        random.Random(seed).shuffle(paths)  # noqa: S311 - any order
        indexed = []
        with SortedRuns(KEYED_ROW.size if key else ROW.size, in_memory=in_memory) as runs:
            for path in paths:
                source = tmp_path / "scanned"
                source.write_bytes(files[path])
                sink = runs.sink(numbers[path])
                found = scan_file(source, path=path, reading=Reading(), key=tuple(key), sink=sink)
                indexed.append(IndexedFile(path, found.sha256, found.format))
            built = build_index(
                str(directory), files=indexed, rows=runs.blocks(), keyed=bool(key), largest_pack=largest_pack
            )
        return RecordIndex.open(directory), built

    return build_files
