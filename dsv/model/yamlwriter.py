"""Values written as YAML that every reader takes for the same values.

The text is the same bytes for the same value wherever it is written: fixed key order, no anchors, no
wrapping, one way to quote. PyYAML's emitters are not used, because they escape every character outside the basic
plane, leave bidirectional controls bare, and pick other quotes with libyaml than without.
A string is quoted, as JSON would, wherever YAML 1.1 or 1.2 could take it for anything but that string.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NoReturn

from dsv.model.problems import Path, Problem, path_text, refuse
from dsv.model.yamltext import MAXIMUM_DEPTH, MAXIMUM_NUMBER

WIDTH = 100
MAXIMUM_SIMPLE_KEY = 1_000
"""YAML allows 1,024 characters before the colon; a longer key takes the explicit form `? key : value`."""


class Style(Enum):
    """How a mapping or list is laid out."""

    FIT = "fit"  # in one line where that is short enough
    FLOW = "flow"  # always in one line
    BLOCK = "block"  # a line an entry


@dataclass(frozen=True)
class Layout:
    """How a value is written: its style, that of its keys or items, quotes always, a number's decimals."""

    style: Style = Style.FIT
    keys: Mapping[str, Layout] = field(default_factory=dict)
    items: Layout | None = None
    quoted: bool = False
    decimals: int | None = None


FIT = Layout()
FLOW = Layout(Style.FLOW)
QUOTED = Layout(quoted=True)

# Blanks, invisible and bidirectional characters look like something else, or like nothing
_HIDDEN = (
    "\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
)
_BLANK = "\xa0\u1680\u2000-\u200a\u200c\u200d\u202f\u205f\u3000"
_ESCAPED = re.compile(f'["\\\\{_HIDDEN}]')
_LETTER = rf"[^\x00-\x7f{_HIDDEN}{_BLANK}]"
_PLAIN = re.compile(rf"(?:[A-Za-z0-9_/]|{_LETTER})(?:[A-Za-z0-9_ ./@+%,;<>()'$^-]|{_LETTER})*(?<! )")
# What begins with a digit may be a number, a date or a time; a letter that none of them has says it is not
_WORD_LETTER = re.compile(r"[g-mp-su-wG-MP-SU-W]")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def render(value: Mapping[str, Any], *, layout: Layout, what: str) -> str:
    """The mapping as a YAML document with a final newline; BadManifestError, naming `what`, where it cannot be one."""
    writer = _Writer(what)
    return "".join(f"{line}\n" for line in writer.section(value, layout, 0, ()))


