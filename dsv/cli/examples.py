"""How single records read that show a change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dsv.cli.output import green, red, yellow
from dsv.cli.text import shortened, terminal_columns, visible

if TYPE_CHECKING:
    from dsv.repository.examples import RecordExample
    from dsv.repository.explanation import Explanation

_NARROWEST = 20


def example_lines(example: RecordExample, *, indent: str = "") -> Iterator[str]:
    """The record's class, key and place, and below them what was and what is."""
    colour = {"added": green, "removed": red}.get(example.kind, yellow)
    where = f"{visible(example.file)}:{example.row}"
    key = f" {visible(example.key_text)}" if example.key_text else ""
    word = "record" if example.kind == "field" else example.kind
    yield f"{indent}{colour(word)}{key}  {where}"
    room = max(terminal_columns() - 4 - len(indent), _NARROWEST)
    for mark, text in example.lines():
        yield f"{indent}  {green(mark) if mark == '+' else red(mark)} {shortened(visible(text), room)}"


def explanation_lines(explanations: Sequence[Explanation]) -> Iterator[str]:
    """Each reason that something shows, with what shows it."""
    for each in explanations:
        if not (each.examples or each.files):
            continue
        yield f"  {yellow('why')}      {visible(each.reason)}"
        yield from (f"           {visible(file)}" for file in each.files)
        for example in each.examples:
            yield from example_lines(example, indent=" " * 11)
