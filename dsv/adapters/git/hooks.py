"""git's hooks around a commit that git itself does not make: run by git, with an index that shows this commit only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from dsv.adapters.git.process import run_aloud
from dsv.adapters.git.repository import Git
from dsv.errors import GitError
from dsv.model.progress import Tell
from dsv.model.release_options import Hooks

INSIDE = "DSV_TRANSACTION"
"""The variable by which a dsv in a hook knows whose transaction it is in: the id of the process."""

_MOST_SHOWN = 4000
_SKIPPED = ("pre-commit", "commit-msg")


@dataclass(frozen=True)
class Refusal:
    """A hook that said no, and what it said."""

    hook: str
    code: int
    output: str

    def error(self) -> GitError:
        """The refusal as an error."""
        skip = "; add, bump, rollback and init leave it out with --no-verify" if self.hook in _SKIPPED else ""
        return GitError(
            f"the {self.hook} hook refused the commit (exit code {self.code}); nothing was committed",
            hint=f"correct what it named and run this again{skip}",
            details={"hook": self.hook, "exit_code": self.code, "output": self.output[-_MOST_SHOWN:]},
        )


def hooks_directory(git: Git) -> str:
    """Where git looks for the hooks of this repository."""
    named = os.fsdecode(git.run("rev-parse", "--git-path", "hooks")).removesuffix("\n")
    return os.path.abspath(os.path.join(git.root, os.path.expanduser(named)))


def has_hook(git: Git, *names: str) -> bool:
    """Whether git would run anything for one of these hooks, or might: newer ones also take hooks from settings.

    Asked before what only a hook makes necessary; where there is none, that is the larger part of a commit.
    """
    directory = hooks_directory(git)
    if any(os.path.exists(os.path.join(directory, name)) for name in names):
        return True
    return bool(git.run("config", "--get-regexp", r"^hook\.", accept=(0, 1)))


def run_hook(git: Git, name: str, *arguments: str, index: str | None = None, tell: Tell) -> Refusal | None:
    """What the hook has against the commit; None when nothing, also where there is no such hook.

    It runs at git's root and finds in `index` what is to be committed, in git's own index without. `tell` hears
    each line that it prints.
    """
    environment: Mapping[str, str] = {"GIT_EDITOR": ":", INSIDE: str(os.getpid())}
    if index is not None:
        environment = {**environment, "GIT_INDEX_FILE": index}
    command = ["hook", "run", "--ignore-missing", name, *(["--", *arguments] if arguments else [])]
    code, said = run_aloud(git.root, command, environment=environment, tell=tell)
    return Refusal(name, code, said) if code else None


def asked_message(git: Git, message: str, *, index: str, hooks: Hooks, tell: Tell) -> str:
    """The message as prepare-commit-msg and commit-msg leave it; GitError when one of them refuses.

    Trailers of dsv's own stay in it. Without hooks commit-msg is left out, and as in git prepare-commit-msg is not.
    """
    if not has_hook(git, "prepare-commit-msg", "commit-msg"):
        return message
    file = os.path.join(git.directory, "COMMIT_EDITMSG")
    _write(file, message)
    steps = {"prepare-commit-msg": [file, "message"], "commit-msg": [file]}
    if hooks is Hooks.SKIP:
        del steps["commit-msg"]
    for name, arguments in steps.items():
        refusal = run_hook(git, name, *arguments, index=index, tell=tell)
        if refusal:
            raise refusal.error()
        edited = _read(file)
        if edited != message:
            message = _with_trailers(git, _cleaned(git, edited, hook=name), trailers=_trailers(git, message))
            _write(file, message)
    return message


def _cleaned(git: Git, message: str, *, hook: str) -> str:
    """Without blank lines at its ends, as git leaves a message that was given on the command line."""
    cleaned = git.run("stripspace", stdin=message.encode(errors="surrogateescape")).decode(errors="surrogateescape")
    if not cleaned:
        raise GitError(f"the {hook} hook left an empty commit message; nothing was committed", hint="look at the hook")
    return cleaned


def _trailers(git: Git, message: str) -> list[str]:
    """The trailers that dsv itself reads."""
    content = message.encode(errors="surrogateescape")
    lines = git.run("interpret-trailers", "--parse", stdin=content).decode(errors="surrogateescape").splitlines()
    return [line for line in lines if line.startswith("Dsv-")]


def _with_trailers(git: Git, message: str, *, trailers: list[str]) -> str:
    held = _trailers(git, message)
    missing = [word for each in trailers if each not in held for word in ("--trailer", each)]
    if not missing:
        return message
    content = message.encode(errors="surrogateescape")
    return git.run("interpret-trailers", *missing, stdin=content).decode(errors="surrogateescape")


def _write(file: str, message: str) -> None:
    with open(file, "wb") as stream:
        stream.write(message.encode(errors="surrogateescape"))


def _read(file: str) -> str:
    with open(file, "rb") as stream:
        return stream.read().decode(errors="surrogateescape")
