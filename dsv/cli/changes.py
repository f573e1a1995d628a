"""How a change reads: one line for files, one for records, one a field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dsv.cli.output import green, red, yellow
from dsv.cli.text import number, shortened, table, terminal_columns, visible

if TYPE_CHECKING:
    from dsv.exports.diff_report import DiffReport
    from dsv.model.breakdown import FileCounts, PartCounts
    from dsv.model.change import Change, RecordCounts

_FIELDS_SHOWN = 8
_FILES_SHOWN = 10
_NUMBERS_WIDTH = 40
_NARROWEST = 20
_CLASSES = ("added", "removed", "modified", "moved")


def change_lines(change: Change) -> Iterator[str]:
    """The lines of a change, indented by two."""
    files = change.files
    yield "  files    " + _classes(
        added=len(files.added),
        removed=len(files.removed),
        modified=len(files.modified),
        renamed=len(files.renamed),
        unchanged=files.unchanged,
    )
    yield f"  records  {record_classes(change.records)}"
    yield from _field_lines(change)


def record_classes(records: RecordCounts) -> str:
    """How many records there are of each class, in words."""
    return _classes(
        added=records.added,
        removed=records.removed,
        modified=records.modified,
        moved=records.moved,
        unchanged=records.unchanged,
    )


def _classes(**counts: int) -> str:
    colours = {"added": green, "removed": red, "modified": yellow, "moved": yellow, "renamed": yellow}
    shown = [colours.get(word, str)(f"{number(count)} {word}") for word, count in counts.items() if count]
    return ", ".join(shown) or "none"


def _field_lines(change: Change) -> Iterator[str]:
    fields = change.fields
    words = [green(f"+ {visible(name)}") for name in fields.added]
    words += [red(f"- {visible(name)}") for name in fields.removed]
    words += [
        yellow(f"~ {visible(each.field)}: {' or '.join(each.old)} -> {' or '.join(each.new)}")
        for each in fields.changed
    ]
    for at, word in enumerate(words[:_FIELDS_SHOWN]):
        yield f"  {'fields   ' if at == 0 else '         '}{word}"
    if len(words) > _FIELDS_SHOWN:
        yield f"           and {len(words) - _FIELDS_SHOWN} more"


def where_line(report: DiffReport) -> str:
    """The counts of the part that was asked for, on one line."""
    whole = report.breakdown.whole
    return (
        f"  {visible(report.where)}: {number(whole.old)} -> {number(whole.new)} records, {_classes(**_changed(whole))}"
    )


def part_lines(report: DiffReport) -> Iterator[str]:
    """Tables of the counts: a line a split, and a line a file that differs, as many as are easily read."""
    splits = report.breakdown.splits
    if any(each.split is not None for each in splits):
        rows = [_split_row(each.split or "(none)", each.counts) for each in splits]
        if len(splits) > 1:
            rows.append(_split_row("all", report.breakdown.whole))
        headers = ["split", "old", "new", "added", "removed", "modified", "moved"]
        yield ""
        yield from (f"  {line}" for line in table(headers, rows, right=range(1, 7)))
    from dsv.exports.diff_report import file_lines

    lines = file_lines(report)
    if not lines:
        return
    rows = [[each.sign, each.text, *_numbers(_changed(each.counts))] for each in lines[:_FILES_SHOWN]]
    room = max(terminal_columns() - _NUMBERS_WIDTH, _NARROWEST)
    rows = [[sign, shortened(visible(path), room), *numbers] for sign, path, *numbers in rows]
    yield ""
    yield from (f"  {line}" for line in table(["", "file", *_CLASSES], rows, right=range(2, 6)))
    if len(lines) > _FILES_SHOWN:
        yield f"     and {number(len(lines) - _FILES_SHOWN)} more files"


def _split_row(name: str, counts: PartCounts) -> list[str]:
    return [name, number(counts.old), number(counts.new), *_numbers(_changed(counts))]


def _changed(counts: PartCounts | FileCounts) -> dict[str, int]:
    return {"added": counts.added, "removed": counts.removed, "modified": counts.modified, "moved": counts.moved}


def _numbers(counts: dict[str, int]) -> list[str]:
    return [number(each) if each else "" for each in counts.values()]
