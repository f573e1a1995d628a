"""Functions that other packages add for rules, by an entry point in the group `dsv.checks`.

They are looked for when a rule names a function that dsv has not itself, and never before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from dsv.errors import UnsupportedError, UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "dsv.checks"
_HINT = "mend or uninstall the package that brings it"

Wrong = Callable[[Any], "str | None"]
"""What is wrong with a record, in a few words; None where nothing is."""


class RecordFunction(Protocol):
    """What an entry point names: a rule with it counts the records that something is wrong with."""

    @property
    def name(self) -> str:
        """The function's name in rules, and that of the entry point."""

    def begin(self, *arguments: str) -> Wrong:
        """What judges the records of one file; ValueError says what is wrong with the arguments."""


def installed() -> Sequence[str]:
    """The names of all functions that installed packages add."""
    return sorted(_entries())


def version_of(name: str) -> str:
    """The package that brings the function, with its version: other versions may judge otherwise."""
    entry = _entries()[name]
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value


def judge(name: str, arguments: tuple[str, ...]) -> Wrong:
    """The function's judgement. Where it fails over a record, that is what is wrong with the record.

    Errors: UnsupportedError for one that cannot be used, UsageError for arguments that it does not take.
    """
    function = _loaded(name)
    try:
        wrong = function.begin(*arguments)
    except (ValueError, TypeError) as error:
        call = f"{name}({', '.join(arguments)})"
        raise UsageError(f"{call}: {_told(error)}", hint="see the documentation of the package") from error
    except Exception as error:
        raise UnsupportedError(f"the check {name!a} failed: {_told(error)}", hint=_HINT) from error

    def judged(record: Any) -> str | None:
        try:
            words = wrong(record)
            return None if words is None else " ".join(str(words).split())
        except Exception as error:  # noqa: BLE001 - somebody else's code, which must not keep dsv from its work
            return f"{name} failed: {_told(error)}"

    return judged


@cache
def _entries() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    found: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda each: (each.name, each.value)):
        other = found.setdefault(entry.name, entry)
        if other.value != entry.value:
            raise UnsupportedError(f"two packages bring the check {entry.name!a}", hint="uninstall one of them")
    return found


@cache
def _loaded(name: str) -> RecordFunction:
    entry = _entries()[name]
    package = f" of {entry.dist.name}" if entry.dist else ""
    try:
        function: RecordFunction = entry.load()
        said, begin = function.name, function.begin
    except Exception as error:
        raise UnsupportedError(f"the check {name!a}{package} cannot be loaded: {_told(error)}", hint=_HINT) from error
    if said != name or not callable(begin):
        problem = f"it calls itself {said!a}" if said != name else "begin must be a method"
        raise UnsupportedError(f"the check {name!a}{package} cannot be used: {problem}", hint=_HINT)
    return function


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
