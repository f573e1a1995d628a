"""The formats dsv reads, and which of them reads a file."""

from __future__ import annotations

from dsv.model.reading import is_documentation
from dsv.records.formats.compression import path_inside
from dsv.records.formats.contract import CannotReadError, Contents, Format, Malformed
from dsv.records.formats.delimited import Delimited
from dsv.records.formats.json_document import JsonDocument
from dsv.records.formats.jsonl import JsonLines

__all__ = ["AUTO", "OPAQUE", "CannotReadError", "Contents", "Format", "Malformed", "choose", "format_names"]

AUTO = "auto"
OPAQUE = "opaque"

FORMATS: tuple[Format, ...] = (
    JsonLines(),
    JsonDocument(),
    Delimited("csv", (".csv",), ","),
    Delimited("tsv", (".tsv",), "\t"),
)

_PLAIN_SUFFIXES = ("", ".txt", ".dat", ".data")


def format_names() -> tuple[str, ...]:
    """The words that a dataset's `format` may be."""
    return (AUTO, *(each.name for each in FORMATS), OPAQUE)


def choose(path: str, declared: str) -> Format | None:
    """The format that reads a file, None for an opaque file; ValueError for a declared name that is none.

    `auto` goes by the suffix. A declared format reads its own suffixes, and files whose suffix says nothing
    unless they are documentation.
    """
    if declared not in format_names():
        raise ValueError(f"{declared!r} is not a format: one of {', '.join(format_names())}")
    suffix = _suffix(path_inside(path))
    for each in FORMATS:
        if declared in (AUTO, each.name) and suffix in each.suffixes:
            return each
        if declared == each.name and suffix in _PLAIN_SUFFIXES and not is_documentation(path):
            return each
    return None


def _suffix(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    _, dot, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if dot else ""
