"""The kinds of text and number that stand in dsv's files, as annotations for the models.

Each carries its rule in two forms: a check in Python, whose sentence people read, and a pattern in the
JSON Schema, which editors use.
"""

# ruff: noqa: TC002 - pydantic reads the annotations when the models are made
from __future__ import annotations

import math
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, JsonValue
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from dsv.errors import DsvError
from dsv.model.fields import TYPES
from dsv.model.glob import glob_pattern
from dsv.model.name import check_name
from dsv.model.rule_text import check_rule
from dsv.model.version import Level, Version

MAXIMUM_COUNT = 2**63 - 1

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROL_IN_PROSE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SHA256 = r"sha256:[0-9a-f]{64}"
_MD5 = r"md5:[0-9a-f]{32}(?:\.dir)?"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
_WORD = r"[a-z][a-z0-9_-]*"
_VERSION = r"(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)(?:-[0-9A-Za-z.-]+)?"
_NAME = r"[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"
_PLACEHOLDERS = frozenset({"dataset", "version", "summary"})


@dataclass(frozen=True)
class Rule:
    """An annotation for text: `check` raises ValueError with the rule that is broken; `pattern` is for editors."""

    check: Callable[[str], object]
    pattern: str = ""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The text, when it keeps the rule."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """A string with the pattern."""
        described = handler(schema)
        return {**described, "pattern": f"^(?:{self.pattern})$"} if self.pattern else described

    def _checked(self, text: str) -> str:
        try:
            self.check(text)
        except DsvError as error:
            raise ValueError(error.message) from None
        return text


@dataclass(frozen=True)
class Spelled:
    """An annotation for a value that files spell as text: `read` and `write` are inverse."""

    kind: type
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    described: tuple[tuple[str, Any], ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The value, from itself or from its text."""
        written = core_schema.plain_serializer_function_ser_schema(self.write)
        return core_schema.no_info_plain_validator_function(self._value, serialization=written)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """A string of a certain form."""
        return {"type": "string", **dict(self.described)}

    def _value(self, value: Any) -> Any:
        if isinstance(value, self.kind):
            return value
        if not isinstance(value, str):
            raise ValueError("must be text")  # noqa: TRY004 - what a validator raises
        try:
            return self.read(value)
        except DsvError as error:
            raise ValueError(error.message) from None


def _matches(pattern: str, rule: str) -> Rule:
    compiled = re.compile(pattern, re.ASCII)

    def check(text: str) -> None:
        if not compiled.fullmatch(text):
            raise ValueError(rule)

    return Rule(check, pattern)


def _check_line(text: str) -> None:
    if found := _CONTROL.search(text):
        raise ValueError(f"must be one line without control characters (holds U+{ord(found.group()):04X})")


def _check_prose(text: str) -> None:
    if found := _CONTROL_IN_PROSE.search(text):
        raise ValueError(f"must be text without control characters (holds U+{ord(found.group()):04X})")


def _check_label(text: str) -> None:
    _check_line(text)
    if not text.strip():
        raise ValueError("must not be empty")


def _check_time(text: str) -> None:
    try:
        if not re.fullmatch(_TIME, text, re.ASCII):
            raise ValueError  # noqa: TRY301 - one message for both
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007 - only whether there is such a time
    except ValueError:
        raise ValueError("must be a time in UTC like 2026-01-31T07:30:00Z") from None


def check_path(text: str) -> None:
    """ValueError unless the text is a relative path with slashes that stays below its root, in its shortest form."""
    _check_label(text)
    if "\\" in text:
        raise ValueError("must not hold a backslash; paths are written with slashes")
    if text.startswith("/"):
        raise ValueError("must be relative")
    if text.startswith("-"):
        raise ValueError("must not begin with -")
    parts = text.split("/")
    if ".." in parts:
        raise ValueError("must not hold ..")
    if "" in parts or "." in parts:
        raise ValueError("must be in its shortest form, without ., // or a slash at the end")
    if reserved := {".git", ".dvc"}.intersection(part.lower() for part in parts):
        raise ValueError(f"must not lie in {min(reserved)}")


def _check_commit_message(text: str) -> None:
    _check_prose(text)
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        parts = [("", "", None, None)]
    for _, name, form, conversion in parts:
        if name is not None and (name not in _PLACEHOLDERS or form or conversion):
            raise ValueError("may hold {dataset}, {version} and {summary}, and {{ or }} for a brace")
    if not text.strip():
        raise ValueError("must not be empty")


def check_json(value: Any) -> Any:
    """The value; ValueError when a number in it, at any depth, is none to JSON."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must be a finite number")
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ():
        check_json(each)
    return value


@dataclass(frozen=True)
class Finite:
    """An annotation for JSON values: no NaN and no infinity at any depth."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The value, when JSON can hold it."""
        return core_schema.no_info_after_validator_function(check_json, handler(source))


@dataclass(frozen=True)
class SchemaOrFile:
    """An annotation for a JSON Schema that stands where it is wanted, or in a file of this path."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The mapping, or the path."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Either of the two."""
        return {"anyOf": [{"type": "string", "minLength": 1}, {"type": "object"}]}

    @staticmethod
    def _checked(value: Any) -> Any:
        if isinstance(value, str):
            check_path(value)
        elif not isinstance(value, dict):
            raise ValueError("must be a JSON Schema, or the path of a file that holds one")  # noqa: TRY004 - for pydantic
        return value


_SOURCE_RULE = "must be NAME@VERSION, for instance leases@1.0.0"

Line = Annotated[str, Rule(_check_line)]
Prose = Annotated[str, Rule(_check_prose)]
Label = Annotated[str, Field(min_length=1), Rule(_check_label)]
CheckLine = Annotated[Label, Rule(check_rule)]
Glob = Annotated[Label, Rule(glob_pattern)]
Word = Annotated[str, _matches(_WORD, "must be a word in lower case")]
Name = Annotated[str, Rule(check_name, _NAME)]
SplitName = Annotated[str, Rule(lambda text: check_name(text, what="split name"), _NAME)]
StageName = Annotated[str, Rule(lambda text: check_name(text, what="stage name"), _NAME)]
RelativePath = Annotated[str, Field(min_length=1), Rule(check_path)]
Time = Annotated[str, Rule(_check_time, _TIME)]
Sha256 = Annotated[str, _matches(_SHA256, "must be sha256: and 64 digits out of 0-9a-f")]
DvcObject = Annotated[str, _matches(_MD5, "must be md5: and 32 digits out of 0-9a-f, with .dir for a directory")]
Commit = Annotated[str, _matches(r"[0-9a-f]{40}", "must be the 40 digits of a commit, out of 0-9a-f")]
SourceText = Annotated[str, _matches(r"(?:[^\s@]+:)?[^\s@:]+@[^\s@]+", _SOURCE_RULE)]
CommitMessage = Annotated[str, Rule(_check_commit_message)]
TypeWord = Annotated[str, _matches("|".join(TYPES), f"must be one of {', '.join(TYPES)}")]
Count = Annotated[int, Field(ge=0, le=MAXIMUM_COUNT)]
Share = Annotated[float, Field(gt=0, le=1)]
Number = Annotated[float, Finite()]
Json = Annotated[JsonValue, Finite()]
RecordSchemaChoice = Annotated[JsonValue, Finite(), SchemaOrFile()]
VersionText = Annotated[Version, Spelled(Version, Version.parse, str, (("pattern", f"^{_VERSION}$"),))]
LevelWord = Annotated[
    Level, Spelled(Level, Level.parse, lambda level: level.word, (("enum", ["major", "minor", "patch"]),))
]
