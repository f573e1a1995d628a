"""Formats that other packages add, by an entry point in the group `dsv.formats`.

They are looked for when a file or a declaration asks for what dsv has not itself, and never before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BufferedReader
from typing import TYPE_CHECKING

from dsv.errors import DsvError, UnsupportedError
from dsv.records.formats.contract import (
    Access,
    CannotReadError,
    Contents,
    Format,
    Malformed,
    outside_domain,
)

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "dsv.formats"
_HINT = "mend or uninstall the package that brings it"


@dataclass(frozen=True)
class PlugIn:
    """A format from another package; what goes wrong in it is said to be its fault."""

    name: str
    suffixes: tuple[str, ...]
    access: Access
    inner: Format

    def read(self, stream: BufferedReader) -> Contents:
        """What the format reads, checked to be records."""
        try:
            contents = self.inner.read(stream)
            records = iter(contents.records)
        except (CannotReadError, OSError, DsvError):
            raise
        except Exception as error:
            raise self._failed(error) from error
        return Contents(self.name, self._checked(records), tuple(contents.columns), contents.dialect)

    def _checked(self, records: Iterator[tuple[int | None, object]]) -> Iterator[tuple[int | None, object]]:
        while True:
            try:
                line, value = next(records)
            except StopIteration:
                return
            except (CannotReadError, OSError, DsvError):
                raise
            except Exception as error:
                raise self._failed(error) from error
            if not isinstance(value, Malformed) and (found := outside_domain(value)):
                raise UnsupportedError(f"the format plug-in {self.name!a} makes records of {found}", hint=_HINT)
            yield line, value

    def _failed(self, error: Exception) -> UnsupportedError:
        return UnsupportedError(f"the format plug-in {self.name!a} failed: {_told(error)}", hint=_HINT)


@cache
def plug_ins() -> tuple[PlugIn, ...]:
    """Every format that an installed package adds, by name; UnsupportedError for one that cannot be used."""
    from importlib.metadata import entry_points

    found: dict[str, PlugIn] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda each: (each.name, each.value)):
        loaded = _loaded(entry)
        for other in found.values():
            shared = set(other.suffixes).intersection(loaded.suffixes)
            if other.name == loaded.name or shared:
                what = ", ".join(sorted(shared)) or f"the format {loaded.name!a}"
                raise UnsupportedError(f"two plug-ins read {what}: {other.name!a} and {loaded.name!a}", hint=_HINT)
        found[loaded.name] = loaded
    return tuple(found.values())


def _loaded(entry: EntryPoint) -> PlugIn:
    package = f" of {entry.dist.name}" if entry.dist else ""
    where = f"the format plug-in {entry.name!a}{package}"
    try:
        format_ = entry.load()
        name, suffixes, access, read = format_.name, tuple(format_.suffixes), format_.access, format_.read
    except Exception as error:
        raise UnsupportedError(f"{where} cannot be loaded: {_told(error)}", hint=_HINT) from error
    if problem := _problem(entry.name, name, suffixes, access=access, read=read):
        raise UnsupportedError(f"{where} cannot be used: {problem}", hint=_HINT)
    return PlugIn(name, suffixes, access, format_)


def _problem(entry_name: str, name: object, suffixes: tuple[object, ...], *, access: object, read: object) -> str:
    if name != entry_name:
        return f"it calls itself {name!a}"
    if not all(isinstance(each, str) and each.startswith(".") and each == each.lower() for each in suffixes):
        return "suffixes must be texts in lower case that begin with a dot"
    if not isinstance(access, Access):
        return "access must be one of Access"
    return "" if callable(read) else "read must be a method"


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
