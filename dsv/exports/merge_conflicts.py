"""What a merge could not decide, as a Markdown file for who has to: each record with what both sides did to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dsv.exports.diff_markdown import difference_lines
from dsv.exports.markdown import code, fence
from dsv.records.changed_record import RecordPlace
from dsv.records.field_diff import FieldChange, field_diff
from dsv.records.outline import outline
from dsv.records.present import presentable, short_text
from dsv.records.three_way import FileConflict

_LONGEST = 400


@dataclass(frozen=True)
class SeenRecord:
    """A record as one of the three versions has it."""

    value: Any
    place: RecordPlace


@dataclass(frozen=True)
class ConflictedRecord:
    """A record that both sides changed differently; None where one of the three does not have it."""

    key: Sequence[Any]
    base: SeenRecord | None
    ours: SeenRecord | None
    theirs: SeenRecord | None

    @property
    def fields(self) -> list[str]:
        """The fields that both sides changed, each in its own way."""
        if self.base is None or self.ours is None or self.theirs is None:
            return []
        both = [
            {each.path for each in field_diff(self.base.value, side.value) if isinstance(each, FieldChange)}
            for side in (self.ours, self.theirs)
        ]
        return sorted(both[0] & both[1])

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        sides = {"base": self.base, "ours": self.ours, "theirs": self.theirs}
        return {
            "key": [presentable(part) for part in self.key],
            "fields": self.fields,
            **{name: None if seen is None else presentable(seen.value) for name, seen in sides.items()},
            "places": {
                name: None if seen is None else {"file": seen.place.file, "row": seen.place.row}
                for name, seen in sides.items()
            },
        }


@dataclass(frozen=True)
class MergeConflicts:
    """Everything that a merge of a dataset could not decide; `names` are base, ours and theirs as people know them.

    `record_count` counts the records that are in conflict, of which `records` are the first.
    """

    dataset: str
    names: tuple[str, str, str]
    records: Sequence[ConflictedRecord]
    record_count: int
    files: Sequence[FileConflict]

    @property
    def text(self) -> str:
        """In a few words."""
        several = {"record": self.record_count, "file": len(self.files)}
        parts = [f"{count:,} {word}{'' if count == 1 else 's'}" for word, count in several.items() if count]
        return f"{' and '.join(parts)} that both sides changed differently"


def conflicts_markdown(conflicts: MergeConflicts) -> str:
    """The file, which shows data of the dataset and so is none for git."""
    return "\n".join([*_lines(conflicts), ""])


def _lines(conflicts: MergeConflicts) -> Iterator[str]:
    base, ours, theirs = (code(name) for name in conflicts.names)
    name = conflicts.dataset
    yield f"# Conflicts in {code(name)}"
    yield ""
    yield f"{conflicts.text}; all else merges. Base: {base}, ours: {ours}, theirs: {theirs}."
    yield ""
    yield f"- {code(f'dsv merge {name} --ours')} takes ours for what is listed here, and merges all else"
    yield f"- {code(f'dsv merge {name} --theirs')} takes theirs for it"
    yield "- what is to be neither of the two is edited in the data afterwards, before the next release"
    for record in conflicts.records:
        yield from _record(record)
    more = conflicts.record_count - len(conflicts.records)
    if more > 0:
        yield from ("", f"and {more:,} more records")
    if conflicts.files:
        yield from ("", "## Files", "")
        yield from (_file(each) for each in conflicts.files)


def _file(conflict: FileConflict) -> str:
    digests = ("base", conflict.base), ("ours", conflict.ours), ("theirs", conflict.theirs)
    words = ", ".join(f"{name} {code(digest) if digest else 'has no such file'}" for name, digest in digests)
    return f"- {code(conflict.path)}: {code(conflict.reason)} ({words})"


def _record(record: ConflictedRecord) -> Iterator[str]:
    yield from ("", f"## Record {code(', '.join(short_text(part) for part in record.key))}", "")
    if record.fields:
        yield from (f"Both changed {', '.join(code(_cut(name)) for name in record.fields)}.", "")
    for word, side in (("Ours", record.ours), ("Theirs", record.theirs)):
        if side is None:
            yield from (f"{word} {'does not have it' if record.base is None else 'removed it'}.", "")
        elif record.base is None:
            yield from (f"{word} added it in {code(str(side.place))}:", "", *fence(_whole(side), language="diff"), "")
        else:
            changes = field_diff(record.base.value, side.value)
            moved = "" if record.base.place.file == side.place.file else f" (in the base {record.base.place})"
            yield from (f"{word}, in {code(f'{side.place}{moved}')}:", "")
            yield from (*fence(difference_lines(changes) if changes else ["  no field changed"], language="diff"), "")


def _whole(seen: SeenRecord) -> Iterator[str]:
    shown = outline(presentable(seen.value))
    for name, text in shown.fields:
        yield f"+ {_cut(f'{name}: {text}' if name else text)}"
    if shown.more:
        yield f"+ and {shown.more} more"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
