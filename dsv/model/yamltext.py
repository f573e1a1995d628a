"""YAML texts read strictly: bytes become nodes with line and column, and nodes become JSON values.

PyYAML's parser (libyaml where it is built in) does the grammar. Everything else is decided here, because
YAML's usual guesses are wrong for a file of facts: scalars follow the core schema of YAML 1.2
(https://yaml.org/spec/1.2.2/#103-core-schema), a plain scalar is text wherever text is wanted, and
duplicate keys, tags, merge keys, further documents and expanding aliases are refused. Problems are collected,
so that a reader sees all of them at once.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, NoReturn

import yaml

from dsv.model.decoding import decoded
from dsv.model.problems import Path, Problem, problem_at, refuse, shown

MAXIMUM_DEPTH = 100
MAXIMUM_NODES = 500_000
MAXIMUM_EXPANSION = 1_000
MAXIMUM_NUMBER = 1_000
MAXIMUM_GUESSES = 20
LONGEST_GUESSED = 60

Parser = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader

_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# 010 is eight to YAML 1.1 and ten to YAML 1.2, so a number with a leading zero is no number
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_CORE_TAG = "tag:yaml.org,2002:"
_SCALAR_TAGS: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
}


class ScalarKind(Enum):
    """What a plain scalar stands for where it is found."""

    VALUE = "value"  # resolved by the core schema
    TEXT = "text"  # its literal text
    TEXT_OR_NULL = "text or null"


@dataclass(frozen=True)
class Wanted:
    """What a schema wants in a place: the kind of scalar, the items of a list, the values of a mapping.

    A mapping with `keys` is a section: keys that it does not name are unknown. Without, `rest` is each value.
    """

    scalar: ScalarKind = ScalarKind.VALUE
    items: Wanted | None = None
    keys: Mapping[str, Wanted] | None = None
    rest: Wanted | None = None


ANYTHING = Wanted()


class Scalar:
    """A scalar's text; `plain` says that it was written without quotes."""

    __slots__ = ("mark", "plain", "text")

    def __init__(self, text: str, mark: Any, *, plain: bool) -> None:
        self.text = text
        self.mark = mark
        self.plain = plain


class Sequence:
    """A list of nodes."""

    __slots__ = ("items", "mark")

    def __init__(self, mark: Any) -> None:
        self.items: list[Node] = []
        self.mark = mark


class Section:
    """A mapping from key texts to nodes, with the place of each key."""

    __slots__ = ("entries", "kept", "key", "key_marks", "mark")

    def __init__(self, mark: Any) -> None:
        self.entries: dict[str, Node] = {}
        self.key_marks: dict[str, Any] = {}
        self.mark = mark
        self.key: str | None = None  # while reading: the key whose value comes next, or was last
        self.kept = True  # while reading: False for the value of a refused key


Node = Scalar | Sequence | Section


@dataclass
class _Frame:
    node: Sequence | Section
    anchor: str | None
    nodes_before: int
    wants_key: bool


