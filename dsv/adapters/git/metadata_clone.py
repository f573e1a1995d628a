"""Somebody else's repository as far as its metadata goes: commits, trees and tags, and of files only those asked for.

Nothing there is run or obeyed: there is no work tree, no hook, no setting of theirs, and nothing in it is read from
anywhere but its own directory. What it lacks is missing; git does not go and get it by itself.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from dsv.adapters.git.bounded import Growing, Limits, run_within
from dsv.adapters.git.process import ANY_END, run
from dsv.adapters.git.reference_names import names_a_reference
from dsv.adapters.git.remote import asking, why_refused
from dsv.adapters.git.repository import Git
from dsv.errors import DeadlineError, NetworkError, OutsideError, UnsupportedError

if TYPE_CHECKING:
    from dsv.model.git_address import GitAddress

_REMOTE = "elsewhere"
_SHA1_DIGITS = 40
_MIB = 1 << 20
_ANSWER = Limits(seconds=60, silent_seconds=30, bytes=64 * _MIB)
_ANSWER_TO_A_PERSON = Limits(seconds=600, silent_seconds=600, bytes=64 * _MIB)
_FETCH = Limits(seconds=1800, silent_seconds=60, bytes=1024 * _MIB)
_READ = Limits(seconds=120, silent_seconds=120, bytes=256 * _MIB)
_LARGEST_OBJECT = 64 * _MIB
"""Of commits, trees and tags, which git reads whole."""

_CLONED = {
    "core.hooksPath": os.devnull,
    "core.logAllRefUpdates": "false",
    "core.bigFileThreshold": "16m",
    "fetch.unpackLimit": "1",
    "fetch.prune": "false",
    "fetch.pruneTags": "false",
    "fetch.recurseSubmodules": "no",
    "fetch.writeCommitGraph": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "transfer.bundleURI": "false",
}
_SCHEMES = "file:git:http:https:ssh"
_NO_FILTER = "filtering not recognized by server"
_NO_DEPTH = "does not support shallow"
_NO_BLOBS_BY_NAME = re.compile(r"(?i)unadvertised object|not our ref|no such remote ref")


_KEPT = ("refs/heads/", "refs/tags/")


class Way(Enum):
    """How much of a repository came."""

    FILTERED = "filtered"
    """All commits and trees, and of files those that were asked for."""
    TIPS = "tips"
    """The same of what its branches and tags are at, without what was before."""
    SHALLOW = "shallow"
    """What its branches and tags are at, with all files: from a server that cannot leave files out."""


class _NoFilterError(UnsupportedError):
    """The server cannot leave files out."""


class _NoDepthError(UnsupportedError):
    """The server, which has files and nothing else, cannot leave out what was before."""


@dataclass(frozen=True)
class There:
    """Where the branches and tags of a repository are, by full name, and which of them HEAD is.

    `head` is a commit where HEAD is on no branch, and empty where there is none.
    """

    references: Mapping[str, str]
    head: str = ""

    @property
    def commit(self) -> str | None:
        """The commit at HEAD; None where there is none yet."""
        return self.references.get(self.head) or (self.head if len(self.head) == _SHA1_DIGITS else None)

    @property
    def tips(self) -> list[str]:
        """Everything that they and HEAD are at."""
        return sorted({*self.references.values(), *filter(None, [self.commit])})


@dataclass(frozen=True)
class MetadataClone(Git):
    """The clone in a directory that has nothing else in it."""

    @classmethod
    def at(cls, directory: str) -> MetadataClone | None:
        """The clone in the directory; None where there is none that git would take for one."""
        inside = os.path.join(directory, ".git")
        there = os.path.isfile(os.path.join(inside, "HEAD")) and os.path.isdir(os.path.join(inside, "objects"))
        return cls(directory, inside, inside) if there else None

    @classmethod
    def create(cls, directory: str) -> MetadataClone:
        """An empty one in a directory that does not exist yet."""
        os.makedirs(directory)
        run(directory, ["init", "--quiet", "--template=", "--object-format=sha1", "--initial-branch=main", "."])
        return cls(directory, os.path.join(directory, ".git"), os.path.join(directory, ".git"))

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables by which git works on this clone, however broken it is, and cannot go and get what it lacks."""
        here = {"GIT_DIR": self.directory, "GIT_WORK_TREE": self.root}
        return {**here, "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_ATTR_NOSYSTEM": "1"}

    @property
    def has_work_tree(self) -> bool:
        """Never: what is in its place is empty."""
        return False

    @property
    def converts(self) -> bool:
        """Never: its files are read as git keeps them, with no program in between."""
        return False

    def process(
        self,
        arguments: Sequence[str],
        *,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (0,),
    ) -> subprocess.CompletedProcess[bytes]:
        """The finished git process, within limits: trees can be made that take for ever to list."""
        found = {**self.environment, **(environment or {})}
        return run_within(self.root, arguments, limits=_READ, stdin=stdin, environment=found, accept=accept)

    @property
    def is_shallow(self) -> bool:
        """Whether what was before some of its commits is not here."""
        return os.path.exists(os.path.join(self.common, "shallow"))

    def here(self) -> There:
        """Where its branches and tags are."""
        rows = self.run("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags")
        pairs = (os.fsdecode(row).split(" ", 1) for row in rows.splitlines())
        head = os.fsdecode(self.run("symbolic-ref", "--quiet", "HEAD", accept=(0, 1))).strip()
        references = {name: found for found, name in pairs}
        return There(references, head if head in references else "" if head else self.head() or "")

    def absent(self, ids: Iterable[str]) -> list[str]:
        """Those of the objects that are not here."""
        given = "".join(f"{each}\n" for each in dict.fromkeys(ids)).encode()
        rows = self.run("cat-file", "--batch-check=%(objectname)", stdin=given).splitlines() if given else []
        return [row.split(b" ")[0].decode() for row in rows if row.endswith(b" missing")]

    def move(self, there: There) -> None:
        """Its branches, tags and HEAD are where those are; all that they lead to must be here."""
        before = self.here()
        gone = [name for name in before.references if name not in there.references]
        moved = {name: id_ for name, id_ in there.references.items() if before.references.get(name) != id_}
        # First those that go: a branch `a` stands in the way of one called `a/b`.
        self._update([f"delete {name}\0\0" for name in gone])
        self._update([f"update {name}\0{id_}\0\0" for name, id_ in moved.items()])
        if there.head in there.references:
            self.run(*_settings(_CLONED), "symbolic-ref", "HEAD", there.head)
        elif there.commit:
            self.run(*_settings(_CLONED), "update-ref", "--no-deref", "HEAD", there.commit)
        self._tidy()

    def _update(self, commands: Sequence[str]) -> None:
        if commands:
            given = os.fsencode("".join(commands))
            self.run(*_settings(_CLONED), "update-ref", "-z", "--stdin", stdin=given)

    def _tidy(self) -> None:
        """Many small packs become one; where that fails, it is for another time."""
        with_promise = _settings({**_CLONED, **_PROMISOR, "gc.auto": "6700", "gc.autoDetach": "false"})
        run_within(
            self.root,
            [*with_promise, "gc", "--auto", "--quiet"],
            limits=_FETCH,
            environment=self.environment,
            accept=ANY_END,
        )


