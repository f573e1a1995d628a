"""A git repository as dsv reads it."""

from __future__ import annotations

import contextlib
import fnmatch
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from dsv.adapters.git import contents
from dsv.adapters.git.history import HistoryEntry, history_entry
from dsv.adapters.git.no_commit import why_no_commit
from dsv.adapters.git.no_work_tree import why_no_work_tree
from dsv.adapters.git.process import run
from dsv.errors import ConflictError, GitError, InProgressError, NoVersionError, UnsupportedError

_OLDEST = (2, 36)
_BUSY = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "BISECT_LOG": "a bisect",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "sequencer": "several cherry-picks or reverts",
    "index.lock": "another git command",
}
_NO_WORK_TREE = ("not a git repository", "must be run in a work tree", "cannot use bare repository")
_PATHS_A_CALL = 1000
"""How many paths stand in one command: systems limit the length of a command line."""

_WAIT, _FINISH = (
    "wait for it; if no git runs, one was killed: remove that file",
    "finish or abort it, then run this again",
)


@dataclass(frozen=True)
class Identity:
    """Who commits."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class Entry(NamedTuple):
    """A file in a tree or in the index: its mode in octal digits and the id of its blob."""

    mode: str
    blob: str


@dataclass(frozen=True)
class Tag:
    """A tag below refs/tags: its name, the object it is, and the commit it leads to (None for others)."""

    name: str
    object_id: str
    commit: str | None
    annotated: bool


@dataclass(frozen=True)
class Git:
    """The repository: work tree root, the directory of this work tree's state, and the one all share."""

    root: str
    directory: str
    common: str

    @classmethod
    def discover(cls, path: str) -> Git:
        """The repository that the path lies in; NoRepositoryError where there is none with a work tree."""
        where = path
        while not os.path.isdir(where):
            where = os.path.dirname(where) or "."
        questions = (
            "--is-inside-work-tree",
            "--show-toplevel",
            "--absolute-git-dir",
            "--git-common-dir",
            "--show-object-format",
        )
        done = run(where, ["rev-parse", *questions], accept=(0, 128))
        said = done.stderr.decode(errors="replace")
        if done.returncode and not any(words in said for words in _NO_WORK_TREE):
            run(where, ["rev-parse", *questions])
        lines = os.fsdecode(done.stdout).split("\n")[:-1]
        if len(lines) > len(questions):  # a path with a line break in it
            lines = [os.fsdecode(run(where, ["rev-parse", each]).stdout)[:-1] for each in questions]
        if done.returncode or lines[0] != "true":
            raise why_no_work_tree(path, where, said=said)
        if lines[4] == "sha256":
            raise UnsupportedError(
                f"{lines[1]} is a git repository with SHA-256 object ids, which DVC cannot read",
                hint="dsv and DVC need one with SHA-1 ids, as git init makes by default",
            )
        return cls(lines[1], lines[2], os.path.abspath(os.path.join(where, lines[3])))

    @property
    def environment(self) -> Mapping[str, str]:
        """What git is told by variables in every call."""
        return {}

    @property
    def has_work_tree(self) -> bool:
        """Whether there are files to work on; without, it can only be read."""
        return True

    def process(
        self,
        arguments: Sequence[str],
        *,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (0,),
    ) -> subprocess.CompletedProcess[bytes]:
        """The finished git process, run at the root of the work tree."""
        found = {**self.environment, **(environment or {})}
        return run(self.root, arguments, stdin=stdin, environment=found, accept=accept)

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (0,),
    ) -> bytes:
        """What git prints, run at the root of the work tree."""
        return self.process(arguments, stdin=stdin, environment=environment, accept=accept).stdout

    def require_supported(self) -> None:
        """UnsupportedError when the installed git is older than what dsv was tried with."""
        words = self.run("version").decode(errors="replace").split()
        numbers = re.match(r"(\d+)\.(\d+)", words[2] if len(words) > 2 else "")  # noqa: PLR2004  # git version N
        if numbers is None or (int(numbers[1]), int(numbers[2])) < _OLDEST:
            raise UnsupportedError(
                f"{' '.join(words)} is too old, or unknown", hint="install git {}.{} or newer".format(*_OLDEST)
            )

    def head(self) -> str | None:
        """The commit HEAD is at; None before the first commit. GitError for one that git cannot read."""
        found = self.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", accept=(0, 1)).decode().strip()
        if not found and (problem := why_no_commit(self.root, self.common)) is not None:
            raise GitError(f"git cannot read what HEAD is at: {problem}", hint="dsv doctor says what brings it back")
        return found or None

    def resolve(self, revision: str) -> str:
        """The id of the commit that the text names; NoVersionError when git knows none."""
        wanted = revision + "^{commit}"
        arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
        done = self.process(arguments, accept=(0, 1, 128))
        if done.returncode:
            raise NoVersionError(f"git knows no commit {revision!a}", hint="see git log, git tag")
        return done.stdout.decode().split()[-1]

    def branch(self) -> str | None:
        """The branch HEAD is on; None when detached."""
        found = self.run("symbolic-ref", "--quiet", "--short", "HEAD", accept=(0, 1))
        return os.fsdecode(found).strip() or None

    def is_branch_name(self, name: str) -> bool:
        """Whether a branch may be called so."""
        return self.process(["check-ref-format", f"refs/heads/{name}"], accept=(0, 1)).returncode == 0

    def identity(self) -> Identity:
        """Name and email that git is configured to commit with; GitError when it has to guess them."""
        for role in ("GIT_COMMITTER_IDENT", "GIT_AUTHOR_IDENT"):
            done = self.process(["-c", "user.useConfigOnly=true", "var", role], accept=(0, 128))
            if done.returncode:
                raise GitError(
                    "git does not know who you are",
                    hint='git config user.name "Your Name" and git config user.email you@example.com',
                )
        name, _, rest = done.stdout.decode(errors="replace").partition(" <")
        return Identity(name, rest.partition(">")[0])

    def refuse_busy(self) -> None:
        """InProgressError while git is in the middle of a merge, a rebase or another command."""
        words = self.busy_with()
        if words is not None:
            if words == _BUSY["index.lock"]:
                file = os.path.join(self.directory, "index.lock")
                raise InProgressError(f"git is in the middle of {words}: {file} is there", hint=_WAIT)
            raise InProgressError(f"git is in the middle of {words}", hint=_FINISH)

    def busy_with(self) -> str | None:
        """What git is in the middle of, in words; None when it is not."""
        files = (file for file in _BUSY if os.path.exists(os.path.join(self.directory, file)))
        return next((_BUSY[file] for file in files), None)

    def tree(self, revision: str, *paths: str) -> dict[str, Entry]:
        """Every file of the commit's tree at or below the paths, path -> entry; paths count from the root."""
        found = {}
        for listing in self._listings("ls-tree", "-r", "-z", "--full-tree", revision, paths=paths):
            # a repository has many files: their names are decoded together
            for row in os.fsdecode(listing).split("\0")[:-1]:
                head, _, path = row.partition("\t")
                mode, _, blob = head.split(" ")
                found[path] = Entry(mode, blob)
        return found

    def staged(self, *paths: str) -> dict[str, Entry]:
        """The entries of the index at or below the paths; ConflictError when a merge left one of them undecided."""
        found = {}
        for listing in self._listings("--literal-pathspecs", "ls-files", "--stage", "-z", paths=paths):
            for row in os.fsdecode(listing).split("\0")[:-1]:
                head, _, path = row.partition("\t")
                mode, blob, stage = head.split(" ")
                if stage != "0":
                    raise ConflictError(
                        f"{path} has conflicts that are not resolved", hint="resolve them, and git add it"
                    )
                found[path] = Entry(mode, blob)
        return found

    def tracked(self, *patterns: str) -> list[str]:
        """The files of the index whose paths from the root fit one of the patterns, in which * takes slashes too."""
        return [os.fsdecode(row) for row in self.run("ls-files", "-z", "--", *patterns).split(b"\0") if row]

    def _listings(self, *command: str, paths: Sequence[str]) -> Iterator[bytes]:
        """The rows, each ended by a NUL, that the command prints for the paths, in calls that a system takes."""
        for start in range(0, max(len(paths), 1), _PATHS_A_CALL):
            yield self.run(*command, "--", *paths[start : start + _PATHS_A_CALL])

    @cached_property
    def converts(self) -> bool:
        """Whether files may be kept in git otherwise than the work tree has them: filters, line endings."""
        return contents.converts(self.root, common=self.common)

    def tracked_below(self, directory: str, pattern: str) -> list[str]:
        """The files of the index below a directory (from the root, "" for all) whose paths fit a glob."""
        below = f":(top,literal){directory}" if directory else ":(top)"
        listing = self.run("ls-files", "-z", "--", below)
        paths = [os.fsdecode(path) for path in listing.split(b"\0") if path]
        return [path for path in paths if fnmatch.fnmatchcase(path, pattern)]

    def blobs(self, names: Iterable[str], *, paths: Mapping[str, str] | None = None) -> dict[str, bytes]:
        """The content of blobs by id or `COMMIT:PATH`, as the work tree would have it; what does not exist is left out.

        `paths` tells where (from the root) the blobs named by their ids lie: git's filters and line endings
        follow the path. What has no path comes as git keeps it.
        """
        # git is asked a line for each: a line break in a name would be another question.
        wanted = [name for name in dict.fromkeys(names) if "\n" not in name]
        if not wanted:
            return {}
        if not self.converts:
            return contents.kept(self.root, wanted, environment=self.environment)
        places = {name: name.partition(":")[2] or (paths or {}).get(name, "") for name in wanted}
        plain = [name for name, path in places.items() if not path or "\n" in path]
        found = contents.smudged(self.root, {name: path for name, path in places.items() if name not in plain})
        return {**found, **(contents.kept(self.root, plain) if plain else {})}

    def object_ids(self, names: Sequence[str]) -> list[str | None]:
        """The object id of each `COMMIT:PATH`, None where there is none, in the order given."""
        askable = [name for name in names if "\n" not in name]
        if not askable:
            return [None] * len(names)
        given = b"".join(os.fsencode(name) + b"\n" for name in askable)
        output = self.run("cat-file", "--batch-check=%(objectname)", stdin=given).splitlines()
        found = {
            name: None if line.endswith(b" missing") else line.decode()
            for name, line in zip(askable, output, strict=True)
        }
        return [found.get(name) for name in names]

    def tags(self, *patterns: str) -> list[Tag]:
        """The tags whose names match one of the globs (all without one), by name."""
        given = [f"refs/tags/{pattern}" for pattern in patterns] or ["refs/tags"]
        form = "%(refname:strip=2)%00%(objectname)%00%(objecttype)%00%(*objecttype)%00%(*objectname)"
        found = []
        for line in self.run("for-each-ref", f"--format={form}", *given).splitlines():
            name, own, kind, target_kind, target = os.fsdecode(line).split("\0")
            annotated = kind == "tag"
            commit = target if target_kind == "commit" else own if kind == "commit" else None
            found.append(Tag(name, own, commit, annotated))
        return found

    def tag_id(self, name: str) -> str | None:
        """The id of the object that the tag is; None when there is no such tag."""
        found = self.run("rev-parse", "--verify", "--quiet", f"refs/tags/{name}", accept=(0, 1))
        return found.decode().strip() or None

    def references(self) -> bytes:
        """Where HEAD, every branch, remote-tracking branch and tag are: a line `ID NAME` for each.

        A line `ID shallow` stands for a commit whose parents were not fetched.
        """
        head = self.head()
        lines = [
            f"{head} HEAD\n".encode() if head else b"",
            self.run("for-each-ref", "--format=%(objectname) %(refname)"),
        ]
        with contextlib.suppress(FileNotFoundError), open(os.path.join(self.common, "shallow"), "rb") as file:
            lines += [line.rstrip(b"\n") + b" shallow\n" for line in file]
        return b"".join(lines)

    def history(
        self, *paths: str, revisions: Sequence[str] = ("--all", "HEAD"), without: Sequence[str] = ()
    ) -> Iterator[HistoryEntry]:
        """What commits did to files below the paths, oldest first: those that revisions lead to and `without` do not.

        A merge counts where its result differs from all its parents; no commit is left out because a merge
        undid it.
        """
        if "HEAD" in revisions and self.head() is None:
            revisions = [each for each in revisions if each != "HEAD"]
        flags = [each for each in revisions if each.startswith("--")]
        named = [each for each in revisions if not each.startswith("--")] + [f"^{each}" for each in without]
        form = "--format=%H%x00%an <%ae>%x00%aI%x00%ct"
        options = (
            "--topo-order",
            "--reverse",
            "--raw",
            "--no-abbrev",
            "--no-renames",
            "-z",
            "--diff-merges=combined",
            "--full-history",
            "--no-show-signature",
            "--stdin",
        )
        given = "".join(f"{each}\n" for each in named).encode()
        command = ("-c", "log.showRoot=true", "log", *options, form, *flags, "--", *paths)
        cells = iter(self.run(*command, stdin=given).split(b"\0"))
        commit = author = date = ""
        committed = 0
        for cell in cells:
            words = cell.lstrip(b"\n")
            if words.startswith(b":"):
                yield history_entry(
                    words, path=next(cells), commit=commit, author=author, date=date, committed=committed
                )
            elif words:
                commit = words.decode()
                author, date = next(cells).decode(errors="replace"), next(cells).decode()
                committed = int(next(cells))

    def leads_to(self, revisions: Sequence[str], *, commits: Sequence[str]) -> bool:
        """Whether all of these commits are, or lie in the past of, the revisions; False when one is not here."""
        given = "".join(f"{each}\n" for each in (*commits, *(f"^{each}" for each in revisions)))
        done = self.process(["rev-list", "--max-count=1", "--stdin"], stdin=given.encode(), accept=(0, 128))
        return done.returncode == 0 and not done.stdout

    def commits_of(self, revision: str) -> frozenset[str]:
        """The commit and all in its past."""
        return frozenset(self.run("rev-list", revision).decode().split())

    def tag_trailers(self, names: Sequence[str], trailer: str) -> dict[str, str]:
        """The value that each annotated tag's message gives the trailer, by tag name; without it, none."""
        wanted = set(names)
        form = f"--format=%(refname:strip=2)%00%(contents:trailers:key={trailer},valueonly,unfold)%01"
        found = {}
        for row in self.run("for-each-ref", form, "refs/tags").split(b"\x01\n"):
            name, _, value = os.fsdecode(row).partition("\0")
            if name in wanted and value.strip():
                found[name] = value.strip()
        return found

    def reachable(self, commit: str) -> bool:
        """Whether a branch, a tag or HEAD leads to the commit."""
        named = self.process(["for-each-ref", "--count=1", f"--contains={commit}"], accept=(0, 129)).stdout
        head = self.head()
        return bool(named) or (head is not None and self.contains(head, ancestor=commit))

    def contains(self, commit: str, *, ancestor: str) -> bool:
        """Whether the ancestor is the commit or lies in its past."""
        done = self.process(["merge-base", "--is-ancestor", ancestor, commit], accept=(0, 1, 128))
        return done.returncode == 0

    def ignored(self, path: str) -> str | None:
        """The rule `file:line:pattern` by which git ignores the path (from the root); None when it does not."""
        question = ["check-ignore", "-v", "-z", "--no-index", "--stdin"]
        done = self.process(question, stdin=os.fsencode(path) + b"\0", accept=(0, 1))
        if done.returncode:
            return None
        source, line, pattern, _ = os.fsdecode(done.stdout).split("\0")[:4]
        return None if pattern.startswith("!") else f"{source}:{line}:{pattern}"
