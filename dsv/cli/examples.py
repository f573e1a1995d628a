"""How single records read that show a change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dsv.cli.marked import marked_lines
from dsv.cli.output import dim, green, red, yellow
from dsv.cli.text import shortened, terminal_columns, visible

if TYPE_CHECKING:
    from dsv.records.changed_record import RecordExample
    from dsv.records.field_diff import Difference, FieldChange
    from dsv.repository.comparing.explanation import Explanation

_NARROWEST = 20
_FIELDS_SHOWN = 20
_LINES = 4
_LINES_OF_MOVED = 2
_SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}
_COLOURS = {"+": green, "-": red, "~": yellow, ">": yellow}


def example_lines(example: RecordExample, *, indent: str = "") -> Iterator[str]:
    """The record's class, key and place; below them the fields that differ, or the record at a glance."""
    colour = {"added": green, "removed": red}.get(example.kind, yellow)
    key = f" {visible(example.key_text)}" if example.key_text else ""
    yield f"{indent}{colour(example.title)}{key}  {dim(visible(example.where))}"
    if example.changes:
        yield from _difference_lines(example.changes, indent=f"{indent}  ")
    elif example.kind in _SIGNS:
        yield from _outline_lines(example, indent=f"{indent}  ")


def explanation_lines(explanations: Sequence[Explanation]) -> Iterator[str]:
    """Each reason that something shows, with what shows it."""
    for each in explanations:
        if not (each.examples or each.files):
            continue
        yield f"  {yellow('why')}      {visible(each.reason)}"
        yield from (f"           {visible(file)}" for file in each.files)
        for example in each.examples:
            yield from example_lines(example, indent=" " * 11)


def _difference_lines(changes: Sequence[Difference], *, indent: str) -> Iterator[str]:
    from dsv.records.field_diff import UnchangedTurns

    chat = ""
    for each in changes[:_FIELDS_SHOWN]:
        if each.chat and each.chat != chat:
            yield f"{indent}{yellow('~')} {visible(each.chat)}"
        chat = each.chat
        inner = f"{indent}    " if chat else indent
        if isinstance(each, UnchangedTurns):
            turns = f"turn {each.first}" if each.first == each.last else f"turns {each.first}-{each.last}"
            yield f"{inner}{dim(f'{turns} unchanged')}"
        else:
            yield from _field_lines(each, indent=inner)
    if len(changes) > _FIELDS_SHOWN:
        yield f"{indent}and {len(changes) - _FIELDS_SHOWN} more"


def _field_lines(change: FieldChange, *, indent: str) -> Iterator[str]:
    sign = _SIGNS[change.kind.value]
    name = shortened(visible(change.name), max(terminal_columns() // 2, _NARROWEST))
    start = f"{indent}{_COLOURS[sign](sign)} {name}: " if name else f"{indent}{_COLOURS[sign](sign)} "
    yield from marked_lines(change.marked, start=start, indent=f"{indent}    ")


def _outline_lines(example: RecordExample, *, indent: str) -> Iterator[str]:
    sign = _SIGNS[example.kind]
    start = f"{indent}{_COLOURS[sign](sign)} "
    outline = example.outline
    items = [f"{name}: {text}" if name else text for name, text in outline.fields]
    packed = _packed(items, room=max(terminal_columns() - len(indent) - 2, _NARROWEST))
    most = _LINES_OF_MOVED if example.kind == "moved" else _LINES
    for line, _ in packed[:most]:
        yield start + line
    more = outline.more + sum(count for _, count in packed[most:])
    if more:
        yield start + dim(f"and {more} more {'field' if more == 1 else 'fields'}")


def _packed(items: Sequence[str], *, room: int) -> list[tuple[str, int]]:
    """The items on as few lines as hold them in their order, with how many are on a line; a long one has its own."""
    lines: list[tuple[str, int]] = []
    for item in items:
        text = shortened(visible(item), room)
        together = f"{lines[-1][0]}  {text}" if lines else text
        if lines and shortened(together, room) == together:
            lines[-1] = (together, lines[-1][1] + 1)
        else:
            lines.append((text, 1))
    return lines
