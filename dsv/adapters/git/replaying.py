"""Commits made again upon another one, as git rebase does, without touching the work tree, the index or a ref."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from dsv.adapters.git import contents
from dsv.adapters.git.past import Author
from dsv.adapters.git.process import run
from dsv.adapters.git.repository import Entry, Git
from dsv.adapters.git.signing import commit_tree
from dsv.adapters.git.transaction import clear_index, differences, put_entries

_REGULAR = frozenset({"100644", "100755"})
_PERSON = re.compile(r"(?m)^author (?P<name>.*?) ?<(?P<email>[^>\n]*)> (?P<date>\d+ [+-]\d{4})$")


@dataclass(frozen=True)
class LocalCommit:
    """A commit with all that is kept when it is made again; `parents` are none, one, or of a merge several."""

    id: str
    parents: tuple[str, ...]
    author: Author
    message: str

    @property
    def subject(self) -> str:
        """The first line of its message."""
        return self.message.strip().partition("\n")[0]


@dataclass(frozen=True)
class Replay:
    """What a commit changes, brought upon another: the entries that differ there (None: gone), by path."""

    entries: Mapping[str, Entry | None] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()


def commits_since(git: Git, since: str, *, until: str) -> list[LocalCommit]:
    """The commits that `until` leads to and `since` does not, each after its parents."""
    ids = git.run("rev-list", "--topo-order", "--reverse", until, f"^{since}").decode().split()
    texts = contents.kept(git.root, ids) if ids else {}
    return [_commit(each, texts[each].decode(errors="surrogateescape")) for each in ids]


def _commit(commit: str, text: str) -> LocalCommit:
    head, _, message = text.partition("\n\n")
    parents = tuple(re.findall(r"(?m)^parent ([0-9a-f]+)$", head))
    person = _PERSON.search(head)
    author = Author(person["name"], person["email"], person["date"]) if person else Author("", "", "0 +0000")
    return LocalCommit(commit, parents, author, message)


def merge_base(git: Git, one: str, other: str) -> str | None:
    """The newest commit that both stand upon; None where they have none, or history is cut off before it."""
    done = run(git.root, ["merge-base", one, other], accept=(0, 1))
    return done.stdout.decode().strip() or None


def replay(git: Git, commit: LocalCommit, *, onto: str, without: Collection[str] = ()) -> Replay:
    """What the commit changed since its parent, merged into the tree of another commit; paths `without` stay there.

    A file that both changed is merged by lines, as git does, and is a conflict where that does not work.
    """
    changed = {path: new for path, new in differences(git, commit.parents[0], commit.id).items() if path not in without}
    if not changed:
        return Replay()
    paths = list(changed)
    before, there = git.tree(commit.parents[0], *paths), git.tree(onto, *paths)
    entries: dict[str, Entry | None] = {}
    conflicts = []
    for path, new in changed.items():
        old, here = before.get(path), there.get(path)
        if here == new:
            continue
        if here == old:
            entries[path] = new
            continue
        merged = _merged(git, path, old, here, new)
        if merged is None:
            conflicts.append(path)
        else:
            entries[path] = merged
    return Replay(entries, tuple(conflicts))


def _merged(git: Git, path: str, old: Entry | None, here: Entry | None, new: Entry | None) -> Entry | None:
    """Both changes of one file; None where they do not go together."""
    if here is None or new is None or here.mode not in _REGULAR or new.mode not in _REGULAR:
        return None
    texts = contents.kept(git.root, [each.blob for each in (old, here, new) if each is not None])
    with tempfile.TemporaryDirectory() as scratch:
        for name, entry in (("here", here), ("old", old), ("new", new)):
            with open(os.path.join(scratch, name), "wb") as stream:
                stream.write(b"" if entry is None else contents.whole(texts[entry.blob], name=path))
        done = run(scratch, ["merge-file", "-p", "-q", "here", "old", "new"], accept=tuple(range(256)))
    if done.returncode:
        return None
    blob = git.run("hash-object", "-w", "--stdin", stdin=done.stdout).decode().strip()
    return Entry(here.mode if old is not None and old.mode == new.mode else new.mode, blob)


def commit_upon(
    git: Git, parent: str, entries: Mapping[str, Entry | None], *, like: LocalCommit, message: str, scratch: str
) -> str:
    """A commit upon the parent with these entries changed, by the author of another; no ref leads to it."""
    clear_index(scratch)
    environment = {"GIT_INDEX_FILE": scratch}
    try:
        git.run("read-tree", parent, environment=environment)
        put_entries(git, entries, environment=environment)
        tree = git.run("write-tree", environment=environment).decode().strip()
    finally:
        clear_index(scratch)
    return commit_tree(git, tree, parents=[parent], message=message, author=like.author.environment)
