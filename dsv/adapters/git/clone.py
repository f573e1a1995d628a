"""How a clone was made and what became of it: what of the history it has, and what lies where git looks for it."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress

from dsv.adapters.git.no_commit import why_no_commit
from dsv.adapters.git.process import run
from dsv.adapters.git.repository import Git

_ALL_BRANCHES = re.compile(r"\+?refs/heads/\*:")


def configuration(git: Git) -> Mapping[str, Sequence[str]]:
    """Every value that git's configuration gives a name, by the name as git spells it: `remote.origin.tagopt`."""
    found: dict[str, list[str]] = {}
    for row in git.run("config", "--null", "--list").split(b"\0"):
        name, _, value = os.fsdecode(row).partition("\n")
        if name:
            found.setdefault(name, []).append(value)
    return found


def remotes(configured: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The address of each git remote, by name."""
    named = (re.fullmatch(r"remote\.(.+)\.url", name) for name in configured)
    return {match[1]: configured[match[0]][0] for match in named if match is not None}


def is_shallow(git: Git) -> bool:
    """Whether the history is cut off: `git clone --depth`."""
    return os.path.exists(os.path.join(git.common, "shallow"))


def fetches_some_branches(configured: Mapping[str, Sequence[str]], remote: str) -> bool:
    """Whether the remote's branches come only in part: `git clone --single-branch`."""
    specs = configured.get(f"remote.{remote}.fetch", ())
    return bool(specs) and not any(_ALL_BRANCHES.match(each) for each in specs)


def fetches_no_tags(configured: Mapping[str, Sequence[str]], remote: str) -> bool:
    """Whether the remote's tags are left out: `git clone --no-tags`."""
    return list(configured.get(f"remote.{remote}.tagopt", ()))[-1:] == ["--no-tags"]


def unreadable_head(git: Git) -> str | None:
    """What is wrong with the commit that HEAD is at, or its files; None where git reads them, or there is none yet."""
    found = run(git.root, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], accept=(0, 1, 128))
    if not found.stdout.strip():
        return why_no_commit(git.root, git.common)
    listed = run(git.root, ["ls-tree", "-r", "--name-only", "HEAD"], accept=tuple(range(256)))
    return _words(listed.stderr) if listed.returncode else None


def broken_references(git: Git) -> dict[str, str | None]:
    """The branches and tags, by full name, that name an object which is not here, and its id; None for damaged ones."""
    listed = run(git.root, ["for-each-ref", "--format=%(objectname) %(refname)"], accept=tuple(range(256)))
    named = [row.split(" ", 1) for row in map(os.fsdecode, listed.stdout.splitlines())]
    given = "".join(f"{object_id}\n" for object_id, _ in named).encode()
    held = git.run("cat-file", "--batch-check=%(objectname)", stdin=given) if given else b""
    absent = {line.split(b" ")[0].decode() for line in held.splitlines() if line.endswith(b" missing")}
    ignored = re.findall(r"ignoring (?:broken ref|dangling symref) (refs/\S+)", os.fsdecode(listed.stderr))
    lost: dict[str, str | None] = {name: object_id for object_id, name in named if object_id in absent}
    return dict(sorted({**lost, **dict.fromkeys(ignored)}.items()))


def last_known(git: Git, ref: str) -> str | None:
    """The commit that a branch was at last, as git's log of it says; None where it names none that is here."""
    try:
        with open(os.path.join(git.common, "logs", ref), "rb") as file:
            words = file.read().splitlines()[-1].split(b" ")
    except (OSError, IndexError):
        return None
    commit = words[1].decode(errors="replace") if len(words) > 1 else ""
    return commit if re.fullmatch(r"[0-9a-f]{40}", commit) and git.object_ids([commit])[0] else None


def tracked(git: Git, paths: Iterable[str]) -> list[str]:
    """The files of the index at or below the paths, also those that a merge left undecided."""
    given = list(paths)
    rows = git.run("--literal-pathspecs", "ls-files", "-z", "--", *given).split(b"\0") if given else ()
    return sorted({os.fsdecode(row) for row in rows if row})


