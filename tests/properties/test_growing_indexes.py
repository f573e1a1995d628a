"""An index grown from that of an earlier version is, byte for byte, the one made from the data."""

from __future__ import annotations

import os
import random
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from dsv.model.reading import Reading
from dsv.records.index import IndexedFile, build_index, file_numbers
from dsv.records.runs import KEYED_ROW, ROW, SortedRuns
from dsv.records.scan import scan_file

from .datasets import SCRATCH, in_files, opened

records = st.fixed_dictionaries({"id": st.integers(0, 5)}) | st.integers(0, 3)
contents = st.lists(records, max_size=5)
seeds = st.integers(0, 2**32).map(random.Random)


def bytes_of(directory: str) -> dict[str, bytes]:
    return {name: Path(directory, name).read_bytes() for name in os.listdir(directory)}


@settings(max_examples=60)
@given(contents, contents, contents, seeds, st.booleans())
def test_grown_or_made_anew_the_index_is_the_same(kept, gone, new, choose, keyed):
    key = ("id",) if keyed else ()
    same = in_files(kept, choose=choose, directory="k/")
    before = {**same, **in_files(gone, choose=choose, directory="g/")}
    names = {path: choose.choice(["", "a", "z"]) + path for path in same}  # renamed, so their numbers change order
    added = in_files(new, choose=choose, directory="n/")
    after = {**{names[path]: content for path, content in same.items()}, **added}
    numbers, old_numbers = file_numbers(after), file_numbers(before)
    with opened(before, key=key) as old, opened(after, key=key) as anew, TemporaryDirectory(dir=SCRATCH) as directory:
        formats = {}
        with SortedRuns(KEYED_ROW.size if keyed else ROW.size, in_memory=3) as runs:
            for path, content in after.items():
                source = os.path.join(directory, "data")
                Path(source).write_bytes(content)
                with SortedRuns(runs.row_size) as unused:
                    sink = (runs if path in added else unused).sink(numbers[path])
                    formats[path] = scan_file(source, path=path, reading=Reading(), key=key, sink=sink)
            runs.add_one_by_one(old.index.rows_of_files({old_numbers[path]: numbers[names[path]] for path in same}))
            files = [IndexedFile(path, scan.sha256, scan.format) for path, scan in formats.items()]
            grown = os.path.join(directory, "grown")
            built = build_index(grown, files=files, rows=runs.blocks(), keyed=keyed)
        assert bytes_of(grown) == bytes_of(anew.index.directory)
        assert built == anew.built
