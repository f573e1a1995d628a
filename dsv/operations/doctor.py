"""`dsv doctor`: what is wrong around the datasets, and what of it dsv can mend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.adapters.git.transaction import SharedEdit
from dsv.errors import StateError
from dsv.repository import Repository, exclusively
from dsv.repository.health import Finding, Level, examine
from dsv.repository.writing.transaction import Writing, perform

_MOST_ROUNDS = 5


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

    What becomes visible only when other things are mended is mended too. What the state of the repository forbids now,
    because git is busy for instance, is told and stays among the findings. Errors: those of a disk that is full, of
    git without an identity, of a git remote that does not answer.
    """
    # gather
    found = examine(repository)
    fixed, tried, commit = dict[tuple[str, str], Finding](), set[tuple[str, str]](), None
    for _ in range(_MOST_ROUNDS):
        # decide
        chosen = [each for each in found if each.mendable and _key(each) not in tried]
        if not chosen:
            break
        tried.update(map(_key, chosen))
        # record
        with exclusively(repository, "doctor"):
            for each in chosen:
                _act(repository, each)
            edits = _together(chosen)
            commit = (_commit(repository, edits) if edits else None) or commit
        found = examine(repository)
        still = set(map(_key, found))
        fixed.update((_key(each), each) for each in chosen if _key(each) not in still)
    return Diagnosis(found, list(fixed.values()), commit)


def _key(finding: Finding) -> tuple[str, str]:
    return finding.number, finding.message


def _act(repository: Repository, finding: Finding) -> None:
    """What the finding says is done; a state that stands against it is told, and keeps no other from being mended."""
    if finding.mend.act is None:
        return
    try:
        finding.mend.act()
    except StateError as error:
        repository.tell(f"{finding.check}: {error.message}")


def _commit(repository: Repository, edits: dict[str, SharedEdit]) -> str | None:
    try:
        repository.git.refuse_busy()
        repository.git.identity()
        return perform(repository, Writing("doctor", "Put the entries of datasets in order", shared=edits))
    except StateError as error:
        repository.tell(f"nothing was committed: {error.message}")
        return None


def _together(findings: Sequence[Finding]) -> dict[str, SharedEdit]:
    """The edits of each file, one after the other."""
    edits: dict[str, list[SharedEdit]] = {}
    for each in findings:
        for path, edit in each.mend.edits.items():
            edits.setdefault(path, []).append(edit)
    return {path: _chained(several) for path, several in edits.items()}


def _chained(edits: Sequence[SharedEdit]) -> SharedEdit:
    def edit(text: str) -> str:
        for each in edits:
            text = each(text)
        return text

    return edit
