"""What differs between two records, field by field, as values that every report writes in its own way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from dsv.records.canonical import Number, encode_parsed
from dsv.records.pairing import pairs_of
from dsv.records.present import json_text, presentable
from dsv.records.turns import Turn, spelling_of, turn_likeness, turn_of
from dsv.records.word_diff import Mark, Segment, added, removed, word_diff


class Absent(Enum):
    """What stands in place of the value of a field that is not there; null is a value."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT

_PLAIN_NAME = re.compile(r"[^\s.\[\]\"'\\:]+")


class FieldKind(Enum):
    """What became of a field."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class FieldChange:
    """A field that differs: its path as in `clauses[2].value`, and its values, ABSENT where it is not.

    In a conversation `turn` says which turn it is in, and `within` the path inside that turn, empty for its text.
    """

    path: str
    kind: FieldKind
    old: Any
    new: Any
    chat: str = ""
    turn: Turn | None = None
    within: str = ""

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The values as one text with what differs marked; made when it is asked for, as most are not looked at."""
        if isinstance(self.old, str) and isinstance(self.new, str):
            return word_diff(self.old, self.new)
        went = () if self.old is ABSENT else removed(self._shown(self.old))
        came = () if self.new is ABSENT else added(self._shown(self.new))
        return (*went, *came)

    @property
    def name(self) -> str:
        """What the field is called: its path, and in a conversation turn and speaker ahead of the path inside."""
        if self.turn is None:
            return self.path
        return " ".join(part for part in (f"turn {self.turn.number} {self.turn.role}", self.within) if part)

    @property
    def marked(self) -> tuple[Segment, ...]:
        """The text with what differs marked; nothing is, where the field as a whole came or went."""
        if self.kind is FieldKind.CHANGED:
            return self.segments
        omitted = Mark.OMITTED
        return tuple(each if each.mark is omitted else Segment(Mark.SAME, each.text) for each in self.segments)

    def _shown(self, value: Any) -> str:
        """The value in JSON, so that a text is told from a number; of a turn that came or went, what was said."""
        if self.turn is not None and not self.within and isinstance(value, dict):
            said = value.get("content", value.get("value"))
            if isinstance(said, str):
                return said
        return value.text if isinstance(value, Number) else json_text(value)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it; `old` and `new` are null where the field is not, which `kind` tells from a null."""
        old, new = (None if value is ABSENT else presentable(value) for value in (self.old, self.new))
        return {"path": self.path, "kind": self.kind.value, "old": old, "new": new}


@dataclass(frozen=True)
class UnchangedTurns:
    """Turns `first` to `last` of the new conversation at this path, which are as they were."""

    chat: str
    first: int
    last: int


Difference = FieldChange | UnchangedTurns


def field_diff(old: Any, new: Any) -> tuple[Difference, ...]:
    """The fields that differ, in name order; inside nested values only the parts that do.

    Elements of lists are aligned: a path counts in the new list, of a removed element in the old one.
    """
    return tuple(_Comparison().run(old, new))


@dataclass(frozen=True)
class _Part:
    """Two values to compare, and where they are."""

    path: str
    old: Any
    new: Any
    chat: str = ""
    turn: Turn | None = None
    within: str = ""


class _Comparison:
    """Goes down two values without recursion, as records may be nested deeply."""

    def run(self, old: Any, new: Any) -> Iterator[Difference]:
        waiting: list[_Part | UnchangedTurns] = [_Part("", old, new)]
        while waiting:
            part = waiting.pop()
            if isinstance(part, UnchangedTurns):
                yield part
                continue
            inner = self._inside(part)
            if inner is None:
                yield _change(part)
            else:
                waiting += reversed(inner)

    def _inside(self, part: _Part) -> Sequence[_Part | UnchangedTurns] | None:
        """The parts that differ; None for values that are compared as a whole."""
        old, new = part.old, part.new
        if isinstance(old, dict) and isinstance(new, dict):
            names = sorted(old.keys() | new.keys())
            members = [_member(part, name, old.get(name, ABSENT), new.get(name, ABSENT)) for name in names]
            return [each for each in members if _differs(each.old, each.new)]
        if isinstance(old, list) and isinstance(new, list) and old and new:
            spelling = spelling_of(old)
            if spelling is not None and spelling_of(new) == spelling and part.turn is None:
                return _turns(part, spelling=spelling)
            elements = [_element(part, a, b) for a, b in pairs_of(old, new)]
            return [each for each in elements if _differs(each.old, each.new)]
        return None


def _differs(old: Any, new: Any) -> bool:
    return old is ABSENT or new is ABSENT or encode_parsed(old) != encode_parsed(new)


def _member(part: _Part, name: str, old: Any, new: Any) -> _Part:
    return _Part(_joined(part.path, name), old, new, chat=part.chat, turn=part.turn, within=_joined(part.within, name))


def _element(part: _Part, a: int | None, b: int | None) -> _Part:
    place = f"[{a if b is None else b}]"
    return _Part(
        part.path + place,
        ABSENT if a is None else part.old[a],
        ABSENT if b is None else part.new[b],
        chat=part.chat,
        turn=part.turn,
        within=part.within + place if part.turn else "",
    )


def _joined(path: str, name: str) -> str:
    """The path of a member; a name that would be mistaken for more than one stands in brackets and quotes."""
    if _PLAIN_NAME.fullmatch(name):
        return f"{path}.{name}" if path else name
    return f"{path}[{json.dumps(name, ensure_ascii=False)}]"


def _turns(part: _Part, *, spelling: tuple[str, str]) -> list[_Part | UnchangedTurns]:
    """The turns that differ, each split into what differs in it, and runs of those that do not."""
    found: list[_Part | UnchangedTurns] = []
    old, new = part.old, part.new
    for a, b in pairs_of(old, new, likeness=turn_likeness(spelling)):
        turn = turn_of(old, a, spelling=spelling) if b is None and a is not None else None
        turn = turn or turn_of(new, b or 0, spelling=spelling)
        before, after = ABSENT if a is None else old[a], ABSENT if b is None else new[b]
        if not _differs(before, after):
            last = found[-1] if found else None
            if isinstance(last, UnchangedTurns) and last.last == turn.number - 1:
                found[-1] = UnchangedTurns(part.path, last.first, turn.number)
            else:
                found.append(UnchangedTurns(part.path, turn.number, turn.number))
            continue
        path = f"{part.path}[{turn.number - 1}]"
        if before is ABSENT or after is ABSENT:
            found.append(_Part(path, before, after, chat=part.path, turn=turn))
        else:
            found += _turn_parts(path, before, after, chat=part.path, turn=turn, text=spelling[1])
    return found


def _turn_parts(path: str, old: Any, new: Any, *, chat: str, turn: Turn, text: str) -> list[_Part]:
    """The members of a turn that differ, its text first."""
    names = sorted(old.keys() | new.keys(), key=lambda name: (name != text, name))
    return [
        _Part(
            _joined(path, name),
            old.get(name, ABSENT),
            new.get(name, ABSENT),
            chat=chat,
            turn=turn,
            within="" if name == text else _joined("", name),
        )
        for name in names
        if _differs(old.get(name, ABSENT), new.get(name, ABSENT))
    ]


def _change(part: _Part) -> FieldChange:
    kind = FieldKind.ADDED if part.old is ABSENT else FieldKind.REMOVED if part.new is ABSENT else FieldKind.CHANGED
    return FieldChange(part.path, kind, part.old, part.new, chat=part.chat, turn=part.turn, within=part.within)