@dataclass
class Document:
    """The nodes of one YAML document, and what is wrong or unknown so far."""

    file: str
    root: Node
    text: str
    problems: list[Problem] = field(default_factory=list)
    unknown: list[Problem] = field(default_factory=list)

    def value(self, wanted: Wanted) -> Any:
        """The document as a JSON value; lists are tuples where the schema wants a list."""
        return self._value(self.root, wanted, ())

    def problem(self, path: Path, message: str, *, offset: int = 0) -> Problem:
        """The problem at the deepest node that the path leads to, so a missing key is shown at its section.

        `offset` is where in the node's text; the column is that of the place, where the text stands so in the file.
        """
        node: Node = self.root
        for step in path:
            if isinstance(node, Section) and isinstance(step, str) and step in node.entries:
                node = node.entries[step]
            elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
            else:
                break
        found = problem_at(node.mark, path, message, file=self.file)
        if offset and isinstance(node, Scalar):
            start = node.mark.index + (not self.text.startswith(node.text, node.mark.index))  # behind a quote
            if self.text.startswith(node.text, start):
                return replace(found, column=found.column + start - node.mark.index + offset)
        return found

    def key_problem(self, path: Path, message: str) -> Problem:
        """The problem at the key that the path ends with."""
        node: Any = self.root
        for step in path[:-1]:
            within: Any = node.entries if isinstance(node, Section) else node.items
            node = within[step]
        return problem_at(node.key_marks[path[-1]], path, message, file=self.file)

    def _value(self, node: Node, wanted: Wanted, path: Path) -> Any:
        if isinstance(node, Scalar):
            return self._scalar(node, wanted.scalar, path)
        if len(path) >= MAXIMUM_DEPTH:  # by way of aliases
            refuse([problem_at(node.mark, (), _too_deep(), file=self.file)])
        if isinstance(node, Sequence):
            each = wanted.items or ANYTHING
            items = [self._value(item, each, (*path, index)) for index, item in enumerate(node.items)]
            return tuple(items) if wanted.items else items
        if wanted.keys is None:
            each = wanted.rest or ANYTHING
            return {key: self._value(child, each, (*path, key)) for key, child in node.entries.items()}
        for key in node.entries.keys() - wanted.keys.keys():
            guess = ""
            if len(key) <= LONGEST_GUESSED and len(self.unknown) < MAXIMUM_GUESSES:
                near = difflib.get_close_matches(key, wanted.keys, n=1, cutoff=0.75)
                guess = f" (did you mean {near[0]}?)" if near else ""
            message = f"unknown key{guess}; it is kept"
            self.unknown.append(problem_at(node.key_marks[key], (*path, key), message, file=self.file))
        return {
            key: self._value(child, wanted.keys.get(key, ANYTHING), (*path, key)) for key, child in node.entries.items()
        }

    def _scalar(self, node: Scalar, kind: ScalarKind, path: Path) -> Any:
        if not node.plain or kind is ScalarKind.TEXT:
            return node.text
        try:
            value = resolve(node.text)
        except ValueError as error:
            if kind is ScalarKind.VALUE:
                self.problems.append(problem_at(node.mark, path, str(error), file=self.file))
            return node.text
        return node.text if kind is ScalarKind.TEXT_OR_NULL and value is not None else value