class _Writer:
    def __init__(self, what: str) -> None:
        self.what = what

    def section(self, value: Mapping[str, Any], layout: Layout, indent: int, path: Path) -> list[str]:
        """The lines of a block mapping."""
        lines = []
        pad = " " * indent
        for key, child in value.items():
            inside = (*path, key)
            head = self.text(key, inside, flow=False, quoted=False)
            if len(head) > MAXIMUM_SIMPLE_KEY:
                lines.append(f"{pad}? {head}")
                head = ""
            lines += self.entry(f"{pad}{head}:", child, layout.keys.get(key, FIT), indent, inside)
        return lines

    def entry(self, head: str, value: Any, layout: Layout, indent: int, path: Path) -> list[str]:
        """The lines of a key with its value."""
        if not _has_entries(value):
            return [f"{head} {self.scalar(value, layout, path, flow=False)}"]
        if (line := self.in_one_line(value, layout, len(head) + 1, path)) is not None:
            return [f"{head} {line}"]
        return [head, *self.block(value, layout, indent + 2, path)]

    def block(self, value: Any, layout: Layout, indent: int, path: Path) -> list[str]:
        """The lines of a mapping or list that has entries."""
        self.check_depth(path)
        if isinstance(value, Mapping):
            return self.section(value, layout, indent, path)
        lines = []
        pad = " " * indent
        for index, item in enumerate(value):
            inside, each = (*path, index), layout.items or FIT
            if not _has_entries(item):
                lines.append(f"{pad}- {self.scalar(item, each, inside, flow=False)}")
            elif (line := self.in_one_line(item, each, indent + 2, inside)) is not None:
                lines.append(f"{pad}- {line}")
            else:
                first, *rest = self.block(item, each, indent + 2, inside)
                lines += [f"{pad}- {first.lstrip(' ')}", *rest]
        return lines

    def in_one_line(self, value: Any, layout: Layout, column: int, path: Path) -> str | None:
        """The value in flow style, None where the layout or the width is against it."""
        if layout.style is Style.BLOCK:
            return None
        line = self.flow(value, layout, path)
        return line if layout.style is Style.FLOW or column + len(line) <= WIDTH else None

    def flow(self, value: Any, layout: Layout, path: Path) -> str:
        """The value in flow style."""
        if not _has_entries(value):
            return self.scalar(value, layout, path, flow=True)
        self.check_depth(path)
        if not isinstance(value, Mapping):
            each = layout.items or FIT
            return "[" + ", ".join(self.flow(item, each, (*path, at)) for at, item in enumerate(value)) + "]"
        entries = []
        for key, child in value.items():
            inside = (*path, key)
            head = self.text(key, inside, flow=True, quoted=False)
            head = f"? {head} :" if len(head) > MAXIMUM_SIMPLE_KEY else f"{head}:"
            entries.append(f"{head} {self.flow(child, layout.keys.get(key, FIT), inside)}")
        return "{" + ", ".join(entries) + "}"

    def scalar(self, value: Any, layout: Layout, path: Path, *, flow: bool) -> str:
        """A string, number, word or empty collection."""
        if isinstance(value, str):
            return self.text(value, path, flow=flow, quoted=layout.quoted)
        if value is None or isinstance(value, bool):
            return {None: "null", True: "true", False: "false"}[value]
        if isinstance(value, int) and layout.decimals is None:
            if value.bit_length() > MAXIMUM_NUMBER * 4 or len(str(value)) > MAXIMUM_NUMBER:
                self.refuse(path, "is a number too long to be read again")
            return str(value)
        if isinstance(value, (int, float)):
            if not math.isfinite(value):
                self.refuse(path, "must be a finite number")
            return float_text(value) if layout.decimals is None else f"{value:.{layout.decimals}f}"
        return "{}" if isinstance(value, Mapping) else "[]"

    def text(self, text: str, path: Path, *, flow: bool, quoted: bool) -> str:
        """A string, quoted where it must be."""
        if not quoted and is_plain(text) and not (flow and "," in text):
            return text
        if any("\ud800" <= sign <= "\udfff" for sign in text):
            self.refuse(path, "holds a lone surrogate, which UTF-8 cannot carry")
        return '"' + _ESCAPED.sub(_escape, text) + '"'

    def check_depth(self, path: Path) -> None:
        """Refuse what could not be read again."""
        if len(path) >= MAXIMUM_DEPTH:
            self.refuse(path[:3], f"is nested deeper than {MAXIMUM_DEPTH}")

    def refuse(self, path: Path, message: str) -> NoReturn:
        """Say which value of what cannot be written."""
        refuse([Problem(0, 0, path_text(path), message, self.what)])


def is_plain(text: str) -> bool:
    """Whether the string reads as itself without quotes, by the rules of YAML 1.1 and of 1.2."""
    if not _PLAIN.fullmatch(text) or text.lower() in _WORDS:
        return False
    return not text[0].isdigit() or _WORD_LETTER.search(text) is not None


def float_text(number: float) -> str:
    """The shortest digits that read back as the number, in a form that is a float to YAML 1.1 as well."""
    mantissa, mark, exponent = repr(float(number)).partition("e")
    return mantissa + ("" if "." in mantissa else ".0") + mark + exponent


def _has_entries(value: Any) -> bool:
    return isinstance(value, (Mapping, list, tuple)) and bool(value)


def _escape(found: re.Match[str]) -> str:
    sign = found.group()
    if sign in _SHORT:
        return _SHORT[sign]
    return f"\\x{ord(sign):02x}" if sign < "\x80" else f"\\u{ord(sign):04x}"
