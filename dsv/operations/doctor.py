"""`dsv doctor`: what is wrong around the datasets, and what of it dsv can mend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.adapters.git import SharedEdit
from dsv.repository import Repository, exclusively
from dsv.repository.health import Finding, Level, examine
from dsv.repository.transaction import Writing, perform


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong, what was wrong and is mended, and the commit that mended it where one was made."""

    findings: Sequence[Finding]
    fixed: Sequence[Finding] = ()
    commit: str | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong that is more than a warning."""
        return all(each.level is not Level.ERROR for each in self.findings)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "ok": self.ok,
            "findings": [each.document() for each in self.findings],
            "fixed": [each.document() for each in self.fixed],
            "commit": self.commit,
        }


def diagnose(repository: Repository) -> Diagnosis:
    """What is wrong."""
    return Diagnosis(examine(repository))


def mend(repository: Repository) -> Diagnosis:
    """What is wrong, mended as far as dsv can; what it edits is one commit of its own, with people's edits left out.

    Errors: InProgressError while git is busy and something would have to be committed.
    """
    # gather
    found = examine(repository)
    chosen = [each for each in found if each.mendable]
    if not chosen:
        return Diagnosis(found)
    with exclusively(repository, "doctor"):
        # decide
        edits = _together(chosen)
        # record
        for each in chosen:
            if each.act is not None:
                each.act()
        commit = None
        if edits:
            repository.git.identity()
            commit = perform(repository, Writing("doctor", "Put the entries of datasets in order", shared=edits))
    left = examine(repository)
    still = {(each.check, each.message) for each in left}
    return Diagnosis(left, [each for each in chosen if (each.check, each.message) not in still], commit)


def _together(findings: Sequence[Finding]) -> dict[str, SharedEdit]:
    """The edits of each file, one after the other."""
    edits: dict[str, list[SharedEdit]] = {}
    for each in findings:
        for path, edit in each.edits.items():
            edits.setdefault(path, []).append(edit)
    return {path: _chained(several) for path, several in edits.items()}


def _chained(edits: Sequence[SharedEdit]) -> SharedEdit:
    def edit(text: str) -> str:
        for each in edits:
            text = each(text)
        return text

    return edit
