"""The formats dsv reads, and which of them reads a file."""

from __future__ import annotations

from dataclasses import replace
from io import BufferedReader

from dsv.errors import UnsupportedError
from dsv.model.reading import OPAQUE, Reading, is_documentation
from dsv.records.canonical import Number
from dsv.records.formats.arrow_ipc import ArrowIpc
from dsv.records.formats.compression import decompressed, is_compressed, path_inside
from dsv.records.formats.conll import Conll
from dsv.records.formats.contract import Access, CannotReadError, Contents, Format, Malformed
from dsv.records.formats.delimited import Delimited
from dsv.records.formats.json_document import JsonDocument
from dsv.records.formats.json_member import Place
from dsv.records.formats.jsonl import JsonLines
from dsv.records.formats.parquet import Parquet
from dsv.records.formats.plain_text import TextFile, TextLines
from dsv.records.formats.plugins import plug_ins

__all__ = [
    "AUTO",
    "OPAQUE",
    "Access",
    "CannotReadError",
    "Contents",
    "Format",
    "Malformed",
    "Number",
    "choose",
    "contents_of",
    "format_names",
    "is_format",
]

AUTO = "auto"

BY_SUFFIX: tuple[Format, ...] = (
    JsonLines(),
    JsonDocument(),
    Delimited("csv", (".csv",)),
    Delimited("tsv", (".tsv",), "\t"),
    Parquet(),
    ArrowIpc(),
    Conll(),
)
"""Formats that a file's suffix tells."""

WHEN_DECLARED: tuple[Format, ...] = (TextLines(), TextFile())
"""Formats that are never assumed: text beside data is mostly about the data."""

FORMATS: tuple[Format, ...] = (*BY_SUFFIX, *WHEN_DECLARED)
"""All that dsv has itself."""

_BY_NAME = {each.name: each for each in FORMATS}
_OF_SUFFIX = {suffix: each for each in BY_SUFFIX for suffix in each.suffixes}
_PLAIN_SUFFIXES = ("", ".txt", ".dat", ".data")


def format_names() -> tuple[str, ...]:
    """The words that a dataset's `format` may be; UnsupportedError for a plug-in that cannot be used."""
    return (AUTO, *_BY_NAME, *_plug_ins_by_name(), OPAQUE)


def is_format(name: str) -> bool:
    """Whether a dataset's `format` may be this; looks at plug-ins only where dsv has no such format itself."""
    return name in (AUTO, OPAQUE) or name in _BY_NAME or name in _plug_ins_by_name()


def choose(path: str, reading: Reading) -> Format | None:
    """The format that reads a file, None for an opaque file; ValueError for a declared name that is none.

    `auto` goes by the suffix. A declared format reads its own suffixes, and files whose suffix says nothing
    unless they are documentation.
    """
    if reading.format == OPAQUE:
        return None
    suffix = _suffix(path_inside(path))
    found = _OF_SUFFIX.get(suffix)
    if reading.format == AUTO:
        found = found or _plug_in_of_suffix(suffix)
    elif found is None or found.name != reading.format:
        found = _declared(path, suffix, reading.format)
    if found is None or (found.access is Access.SEEKABLE and is_compressed(path)):
        return None
    return _as_declared(found, path, reading)


def contents_of(chosen: Format, stream: BufferedReader, *, path: str) -> Contents:
    """What the format reads in a file, which is unpacked first where its path says so."""
    return chosen.read(decompressed(stream, path=path) if is_compressed(path) else stream)


def _declared(path: str, suffix: str, name: str) -> Format | None:
    declared = _BY_NAME.get(name) or _plug_ins_by_name().get(name)
    if declared is None:
        raise ValueError(f"{name!r} is not a format: one of {', '.join(format_names())}")
    if suffix not in declared.suffixes and suffix not in _PLAIN_SUFFIXES:
        return None
    return None if is_documentation(path) else declared


def _as_declared(chosen: Format, path: str, reading: Reading) -> Format:
    """The format with what dataset.yaml says about such files."""
    if isinstance(chosen, Delimited):
        return replace(chosen, declared=reading.csv)
    if isinstance(chosen, JsonDocument) and (member := reading.member_of(path)) is not None:
        return JsonDocument(Place.parse(member))
    return chosen


def _plug_in_of_suffix(suffix: str) -> Format | None:
    return next((each for each in _plug_ins_by_name().values() if suffix and suffix in each.suffixes), None)


def _plug_ins_by_name() -> dict[str, Format]:
    found: dict[str, Format] = {each.name: each for each in plug_ins()}
    if taken := [name for name in found if name in (AUTO, OPAQUE) or name in _BY_NAME]:
        raise UnsupportedError(
            f"the format plug-in {taken[0]!a} has the name of a format that dsv has itself",
            hint="uninstall the package that brings it, or give the format a name of its own",
        )
    return found


def _suffix(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    _, dot, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if dot else ""
