"""Checks of what git keeps: nothing that belongs to DVC, and nothing that should be nobody's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsv.model.finding import Check, Finding, Status
from dsv.model.secrecy import kind_of_secret

LARGE = Check(
    "C801",
    "large file",
    "A file that is added to git has at most `largest_in_git` bytes (dsv.yaml; 5,000,000 without it).",
    "Whoever clones gets it, and every version of it, for ever.",
    "Somebody typed `git add -f data/more.jsonl`.",
    "has {size} bytes{where}",
    "git rm --cached {file}, and dsv add it where it is data; where a commit that is not merged yet has it, make that "
    "commit anew (git rebase -i)",
)
DATA = Check(
    "C802",
    "data in git",
    "git keeps no data of a dataset, and nothing of DVC's cache: DVC keeps both.",
    "git and DVC would both put the file into the work tree, and one undoes the other.",
    "A merge brought a `data/.gitignore` without the dataset's line, and `git add .` took the data.",
    "is {what}",
    "git rm -r --cached {file}; the line in .gitignore is put back by dsv doctor --fix",
)
SECRET = Check(
    "C803",
    "secret",
    "Nothing that is added to git holds a password, a key or a token.",
    "Whoever can clone the repository can use it, also after it was taken out: git's history has it.",
    "Somebody wrote `https://ana:hunter2@example.com/data` into `dvc.yaml`.",
    "holds {what}{where}",
    "change it where it is valid; then take it out of {file}. A line that only looks like one is left out where "
    "it says `pragma: allowlist secret`",
)
LOCAL = Check(
    "C804",
    "local settings",
    "`.dvc/config.local` is not in git.",
    "It is for what should stay on one machine: DVC keeps passwords and keys there.",
    "Somebody typed `git add -f .dvc`.",
    "is for what should stay on one machine",
    "git rm --cached {file}; what is secret in it has to be changed, as git's history has it",
)

KEPT_FILES = (LARGE, DATA, SECRET, LOCAL)

_ALLOWED = re.compile(r"pragma: allowlist[ -]secret")
_MANY = 5
"""Findings of one kind in one place that are told one by one."""


@dataclass(frozen=True)
class KeptFile:
    """A file that git keeps, by its path; `commit` is the one that added it, where HEAD has it no more.

    `text` is its content, None where it is not looked into; `data_of` says of which data it is, in words.
    """

    path: str
    size: int
    text: bytes | None = None
    commit: str | None = None
    data_of: str | None = None

    def finding(self, check: Check, status: Status, message: str, *, line: int = 1, **more: object) -> Finding:
        """A finding about this file."""
        return Finding(
            check,
            status,
            message,
            file=self.path,
            line=line,
            value=more.get("value"),
            limit=more.get("limit"),
        )

    @property
    def where(self) -> str:
        """The commit, as words behind what is said."""
        return f" in commit {self.commit[:10]}" if self.commit else ""


def check_kept(files: Sequence[KeptFile], *, largest: int, local: str, status: Status) -> list[Finding]:
    """What is wrong with the files, each looked at alone; what is found has this status."""
    found: list[Finding] = []
    data: dict[str, list[KeptFile]] = {}
    for each in files:
        if each.data_of is not None:
            data.setdefault(each.data_of, []).append(each)
            continue
        if each.path == local:
            found.append(each.finding(LOCAL, status, f"is for what should stay on one machine{each.where}"))
        if each.size > largest:
            said = f"has {each.size:,} bytes{each.where}"
            found.append(each.finding(LARGE, status, said, value=each.size, limit=largest))
        found += _secrets(each, status)
    for what, tracked in data.items():
        found += [each.finding(DATA, status, f"is {what}") for each in tracked[:_MANY]]
        if len(tracked) > _MANY:
            said = f"and {len(tracked) - _MANY:,} more files like it are {what}"
            found.append(tracked[_MANY].finding(DATA, status, said))
    return found or [Finding(LARGE, Status.PASSED, f"{len(files):,} files are no data, and hold no secret")]


def _secrets(file: KeptFile, status: Status) -> Iterator[Finding]:
    """The lines that give something away; what it is is not told."""
    text = (file.text or b"").decode(errors="replace")
    if kind_of_secret(text) is None:
        return
    told = 0
    for number, line in enumerate(text.splitlines(), start=1):
        what = kind_of_secret(line)
        if what is None or _ALLOWED.search(line):
            continue
        yield file.finding(SECRET, status, f"holds {what}{file.where}", line=number)
        told += 1
        if told == _MANY:
            return
