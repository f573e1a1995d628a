"""How a change reads: one line for files, one for records, one a field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dsv.cli.output import green, red, yellow
from dsv.cli.text import number, visible

if TYPE_CHECKING:
    from dsv.model.change import Change

_FIELDS_SHOWN = 8


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
    records = change.records
    classes = _classes(
        added=records.added,
        removed=records.removed,
        modified=records.modified,
        moved=records.moved,
        unchanged=records.unchanged,
    )
    yield f"  records  {classes}"
    yield from _field_lines(change)


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
