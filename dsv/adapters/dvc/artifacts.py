"""The `artifacts:` entries of dvc.yaml, edited as text: comments, order and all other lines stay.

DVC reads the file as YAML 1.2 and as a template; what is written here means the same to YAML 1.1.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

from dsv.errors import ConflictError
from dsv.model.yaml_lines import YamlLines

_FIELDS = ("path", "type", "desc", "labels")
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9 _./-]*[A-Za-z0-9_./-])?")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
# Line breaks that YAML counts and git's users do not write.
_OTHER_BREAKS = re.compile("\r(?!\n)|[\x85\u2028\u2029]")
# A file of nothing but entries as they are written here, with plain texts: it is understood without a parser.
_TEXT = r'(?:[A-Za-z](?:[A-Za-z0-9 _./-]*[A-Za-z0-9_./-])?|"[ !#-\[\]-~]*")\n'
_AS_WRITTEN = re.compile(
    rf"artifacts:\n(?:  [A-Za-z0-9_-]+:\n(?:    (?:path|type|desc): {_TEXT}|    labels:\n(?:      - {_TEXT})+)+)+"
)

Value = str | list[str]


@dataclass(frozen=True, slots=True)
class Artifact:
    """What DVC shall know of a dataset; an empty field leaves what the file says."""

    path: str  # relative to dvc.yaml
    type: str = ""
    desc: str = ""
    labels: tuple[str, ...] = ()

    def fields(self) -> dict[str, Value]:
        """The fields that are not empty, as the file holds them."""
        given: dict[str, Value] = {"path": self.path, "type": self.type, "desc": self.desc}
        fields = {key: _escaped(value) for key, value in given.items() if isinstance(value, str) and value}
        return {**fields, **({"labels": [_escaped(label) for label in self.labels]} if self.labels else {})}


@lru_cache(maxsize=2)  # a release asks for HEAD's text, the index's and the work tree's, which mostly are the same
def artifacts_with(text: str, name: str, *, artifact: Artifact) -> str:
    """The text of dvc.yaml with the artifact added, or its fields brought up to date.

    ConflictError where the text is not YAML, or is laid out so that a line cannot be put in.
    """
    lines = _entry(name, artifact.fields(), column=2, step=2)
    if not artifact.labels and "\n".join(["", *lines, ""]) in text and _AS_WRITTEN.fullmatch(text):
        return text
    if _OTHER_BREAKS.search(text):
        _refuse("it has line breaks of other systems")
    document = _document(text)
    expected = document.content or {}
    if not isinstance(expected, dict) or not isinstance(expected.get("artifacts") or {}, dict):
        _refuse("it is not a mapping with a mapping of artifacts")
    entries = expected["artifacts"] = dict(expected.get("artifacts") or {})
    if name in entries and not isinstance(entries[name], dict):
        _refuse(f"artifacts.{name} is not a mapping")
    before = entries.get(name)
    entries[name] = {**(before or {}), **artifact.fields()}
    if before == entries[name]:
        return text
    if before is None:
        changed = _with_entry(document, name, artifact.fields())
    else:
        changed = text
        for key, value in artifact.fields().items():
            if before.get(key) != value:
                changed = _with_field(_document(changed), name, key, value)
    return _checked(changed, expected)


def artifacts_without(text: str, name: str) -> str:
    """The text of dvc.yaml without the artifact; as it was when it has none of this name."""
    document = _document(text)
    expected = document.content or {}
    if not isinstance(expected, dict) or not isinstance(entries := expected.get("artifacts"), dict):
        return text
    if name not in entries:
        return text
    del entries[name]
    section = _pair(document.root, "artifacts")
    span = section if not entries else _pair(section[1], name)
    if not entries:
        del expected["artifacts"]
    first, last = span[0].start_mark.line, document.last_line(span[1])
    return _checked(document.replaced(first, last, []), expected)


def artifact_names(text: str) -> list[str]:
    """The names of all artifacts in the order of the file, as often as they stand there."""
    document = _document(text)
    section = _pair(document.root, "artifacts") if document.root is not None else None
    pairs = section[1].value if section is not None and isinstance(section[1].value, list) else []
    return [str(key.value) for key, _ in pairs]


def artifacts_in_order(text: str, names: Collection[str]) -> str:
    """The text with the artifacts of these names in order, in the places that they have, each once: the first.

    What stands in an entry, and the comments right above it, go with it. ConflictError where the file is laid out so
    that its entries are no lines of their own.
    """
    found = [name for name in artifact_names(text) if name in names]
    if found == sorted(set(found)):
        return text
    document = _document(text)
    head, section = _pair(document.root, "artifacts")
    if section.flow_style:
        _refuse("its artifacts are written in braces")
    if not document.lines[-1].endswith("\n"):
        document.lines[-1] += document.ending
    starts = []
    for key, _ in section.value:
        line = key.start_mark.line
        while line - 1 > head.start_mark.line and _is_comment(document.lines[line - 1]):
            line -= 1
        starts.append(line)
    end = document.last_line(section.value[-1][1]) + 1
    blocks = [document.lines[start:stop] for start, stop in zip(starts, [*starts[1:], end], strict=True)]
    first: dict[str, list[str]] = {}
    kept: list[tuple[str, list[str]]] = []
    for (key, _), block in zip(section.value, blocks, strict=True):
        if key.value not in first:
            kept.append((key.value, block))
        if key.value in names:
            first.setdefault(key.value, block)
    in_order = iter(sorted(first))
    ordered = [line for name, block in kept for line in (first[next(in_order)] if name in first else block)]
    changed = "".join([*document.lines[: starts[0]], *ordered, *document.lines[end:]])
    if set(artifact_names(changed)) != {key.value for key, _ in section.value}:
        _refuse("its artifacts cannot be told apart")
    return changed


def artifacts_renamed(text: str, old: str, new: str) -> str:
    """The text of dvc.yaml with the artifact under another name, in its place; as it was when it has none of this name.

    ConflictError where the new name is taken, or the old one cannot be found in the text.
    """
    document = _document(text)
    expected = document.content or {}
    if not isinstance(expected, dict) or not isinstance(entries := expected.get("artifacts"), dict):
        return text
    if old not in entries:
        return text
    if new in entries:
        _refuse(f"it has an artifact {new} already")
    entries[new] = entries.pop(old)
    key, _ = _pair(_pair(document.root, "artifacts")[1], old)
    line = document.lines[key.start_mark.line]
    changed = line[: key.start_mark.column] + _scalar(new) + line[key.end_mark.column :]
    return _checked(document.replaced(key.start_mark.line, key.start_mark.line, [changed.rstrip("\r\n")]), expected)


def _document(text: str) -> YamlLines:
    try:
        return YamlLines(text)
    except ValueError as error:
        _refuse(str(error))


def _with_entry(document: YamlLines, name: str, fields: dict[str, Value]) -> str:
    section = _pair(document.root, "artifacts") if document.root is not None else None
    if section is None:
        return document.inserted(len(document.lines), ["artifacts:", *_entry(name, fields, column=2, step=2)])
    key, value = section
    if not value.value:
        _require_bare_key(document, key)
        return document.inserted(key.start_mark.line + 1, _entry(name, fields, column=2, step=2))
    if value.flow_style:
        _refuse("its artifacts are written in braces")
    column = value.value[0][0].start_mark.column
    steps = [inner.value[0][0].start_mark.column - column for _, inner in value.value if _is_block_mapping(inner)]
    smaller = [inner for inner_key, inner in value.value if inner_key.value < name]
    position = document.last_line(smaller[-1]) + 1 if smaller else value.value[0][0].start_mark.line
    while not smaller and position > key.start_mark.line + 1 and _is_comment(document.lines[position - 1]):
        position -= 1
    return document.inserted(position, _entry(name, fields, column=column, step=steps[0] if steps else 2))


def _with_field(document: YamlLines, name: str, field: str, value: Value) -> str:
    section = _pair(document.root, "artifacts")
    key, entry = _pair(section[1], name)
    if not _is_block_mapping(entry):
        _refuse(f"artifacts.{name} is written in braces")
    column = entry.value[0][0].start_mark.column
    present = {inner.value: (inner, node) for inner, node in entry.value}
    lines = _field(field, value, column=column)
    if field not in present:
        before = [other for other in _FIELDS[: _FIELDS.index(field)] if other in present]
        position = document.last_line(present[before[-1]][1]) if before else int(key.start_mark.line)
        return document.inserted(position + 1, lines)
    inner, node = present[field]
    first, last = inner.start_mark.line, document.last_line(node)
    if first == last and len(lines) == 1 and isinstance(value, str) and node.end_mark.line == first:
        line = document.lines[first]
        kept = line[: node.start_mark.column] + _scalar(value) + line[node.end_mark.column :]
        return "".join([*document.lines[:first], kept, *document.lines[last + 1 :]])
    return document.replaced(first, last, lines)


def _require_bare_key(document: YamlLines, key: Any) -> None:
    line = document.lines[key.start_mark.line]
    rest = line[key.end_mark.column :].strip()
    if not re.fullmatch(r":\s*(#.*)?", rest):
        _refuse("its artifacts are empty, and not by nothing after the colon")


def _entry(name: str, fields: dict[str, Value], *, column: int, step: int) -> list[str]:
    lines = [f"{' ' * column}{_scalar(name)}:"]
    for key, value in fields.items():
        lines += _field(key, value, column=column + step)
    return lines


def _field(key: str, value: Value, *, column: int) -> list[str]:
    indent = " " * column
    if isinstance(value, str):
        return [f"{indent}{key}: {_scalar(value)}"]
    return [f"{indent}{key}:", *(f"{indent}  - {_scalar(item)}" for item in value)]


def _scalar(text: str) -> str:
    """The text as a YAML string on one line, plain where every YAML reads it as that string."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return '"' + "".join(_quoted(character) for character in text) + '"'


def _quoted(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004  # a lone surrogate, which no YAML can hold
        return "\ufffd"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004


def _escaped(text: str) -> str:
    r"""The text as DVC's template language gives it back: `${` begins a variable, `\${` does not."""
    return text.replace("${", "\\${")


def _pair(node: Any, name: str) -> Any:
    for key, value in node.value if hasattr(node, "value") and isinstance(node.value, list) else ():
        if isinstance(key.value, str) and key.value == name:
            return key, value
    return None


def _is_block_mapping(node: Any) -> bool:
    import yaml

    return isinstance(node, yaml.MappingNode) and not node.flow_style and bool(node.value)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _checked(text: str, expected: Any) -> str:
    """The text, when it says what it is meant to; any layout not foreseen ends here, unwritten."""
    try:
        says = _document(text).content or {}
    except ConflictError:
        says = None
    if says != expected:
        _refuse("it is laid out in a way that leaves no place for a line")
    return text


def _refuse(problem: str) -> NoReturn:
    raise ConflictError(
        f"dvc.yaml cannot be edited: {problem}",
        hint="write its artifacts as indented lines (artifacts:, name:, path:), or move them to another dvc.yaml",
    )
