"""Refs moved in one transaction of git; and the locks that one leaves when it is killed, told from those of others."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from dsv.adapters.git.process import run
from dsv.adapters.git.repository import Git
from dsv.errors import ConflictError, DiskError, ExistsError, GitError, InProgressError, LockedError

_LOCKED = re.compile(r"'([^']*\.lock)'")
_REST_SECONDS = 1.0
"""How long a lock has to lie untouched before it counts as left: git holds its own for milliseconds."""
_PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class RefUpdate:
    """Refs by full name with the ids they are to have and to have had; "" is no ref. `HEAD` stands for its branch."""

    new: Mapping[str, str]
    old: Mapping[str, str] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """As `git update-ref --stdin` reads it."""
        for name, value in self.new.items():
            before = self.old.get(name, "")
            if not value:
                yield f"delete {name} {before}"
            elif not before and name != "HEAD":
                yield f"create {name} {value}"
            else:
                yield f"update {name} {value} {before or '0' * len(value)}"


def update_refs(git: Git, update: RefUpdate, *, guard: str, reason: str) -> None:
    """All refs have their new ids; or, when any had another one than it should, or is locked, none has.

    `guard` is a file that stays locked as long as git is at it, also when whoever began it is killed.
    """
    if not update.new:
        return
    lines = ["start", *update.lines(), "prepare", "commit", ""]
    with guarded(guard) as held:
        done = run(
            git.root,
            ["update-ref", "-m", reason, "--stdin"],
            stdin="\n".join(lines).encode(),
            accept=(0, 1, 128),
            inherited=[held],
        )
    if not done.returncode:
        return
    said = done.stderr.decode(errors="replace").strip()
    if "reference already exists" in said and "refs/tags/" in said:
        tags = [name.removeprefix("refs/tags/") for name in update.new if name.startswith("refs/tags/")]
        raise ExistsError(f"the tag {', '.join(tags)} exists already", hint="git tag -l shows it")
    if (locked := _LOCKED.search(said)) and "File exists" in said:
        raise InProgressError(
            f"{locked[1]} is there: git is at work on it, or was killed; nothing was released",
            hint="run this again when git has finished; if none runs, remove that file",
        )
    if "but expected" in said or "unable to resolve" in said or "already exists" in said:
        raise ConflictError("the branch moved while dsv was at work; nothing was released", hint="run it again")
    raise GitError(f"git update-ref failed: {said.splitlines()[-1] if said else 'no reason given'}")


def head_update(*, to: str, since: str | None, tags: Mapping[str, str]) -> RefUpdate:
    """HEAD, which means its branch, from one commit to another; and new tags along with it."""
    return RefUpdate({"HEAD": to, **tag_update(tags).new}, {"HEAD": since or ""})


def back_update(*, to: str, since: str, tags: Mapping[str, tuple[str | None, str | None]]) -> RefUpdate:
    """HEAD at a commit that does not come after the one it is at; and changes of tags along with it."""
    changed = tag_changes(tags)
    return RefUpdate({"HEAD": to, **changed.new}, {"HEAD": since, **changed.old})


def tag_update(tags: Mapping[str, str]) -> RefUpdate:
    """New tags of these names that are the given tag objects."""
    return RefUpdate({f"refs/tags/{name}": tag for name, tag in tags.items()})


def tag_changes(tags: Mapping[str, tuple[str | None, str | None]]) -> RefUpdate:
    """Each of these tags, which is what it was, as it is to be (None: no such tag)."""
    changed = {f"refs/tags/{name}": change for name, change in sorted(tags.items()) if change[0] != change[1]}
    new = {name: after or "" for name, (_, after) in changed.items()}
    return RefUpdate(new, {name: before or "" for name, (before, _) in changed.items()})


def absent_tags(git: Git, tags: Mapping[str, str]) -> dict[str, str]:
    """Those of the tags that there are no refs of."""
    return {name: tag for name, tag in tags.items() if git.tag_id(name) is None}


def named_refs(git: Git, update: RefUpdate) -> dict[str, str]:
    """The refs of the update with their new ids, the branch by its own name, for `free_refs`."""
    branch = git.branch()
    names = {"HEAD": f"refs/heads/{branch}"} if branch else {}
    return {names.get(name, name): value for name, value in update.new.items()}


def free_refs(git: Git, refs: Mapping[str, str], *, guard: str, timeout: float) -> None:
    """The locks are gone that a killed update of these refs to these ids ("" for none) has left; those of others stay.

    A lock is ours when its ref is one of ours and it holds what git was to write there, or a part of it. git's lock on
    HEAD and on its packed refs is empty, and ours when no ref is locked by somebody else. LockedError when the
    update, which may have outlived whoever began it, still runs after that many seconds.
    """
    if not refs:
        return
    _wait_for_update(guard, timeout=timeout)
    named = {os.path.join(git.common, *f"{name}.lock".split("/")): value for name, value in refs.items()}
    there = {path: value for path, value in named.items() if os.path.exists(path)}
    ours = [path for path, value in there.items() if _is_left(path, value)]
    if len(ours) == len(there):
        ours += [path for path in _locks_of_all(git, refs) if _is_left(path, "")]
    for path in ours:
        with suppress(FileNotFoundError):
            os.unlink(path)
        if path.endswith("packed-refs.lock"):
            with suppress(FileNotFoundError):
                os.unlink(path.removesuffix("lock") + "new")


def _locks_of_all(git: Git, refs: Mapping[str, str]) -> list[str]:
    """The locks that an update of the refs takes beside theirs: on HEAD for its branch, on all to take one out."""
    head = any(name == "HEAD" or name.startswith("refs/heads/") for name in refs)
    packed = "" in refs.values()
    found = [os.path.join(git.directory, "HEAD.lock")] * head
    return found + [os.path.join(git.common, "packed-refs.lock")] * packed


def _is_left(path: str, value: str) -> bool:
    """Whether the lock holds nothing but what we wanted there, and lies there untouched."""
    try:
        before = os.stat(path)
        with open(path, "rb") as stream:
            if not f"{value}\n".encode().startswith(stream.read(len(value) + 2)):
                return False
        age = time.time() - before.st_mtime
        if age < _REST_SECONDS:
            time.sleep(min(_REST_SECONDS, _REST_SECONDS - age))
        after = os.stat(path)
    except FileNotFoundError:
        return False
    return (before.st_ino, before.st_mtime_ns, before.st_size) == (after.st_ino, after.st_mtime_ns, after.st_size)


@contextmanager
def guarded(guard: str) -> Iterator[int]:
    """The descriptor of a lock on the file, for a git to inherit: so that it is held as long as that one runs."""
    try:
        os.makedirs(os.path.dirname(guard), exist_ok=True)
        held = os.open(guard, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise DiskError(
            f"{guard} cannot be opened: {error.strerror}", hint="is the disk full, or read-only?"
        ) from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield held
    finally:
        os.close(held)


def _wait_for_update(guard: str, *, timeout: float) -> None:
    """The git that a killed dsv had begun to move refs with has ended."""
    try:
        held = os.open(guard, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    deadline = time.monotonic() + timeout
    try:
        while not _taken(held):
            if time.monotonic() > deadline:
                raise LockedError(
                    "git update-ref, begun by a dsv that was killed, is still at work here",
                    hint="wait for it, or give --lock-timeout more seconds",
                )
            time.sleep(_PAUSE_SECONDS)
    finally:
        os.close(held)


def _taken(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
