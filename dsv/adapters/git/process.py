"""Running git: one place that knows the environment, the errors and the oldest version."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence

from dsv.errors import GitError

_LOCATION = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CEILING_DIRECTORIES",
)


def run(
    directory: str,
    arguments: Sequence[str],
    *,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    accept: tuple[int, ...] = (0,),
) -> subprocess.CompletedProcess[bytes]:
    """The finished git process; GitError when its exit code is not an accepted one.

    What a caller's hook says about where the repository lies is left out: the directory decides.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in _LOCATION}
    inherited.update(LC_ALL="C", GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0", **(environment or {}))
    command = ["git", "-C", directory, *arguments]
    try:
        done = subprocess.run(command, input=stdin, env=inherited, capture_output=True, check=False)
    except FileNotFoundError:
        raise GitError("git is not installed, or not on PATH", hint="install git 2.36 or newer") from None
    if done.returncode not in accept:
        said = done.stderr.decode(errors="replace").strip()
        raise GitError(
            f"git {arguments[0]} failed: {said.splitlines()[-1] if said else f'exit code {done.returncode}'}",
            hint=_hint(said),
            details={"arguments": list(arguments)[:8], "stderr": said[-2000:]},
        )
    return done


def _hint(said: str) -> str:
    if "dubious ownership" in said:
        return "the repository belongs to another user: see git config safe.directory"
    if "index.lock" in said or "Unable to create" in said:
        return "another git process seems to be running; try again when it has finished"
    return "run it by hand to see more"
