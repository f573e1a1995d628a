"""What inspections note of records: the same however the files are cut, and whoever reads them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from dsv.adapters.executor import Here
from dsv.model.reading import Reading
from dsv.records.collect import read_all
from dsv.records.inspection import ROW as VALUE_ROW
from dsv.records.inspection import Batch, Findings, Inspector, Noted
from dsv.records.jobs import Target
from dsv.records.runs import ROW, SortedRuns
from dsv.records.scan import Terms


@dataclass(frozen=True)
class NoOdd:
    """Finds odd numbers wrong."""

    identity: str = "no odd numbers"

    def begin(self) -> Inspector:
        return Findings(
            lambda record: f"{record['n']} is odd" if record["n"] % 2 else None,
            passes=lambda batch: not any(number % 2 for number in dict(batch.columns.fields)["n"]),
        )


@dataclass(frozen=True)
class Summed:
    """Adds the numbers up, and keeps a row for each."""

    identity: str = "sum"

    def begin(self) -> Inspector:
        return _Adding()


class _Adding:
    def __init__(self) -> None:
        self.total, self.rows = 0, list[bytes]()

    def take(self, batch: Batch) -> None:
        for row, record in batch.numbered():
            self.total += record["n"]
            self.rows.append(VALUE_ROW.pack(record["n"].to_bytes(16, "big"), row))

    def finish(self) -> Noted:
        return Noted(0, (), (("n", Decimal(self.total)),), b"".join(self.rows))


class Two(Here):
    """This process, as if it were two: large files are cut."""

    count = 2


def noted(path: Path, numbers: Sequence[int], *, part_size: int) -> Any:
    path.write_text("".join(json.dumps({"n": number, "text": "x" * 80}) + "\n" for number in numbers))
    with SortedRuns(ROW.size) as runs:
        read = read_all(
            [Target(str(path), path.name, 0, path.stat().st_size)],
            Terms(Reading(), inspections=(NoOdd(), Summed())),
            workers=Two() if part_size < path.stat().st_size else Here(),
            runs=runs,
            settled=[path.name],
            part_size=part_size,
        )
    return read.scans[path.name].notes


def test_records_are_named_by_their_row_in_the_file_and_all_are_counted(tmp_path: Path) -> None:
    (_, odd), (_, total) = noted(tmp_path / "a.jsonl", [2, 4, 5, 6, *[7] * 30], part_size=1 << 30)
    assert odd.count == 31
    assert odd.first[:2] == ((3, "5 is odd"), (5, "7 is odd"))
    assert len(odd.first) == 10
    assert total.sums == (("n", Decimal(227)),)


def test_a_file_cut_into_parts_has_the_same_notes(tmp_path: Path) -> None:
    numbers = [2 * number for number in range(15_000)]
    numbers[14_001] = numbers[3] = 1
    whole = noted(tmp_path / "a.jsonl", numbers, part_size=1 << 30)
    parts = noted(tmp_path / "a.jsonl", numbers, part_size=300_000)
    assert parts == whole
    assert [row for row, _ in whole[0][1].first] == [4, 14_002]


def test_a_file_that_is_one_object_is_looked_at_too(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text('{"n": 3}')
    with SortedRuns(ROW.size) as runs:
        target = Target(str(path), path.name, 0, 8)
        read = read_all([target], Terms(inspections=(NoOdd(),)), workers=Here(), runs=runs)
    assert read.scans["one.json"].notes == (("no odd numbers", Noted(1, ((1, "3 is odd"),))),)
