"""dsv's own pre-commit hook: it asks `dsv check --staged` before anybody's commit."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from dsv.adapters.git.hooks import hooks_directory
from dsv.errors import ExistsError, OutsideError
from dsv.repository import files

if TYPE_CHECKING:
    from dsv.repository.repository import Repository

_MADE_BY = "Made by `dsv init --hooks`"
_CHECKS = re.compile(r"(?m)^[^#\n]*\bdsv\b[^#\n]*\bcheck\b")
_PROGRAM = re.compile(r"(?m)^ *if \[ -x (.+) \]; then$")
_ROOTS = "# A line for each DVC root.\n"
_CONFIGURATION = ".pre-commit-config.yaml"
_LOCAL_HOOK = "{id: dsv, name: dsv, language: system, entry: dsv check --staged, pass_filenames: false}"


@dataclass(frozen=True)
class HookFile:
    """A hook that is to be written: where it lies, from the work tree's root if below it, and its text."""

    path: str
    shown: str
    text: str

    def write(self) -> None:
        """The hook is there and git runs it."""
        files.write_bytes(self.path, self.text.encode(errors="surrogateescape"))
        mode = os.stat(self.path).st_mode
        os.chmod(self.path, mode | (mode & 0o444) >> 2)  # who may read it may run it


class HookState(Enum):
    """How dsv's own pre-commit hook stands."""

    ABSENT = "absent"
    SOUND = "sound"
    NOT_EXECUTABLE = "not executable"
    LOST_PROGRAM = "lost program"


def state_of_hook(repository: Repository) -> HookState:
    """Whether there is a hook of dsv's own where git looks for it, and whether it would run."""
    path = os.path.join(hooks_directory(repository.git), "pre-commit")
    text = (files.read_bytes(path) or b"").decode(errors="surrogateescape")
    if _MADE_BY not in text:
        return HookState.ABSENT
    if not os.access(path, os.X_OK):
        return HookState.NOT_EXECUTABLE
    named = _PROGRAM.search(text)
    program = shlex.split(named[1])[0] if named is not None else ""
    return HookState.SOUND if os.access(program, os.X_OK) or shutil.which("dsv") else HookState.LOST_PROGRAM


def repair_hook(repository: Repository) -> None:
    """The hook of dsv's own calls the dsv that runs now, for the DVC roots that it named."""
    path = os.path.join(hooks_directory(repository.git), "pre-commit")
    text = (files.read_bytes(path) or b"").decode(errors="surrogateescape")
    _, _, lines = text.partition(_ROOTS)
    HookFile(path, path, _head() + (lines or _line(repository.layout.prefix or "."))).write()


def missing_hook(repository: Repository) -> HookFile | None:
    """The pre-commit hook as it is to be, with this DVC root among those it checks; None where it is so already.

    ExistsError where there is a hook of somebody else that does not run the check, with what to add to it;
    OutsideError where git looks for hooks in a place that other repositories may use too.
    """
    git = repository.git
    directory = hooks_directory(git)
    if not any(directory.startswith(top + os.sep) for top in (git.root, git.common)):
        raise OutsideError(
            f"core.hooksPath sends the hooks of this repository to {directory}, outside of it",
            hint="add dsv check --staged to the hook there, or run: git config core.hooksPath .git/hooks",
        )
    path = os.path.join(directory, "pre-commit")
    shown = os.path.relpath(path, git.root)
    text = (files.read_bytes(path) or b"").decode(errors="surrogateescape")
    line = _line(repository.layout.prefix or ".")
    if not text:
        return HookFile(path, shown, _head() + line)
    if _MADE_BY in text:
        return None if line in text else HookFile(path, shown, text + line)
    _refuse_foreign(repository, text, shown=shown)
    return None


def _refuse_foreign(repository: Repository, text: str, *, shown: str) -> None:
    """ExistsError for a hook that is not dsv's own, unless it runs the check."""
    configuration = files.read_bytes(os.path.join(repository.git.root, _CONFIGURATION)) or b""
    if _CHECKS.search(text) or _CHECKS.search(configuration.decode(errors="replace")):
        return
    if "pre-commit.com" in text:
        hint = f"add to {_CONFIGURATION}, below repo: local, the hook {_LOCAL_HOOK}"
    else:
        hint = "put this line before its others: dsv check --staged || exit 1"
    raise ExistsError(f"there is a hook {shown} already, which dsv leaves alone", hint=hint)


def _head() -> str:
    python = shlex.quote(sys.executable)
    return f"""#!/bin/sh
# {_MADE_BY}: refuses a commit that edits or loses a released manifest, or holds a malformed one.
dsv() {{
    if [ -x {python} ]; then
        {python} -m dsv "$@"
    elif command -v dsv >/dev/null; then
        command dsv "$@"
    else
        echo "the pre-commit hook finds no dsv: run it where dsv is installed, or git commit --no-verify" >&2
        return 1
    fi
}}
{_ROOTS}"""


def _line(root: str) -> str:
    quoted = shlex.quote(root)
    return f"if [ -d {quoted}/.dvc ]; then dsv --quiet --repo {quoted} check --staged || exit; fi\n"