_PROMISOR = {f"remote.{_REMOTE}.promisor": "true", f"remote.{_REMOTE}.partialclonefilter": "blob:none"}


@dataclass(frozen=True)
class Source:
    """The repository that a clone is of, asked over the network or in this file system."""

    clone: MetadataClone
    address: GitAddress

    def there(self) -> There:
        """Where its branches and tags are now. Errors: those of a remote that does not answer."""
        environment = asking()
        limits = _ANSWER_TO_A_PERSON if environment["GIT_TERMINAL_PROMPT"] == "1" else _ANSWER
        rows = self._ask(["ls-remote", "--symref", _REMOTE], limits=limits, doing="asking")
        references: dict[str, str] = {}
        head = commit = ""
        for row in os.fsdecode(rows).split("\n"):
            value, _, name = row.partition("\t")
            if name == "HEAD":
                head, commit = (value[len("ref: ") :], commit) if value.startswith("ref: ") else (head, value)
            elif (
                name.startswith(("refs/heads/", "refs/tags/")) and not name.endswith("^{}") and names_a_reference(name)
            ):
                references[name] = value
        if any(len(each) != _SHA1_DIGITS for each in references.values()):
            raise UnsupportedError(
                f"{self.address.shown} is a git repository with SHA-256 object ids, which DVC cannot read",
                hint="dsv and DVC need one with SHA-1 ids",
            )
        return There(references, head if head in references else commit)

    def bring(self, there: There, way: Way) -> Way:
        """Commits and trees of all branches and tags, and the way they came, which may be worse than the one asked for.

        No branch moves. Errors: those of a remote, OutsideError for what is too large.
        """
        deepening = way is Way.FILTERED and self.clone.is_shallow
        wanted = there.tips if way is Way.SHALLOW or deepening else self.clone.absent(there.tips)
        if not wanted:
            return way
        depth = [] if way is Way.FILTERED else ["--depth=1"]
        depth = ["--unshallow"] if deepening else depth
        if way is Way.SHALLOW:
            self._fetch(wanted, *depth)
        else:
            try:
                self._fetch(wanted, "--filter=blob:none", *depth, settings=_PROMISOR, heed=_heed_filter)
            except _NoFilterError:
                self._unlock()
                return self.bring(there, Way.SHALLOW)
            except _NoDepthError:
                self._unlock()
                return self.bring(there, Way.FILTERED)
        self._refuse_giants()
        return way

    def _unlock(self) -> None:
        """Take away the lock that a fetch left which was stopped on the way: it is dead, and the clone is ours."""
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(self.clone.common, "shallow.lock"))

    def bring_files(self, blobs: Iterable[str], *, way: Way) -> bool:
        """Whether these blobs are here now, as far as the repository has them; False where it gives none by name.

        Errors: those of a remote, NetworkError where it gives less than was asked for.
        """
        wanted = [] if way is Way.SHALLOW else self.clone.absent(blobs)
        if not wanted:
            return True
        # What is here already says nothing about blobs, so there is nothing to negotiate.
        settings = {**_PROMISOR, "fetch.negotiationAlgorithm": "noop"}
        done = self._fetch(wanted, "--filter=blob:none", settings=settings, accept=ANY_END)
        if done.returncode and _NO_BLOBS_BY_NAME.search(os.fsdecode(done.stderr)):
            return False
        self._refuse(done, doing="fetching from")
        if lacking := self.clone.absent(wanted):
            raise NetworkError(
                f"{self.address.shown} did not give {len(lacking)} of {len(wanted)} files",
                hint="try again; git fsck there tells whether it is whole",
            )
        return True

    def _fetch(
        self,
        wanted: Sequence[str],
        *options: str,
        settings: Mapping[str, str] | None = None,
        accept: Sequence[int] = (0,),
        **watching: Any,
    ) -> subprocess.CompletedProcess[bytes]:
        plain = ("--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--no-auto-maintenance", "--progress")
        done = self._done(
            ["fetch", *plain, *options, "--stdin", _REMOTE],
            settings=settings,
            stdin="".join(f"{each}\n" for each in wanted).encode(),
            limits=_FETCH,
            growing=Growing.now(os.path.join(self.clone.common, "objects")),
            **watching,
        )
        if accept is not ANY_END:
            self._refuse(done, doing="fetching from")
        return done

    def _ask(self, arguments: Sequence[str], *, limits: Limits, doing: str) -> bytes:
        done = self._done(arguments, limits=limits)
        self._refuse(done, doing=doing)
        return done.stdout

    def _done(
        self, arguments: Sequence[str], *, settings: Mapping[str, str] | None = None, limits: Limits, **more: Any
    ) -> subprocess.CompletedProcess[bytes]:
        address = {f"remote.{_REMOTE}.url": self.address.text, f"remote.{_REMOTE}.tagOpt": "--no-tags"}
        chosen = _settings({**_CLONED, **address, **(settings or {})})
        environment = {**self.clone.environment, **asking(), "GIT_ALLOW_PROTOCOL": _SCHEMES}
        try:
            return run_within(
                self.clone.root, [*chosen, *arguments], limits=limits, environment=environment, accept=ANY_END, **more
            )
        except DeadlineError as error:
            raise NetworkError(
                f"{self.address.shown} does not answer: {error.message}", hint="check its address and your network"
            ) from None
        except OutsideError as error:
            raise OutsideError(f"{self.address.shown} is too large: {error.message}", hint=error.hint) from None

    def _refuse(self, done: subprocess.CompletedProcess[bytes], *, doing: str) -> None:
        if done.returncode:
            said = re.sub(r"[^\n]*\r", "", os.fsdecode(done.stderr))
            shown = self.address.shown
            by_hand = f"try git ls-remote {shown}"
            raise why_refused(
                said,
                where=shown,
                doing=doing,
                asked=shown,
                absent=f"is that its address? {by_hand[0].upper()}{by_hand[1:]}",
                otherwise=by_hand,
            )

    def _refuse_giants(self) -> None:
        """OutsideError for a commit, tree or tag that git would have to read whole, and that is no honest one."""
        command = ("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectsize)")
        for row in self.clone.run(*command).splitlines():
            kind, _, size = row.partition(b" ")
            if kind != b"blob" and int(size) > _LARGEST_OBJECT:
                raise OutsideError(
                    f"{self.address.shown} has a {kind.decode()} of {int(size):,} bytes, which nobody means",
                    hint="find out who made it",
                )


def _settings(values: Mapping[str, str]) -> list[str]:
    return [part for name, value in values.items() for part in ("-c", f"{name}={value}")]


def _heed_filter(said: str) -> None:
    if _NO_FILTER in said:
        raise _NoFilterError("the server cannot leave files out", hint="")
    if _NO_DEPTH in said:
        raise _NoDepthError("the server cannot leave out what was before", hint="")
