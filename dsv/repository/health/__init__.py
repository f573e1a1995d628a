"""What may be wrong around the datasets of a repository: numbered checks, and how each is mended.

An area is a module: its checks (what may be wrong, in words), and the functions that look for them. A new check is a
`Check` with the next free number, listed in the area's `checks`, that a function in `looks` finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dsv.errors import DsvError, GitError
from dsv.repository.health.check import Area, Check, Finding, Level, Mend, Mending
from dsv.repository.health.git_clone import BREAKING_GIT, GIT
from dsv.repository.health.kept_data import KEPT_DATA
from dsv.repository.health.released import RELEASED
from dsv.repository.health.settings import SETTING
from dsv.repository.health.shared_files import SHARED_FILES
from dsv.repository.health.subject import Subject
from dsv.repository.health.unfinished import UNFINISHED

if TYPE_CHECKING:
    from dsv.repository.repository import Repository

__all__ = ["AREAS", "CHECKS", "Area", "Check", "Finding", "Level", "Mend", "Mending", "examine"]

NOT_LOOKED_AT = Check(
    "D001",
    "not looked at",
    Level.ERROR,
    "{problem}",
    "{remedy}",
    "Something is so broken that other checks could not be made; they are, as soon as it is mended.",
)

AREAS: Sequence[Area] = (
    UNFINISHED,
    GIT,
    RELEASED,
    KEPT_DATA,
    SETTING,
    SHARED_FILES,
    Area("Doctor itself", (NOT_LOOKED_AT,), ()),
)
"""All areas, those first that others rest on: what is mended is mended in this order."""

CHECKS: Sequence[Check] = tuple(check for area in AREAS for check in area.checks)
"""Every check."""


_RESTING_ON_GIT = (RELEASED, KEPT_DATA, SHARED_FILES)
_SKIPPED = "versions, their data and shared files were not looked at: git would not tell them as they are"


def examine(repository: Repository) -> list[Finding]:
    """Everything that the checks find, in their order; a broken repository is looked at as far as it can be."""
    subject = Subject(repository)
    found, failed, of_git = list[Finding](), dict[str, Finding](), set[str]()
    for area in AREAS:
        if area in _RESTING_ON_GIT and any(each.of in BREAKING_GIT for each in found):
            failed[""] = NOT_LOOKED_AT.found(problem=_SKIPPED, remedy="mend first what git cannot read")
            continue
        for look in area.looks:
            try:
                for finding in look(subject):
                    found.append(finding)
            except DsvError as error:
                cause = _cause(error)
                if isinstance(error, GitError):
                    of_git.add(cause)
                failed[cause] = NOT_LOOKED_AT.found(problem=error.message, remedy=error.hint or "")
            except OSError as error:
                problem = f"{error.filename or 'a file'} cannot be read: {error.strerror}"
                failed[problem] = NOT_LOOKED_AT.found(problem=problem, remedy="look at its permissions")
    if any(each.of in BREAKING_GIT for each in found):
        failed = {cause: each for cause, each in failed.items() if cause not in of_git}
    told = {each.message for each in found}
    return [*found, *(each for _, each in sorted(failed.items()) if each.message not in told)]


def _cause(error: DsvError) -> str:
    """What commands of git that fail for the same reason have in common; the message of any other error."""
    return error.message.partition(" failed: ")[2] if isinstance(error, GitError) else error.message