def resolve(text: str) -> bool | int | float | str | None:
    """The value of a plain scalar by the core schema; ValueError for a number that JSON cannot hold."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-.":
        return text
    if len(text) > MAXIMUM_NUMBER and _FLOAT.fullmatch(text):
        raise ValueError(f"a number of {len(text)} characters; at most {MAXIMUM_NUMBER} are allowed")
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isfinite(number):
            return number
        raise ValueError(f"is beyond the range of numbers (got {shown(text)})")
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"must be a finite number (got {text})")
    return text


def parse(data: bytes, *, file: str) -> Document:
    """The nodes of the one document in the text; BadManifestError where the text cannot be read at all."""
    text = decoded(data, file=file)
    if not text.endswith("\n"):
        text += "\n"  # else libyaml loses the end of a block scalar's last line
    builder = _Builder(file, text)
    try:
        builder.read(Parser(text))
    except yaml.MarkedYAMLError as error:
        builder.stop(error.problem_mark, _grammar(error))
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # an escape beyond Unicode, without libyaml
        builder.stop(None, f"is not YAML ({shown(str(error))})")
    root = builder.root
    return Document(file, root, text, builder.problems) if root else builder.stop(None, "holds no document")


def load_value(data: bytes, *, file: str) -> Any:
    """The JSON value that the text spells where no schema says what is wanted; BadManifestError as ever."""
    document = parse(data, file=file)
    value = document.value(ANYTHING)
    if document.problems:
        refuse(document.problems)
    return value


class _Builder:
    """Makes nodes of the parser's events, without recursion, and notes what is refused."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._text = text
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._frames: list[_Frame] = []
        self._anchors: dict[str, tuple[Node, int] | None] = {}  # None while the anchored node is open
        self._documents = 0
        self._nodes = 0
        self._expanded = 0

    def read(self, parser: Any) -> None:
        """Take every event of the text."""
        handlers: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }
        while (event := parser.get_event()) is not None:
            if handler := handlers.get(type(event)):
                handler(event)

    def stop(self, mark: Any, message: str) -> NoReturn:
        """End here: what follows could not be understood."""
        refuse([*self.problems, problem_at(mark, (), message, file=self.file)])

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self.stop(event.start_mark, "another document begins here; the file must hold one")

    def _scalar(self, event: Any) -> None:
        node = Scalar(event.value, event.start_mark, plain=not event.style)
        if event.tag is not None:
            node.plain = not event.style and event.tag != _CORE_TAG + "str"
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, 1)
        self._add(node)
        if self._reads_on(event):
            self._note(node.mark, "needs a space behind the mark that it begins with, or quotes")
        if event.tag is not None and not self._tag_fits(event.tag, node):
            self._note(node.mark, _foreign_tag(event.tag))
        if not node.plain and not node.text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in node.text):
            self._note(node.mark, "holds a lone surrogate, which UTF-8 cannot carry")

    def _reads_on(self, event: Any) -> bool:
        """Whether the parser, which knows YAML 1.1, saw `?` or `&anchor` where YAML 1.2 reads on: `[?x]`, `&a:b`."""
        start = event.start_mark.index
        if event.anchor is not None and self._text.startswith("&", start):
            return self._text[start + 1 + len(event.anchor)] in ":?%@`"
        return start > 0 and self._text[start - 1] == "?"

    def _open(self, event: Any) -> None:
        is_section = type(event) is yaml.MappingStartEvent
        node = Section(event.start_mark) if is_section else Sequence(event.start_mark)
        before = self._nodes
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._add(node)
        if event.tag not in (None, _CORE_TAG + ("map" if is_section else "seq")):
            self._note(node.mark, _foreign_tag(event.tag))
        if len(self._frames) >= MAXIMUM_DEPTH:
            self.stop(node.mark, _too_deep())
        self._frames.append(_Frame(node, event.anchor, before, wants_key=is_section))

    def _close(self, _: Any) -> None:
        frame = self._frames.pop()
        if frame.anchor is not None:
            self._anchors[frame.anchor] = (frame.node, self._nodes - frame.nodes_before)

    def _alias(self, event: Any) -> None:
        name, mark = event.anchor, event.start_mark
        if name not in self._anchors:
            self.stop(mark, f"alias {shown(name)} has no anchor")
        anchored = self._anchors[name]
        if anchored is None:
            self.stop(mark, f"alias {shown(name)} contains itself")
        node, size = anchored
        self._expanded += size
        if self._expanded > MAXIMUM_EXPANSION:
            self.stop(mark, f"aliases expand to more than {MAXIMUM_EXPANSION:,} values")
        self._nodes += size - 1
        self._add(node, mark=mark)

    def _add(self, node: Node, *, mark: Any = None) -> None:
        self._nodes += 1
        if self._nodes > MAXIMUM_NODES:
            self.stop(node.mark, f"holds more than {MAXIMUM_NODES:,} values")
        if not self._frames:
            self.root = node
            return
        frame = self._frames[-1]
        inside = frame.node
        if isinstance(inside, Sequence):
            inside.items.append(node)
            return
        if frame.wants_key:
            self._key(inside, node, mark or node.mark)
        elif inside.kept and inside.key is not None:
            inside.entries[inside.key] = node
        frame.wants_key = not frame.wants_key

    def _key(self, section: Section, node: Node, mark: Any) -> None:
        section.kept = False
        section.key = node.text if isinstance(node, Scalar) else None
        if not isinstance(node, Scalar):
            self._note(mark, "a key must be text")
        elif node.plain and node.text == "<<":
            self._note(mark, 'merge keys are not taken (write "<<" in quotes for a key of that name)')
        elif node.text in section.entries:
            first = section.key_marks[node.text].line + 1
            self._note(mark, f"the key stands here for the second time (first in line {first})")
        else:
            section.kept = True
            section.key_marks[node.text] = mark

    def _note(self, mark: Any, message: str) -> None:
        self.problems.append(problem_at(mark, tuple(self._path()), message, file=self.file))

    def _path(self) -> Iterator[str | int]:
        for frame in self._frames:
            if isinstance(frame.node, Sequence):
                yield len(frame.node.items) - 1
            elif frame.node.key is not None:
                yield frame.node.key

    @staticmethod
    def _tag_fits(tag: str, node: Scalar) -> bool:
        if tag == _CORE_TAG + "str":
            return True
        types = _SCALAR_TAGS.get(tag.removeprefix(_CORE_TAG)) if tag.startswith(_CORE_TAG) else None
        if types is None or not node.plain:
            return False
        try:
            return isinstance(resolve(node.text), types)
        except ValueError:
            return False


def _grammar(error: yaml.MarkedYAMLError) -> str:
    said = " ".join(part for part in (error.context, error.problem) if part)
    tab = " (a tab cannot indent)" if "cannot start any token" in said else ""
    return f"is not YAML: {said.replace(chr(9), 'tab')}{tab}"


def _foreign_tag(tag: str) -> str:
    return f"tags are not taken (got {shown(tag)})"


def _too_deep() -> str:
    return f"is nested deeper than {MAXIMUM_DEPTH}"