def unreadable_index(git: Git) -> str | None:
    """What git says when it cannot read its index; None where it can."""
    listed = run(git.root, ["ls-files", "--error-unmatch", "--", ":(top,exclude)*"], accept=tuple(range(256)))
    words = _words(listed.stderr)
    return words if listed.returncode and "index" in words else None


def _words(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines() or ["no reason given"]
    return lines[-1].removeprefix("fatal: ").removeprefix("error: ")


def lost_alternates(git: Git) -> list[str]:
    """The object directories that this repository borrows from and that are not there any more."""
    objects = os.path.join(git.common, "objects")
    try:
        with open(os.path.join(objects, "info", "alternates"), "rb") as file:
            lines = [os.fsdecode(line) for line in file.read().splitlines() if line and not line.startswith(b"#")]
    except OSError:
        return []
    return [line for line in lines if not os.path.isdir(os.path.join(objects, line))]


def lost_work_trees(git: Git) -> list[str]:
    """Linked work trees that are not where this repository knows them to be."""
    top, found = os.path.join(git.common, "worktrees"), []
    with suppress(FileNotFoundError):
        for name in sorted(os.listdir(top)):
            own = os.path.join(top, name)
            if os.path.exists(os.path.join(own, "locked")):
                continue  # as one on a disk that is not always there should be
            with suppress(OSError), open(os.path.join(own, "gitdir"), "rb") as file:
                link = os.fsdecode(file.read().rstrip(b"\n"))
                if not os.path.exists(os.path.join(own, link)):
                    found.append(os.path.dirname(link))
    return found


def off_branches(git: Git, commits: Collection[str]) -> set[str]:
    """Those of the commits that no branch, of this repository or as fetched from a remote, and not HEAD leads to."""
    if not commits:
        return set()
    tips = git.run("for-each-ref", "--format=^%(objectname)", "refs/heads", "refs/remotes").decode().split()
    head = git.head()
    given = [*sorted(commits), *tips, *([f"^{head}"] if head else [])]
    listed = git.run("rev-list", "--ignore-missing", "--stdin", stdin="".join(f"{each}\n" for each in given).encode())
    return set(commits).intersection(listed.decode().split())


def status(git: Git, *paths: str) -> dict[str, str]:
    """What git tells of files at or below the paths: two letters, of the index and of the work tree, by path.

    Untracked files are among them (`??`), ignored ones not.
    """
    rows = git.run(
        "--literal-pathspecs", "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *paths
    )
    return {os.fsdecode(row[3:]): row[:2].decode() for row in rows.split(b"\0") if row}


def unlike_head(git: Git, *, below: str, suffix: str) -> list[str]:
    """The files that HEAD has and the work tree has otherwise, or not at all, of those whose names end so."""
    pathspec = f":(top,glob){below}/**/*{suffix}" if below else f":(top,glob)**/*{suffix}"
    if git.head() is None:
        return []
    rows = git.run("diff-index", "--name-only", "--no-renames", "-z", "HEAD", "--", pathspec).split(b"\0")
    return [os.fsdecode(row) for row in rows if row]


def tracked_with(git: Git, pattern: str, *paths: str) -> list[str]:
    """The tracked files at or below the paths in whose text the extended regular expression is found."""
    command = ["grep", "-z", "-l", "-I", "-i", "-E", "-e", pattern, "--", *paths]
    done = run(git.root, command, accept=(0, 1))
    return [os.fsdecode(row) for row in done.stdout.split(b"\0") if row]


def folders_with(git: Git, directory: str, name: str) -> list[str]:
    """The directories below one (from git's root, "" for all) that hold a file of this name which git does not ignore.

    They count from that one.
    """
    below = f"{directory}/" if directory else ""
    command = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", f":(top,glob){below}**/{name}"]
    rows = run(git.root, command).stdout.split(b"\0")
    return sorted({os.path.dirname(os.fsdecode(row)[len(below) :]) for row in rows if row})
