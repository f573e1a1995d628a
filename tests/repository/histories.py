"""Git histories of datasets, made cheaply: manifests and events as texts, commits of them without a work tree."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.model.test_manifest_file import EXAMPLE

DATASET = "schema: 1\nname: {name}\npath: data/{name}\ntype: t\ndescription: {words}\n"
NAMES = ("d0", "d1", "d2", "d3")
_PARENT = "leases@1.0.0, relation: previous"


def manifest(dataset, version, *, summary="as it was", parent=None, scorers="[]"):
    """The text of a manifest of this version."""
    text = EXAMPLE.replace("dataset: leases", f"dataset: {dataset}")
    text = text.replace('version: "1.1.0"', f'version: "{version}"').replace("scorers: []", f"scorers: {scorers}")
    if parent is not None:
        text = text.replace(_PARENT, f"{parent}, relation: filter")
    return text.replace("Added 2,000 retail leases; fixed dates in 50 records.", summary)


def event(dataset, kind, *, at, version=None, data=None, reason="because"):
    """The path of an event below the manifests, and its text."""
    moment = f"2026-01-{1 + at // 1440 % 28:02d}T{at // 60 % 24:02d}:{at % 60:02d}:00Z"
    said = "null" if version is None else f'"{version}"'
    text = (
        f"schema: 1\nevent: {kind}\ndataset: {dataset}\nversion: {said}\n"
        f'at: "{moment}"\nby: Ana <ana@example.com>\nreason: {reason}\ndata: {json.dumps(data or {})}\n'
    )
    digits = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{dataset}/events/{moment.replace('-', '').replace(':', '')}-{kind}-{digits}.yaml", text


@dataclass
class History:
    """A git repository to which commits are added; a tree is all its files below manifests.

    With `late` git is asked to do several things at once, when it is next asked for something.
    """

    root: Path
    prefix: str = ""
    clock: int = 1_700_000_000
    marks: int = 0
    branches: dict[str, int] = field(default_factory=dict)
    trees: dict[int, dict[str, str]] = field(default_factory=dict)
    parents: dict[int, list[int]] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    late: bool = False

    def commit(self, branch, tree, *, parents=None, author="A <a@e>"):
        """A commit with this tree at the end of the branch, which is a name below refs/heads or a whole ref."""
        self.marks += 1
        self.clock += 60
        parents = [self.branches[branch]] if parents is None and branch in self.branches else parents or []
        lines = [
            f"commit {_ref(branch)}",
            f"mark :{self.marks}",
            f"author {author} {self.clock} +0000",
            f"committer {author} {self.clock} +0000",
            "data 1\n.",
        ]
        lines += [f"{'merge' if number else 'from'} :{mark}" for number, mark in enumerate(parents)]
        lines.append("deleteall")
        for path, text in sorted(tree.items()):
            lines.append(f"M 100644 inline {self.prefix}manifests/{path}\ndata {len(text.encode())}\n{text}")
        self._do("\n".join(lines) + "\n")
        self.branches[branch] = self.marks
        self.trees[self.marks] = dict(tree)
        self.parents[self.marks] = list(parents)

    def branch(self, name, mark):
        """The branch, new or moved there."""
        self._do(f"reset {_ref(name)}\nfrom :{mark}\n\n")
        self.branches[name] = mark

    def tag(self, name, mark):
        """An annotated tag."""
        self.settle()  # git moves a ref once in a stream
        self._do(f"tag {name}\nfrom :{mark}\ntagger A <a@e> {self.clock} +0000\ndata 1\n.\n")

    def release_tag(self, dataset, version):
        """What the tag of a release is called."""
        return f"{self.prefix.rstrip('/')}{'=' if self.prefix else ''}{dataset}@v{version}"

    def git(self, *arguments):
        """What git says there, after all that was done so far."""
        self.settle()
        return subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True).stdout

    def _do(self, words):
        self.waiting.append(words)
        if not self.late:
            self.settle()

    def settle(self):
        """Have git do what was asked of it."""
        if self.waiting:
            marks = [f"--import-marks-if-exists={self.root}.marks", f"--export-marks={self.root}.marks"]
            command = ["git", "-c", "core.fsync=none", "fast-import", "--quiet", "--force", *marks]
            subprocess.run(command, cwd=self.root, input="".join(self.waiting).encode(), check=True)
            self.waiting.clear()


def _ref(branch):
    return branch if branch.startswith("refs/") else f"refs/heads/{branch}"


class People:
    """What people do to a repository, by chance: releases, events, branches, merges, rebases, and what they should not.

    The same seed does the same.
    """

    def __init__(self, history, seed):
        """Begin with one declared dataset on main."""
        self.history = history
        self.chance = random.Random(seed)  # noqa: S311 - no secret
        self.number = 0
        history.commit("main", {"d0/dataset.yaml": DATASET.format(name="d0", words="the first")})

    def do_something(self):
        """One thing, more often a commit than a move of a branch or tag."""
        self.number += 1
        branch = self.chance.choice(sorted(self.history.branches))
        kinds = [self._release] * 5 + [self._tell] * 3 + [self._meddle, self._merge, self._merge, self._rebase]
        kinds += [self._move_branch, self._move_branch, self._tag, self._tag, self._untag, self._head]
        self.chance.choice(kinds)(branch)

    def _version(self):
        return f"1.{self.chance.randrange(1, 5)}.0{self.chance.choice(['', '', '', '-rc.1'])}"

    def _tree(self, branch):
        return self.history.trees[self.history.branches[branch]]

    def _release(self, branch):
        name, version = self.chance.choice(NAMES), self._version()
        parent = f"{self.chance.choice(NAMES)}@{self._version()}"
        scorers = self.chance.choice(["[]", '[{"scorer": "judge", "n": 5, "coverage": 0.5, "mean": 0.7}]'])
        text = manifest(name, version, parent=parent, scorers=scorers)
        tree = {**self._tree(branch), f"{name}/{version}.yaml": text}
        self.history.commit(branch, tree, author=self.chance.choice(["A <a@e>", "Zoë <z@e>"]))
        if self.chance.random() < 0.5:
            self.history.tag(self.history.release_tag(name, version), self.history.branches[branch])

    def _tell(self, branch):
        name, version = self.chance.choice(NAMES), self._version()
        tree = dict(self._tree(branch))
        kind = self.chance.choice(["yank", "restore", "promote", "score", "run", "run", "archive", "rename"])
        data = {
            "promote": {"stage": "prod"},
            "run": {"id": f"run-{self.number}", "model": "m", "metrics": {"loss": 0.5}},
            "score": {"scorer": "judge", "summary": {"n": 9, "coverage": 0.9, "mean": 0.8, "pass_rate": 0.5}},
        }.get(kind, {})
        if kind == "rename":
            new = self.chance.choice([each for each in NAMES if each > name] or [f"e{self.number}"])
            told = [(name, {"to": new}), (new, {"from": name})]
        else:
            told = [(name, data)]
        subject = None if kind in ("archive", "rename") else version
        for each, what in told:
            path, text = event(each, kind, at=self.number, version=subject, data=what)
            tree[path] = text
        self.history.commit(branch, tree)

    def _meddle(self, branch):
        """What nobody should do: edit, delete or break a file, or put it elsewhere; or declare anew, which all may."""
        tree = dict(self._tree(branch))
        path = self.chance.choice(sorted(tree)) if tree else "d0/dataset.yaml"
        text = tree.pop(path, "")
        name = self.chance.choice(NAMES)
        match self.chance.choice(["edit", "delete", "break", "declare", "move", "nonsense"]):
            case "edit":
                tree[path] = text.replace("summary: as it was", f"summary: edited in step {self.number}") + "# edited\n"
            case "break":
                tree[path] = self.chance.choice(["broken: [", manifest("another", "1.1.0")])
            case "declare":
                tree[path] = text
                tree[f"{name}/dataset.yaml"] = DATASET.format(name=name, words=f"in step {self.number}")
            case "move":
                tree[f"{name}/{path.partition('/')[2]}"] = text
            case "nonsense":
                tree[path] = text
                tree[f"{name}/{self.chance.choice(['notes', '1.x'])}.yaml"] = manifest(name, "1.1.0")
        self.history.commit(branch, {path: text for path, text in tree.items() if text})

    def _merge(self, branch):
        other = self.chance.choice(sorted(self.history.branches))
        parents = [self.history.branches[branch], self.history.branches[other]]
        ours, theirs = (self.history.trees[each] for each in parents)
        merged = self.chance.choice([ours, theirs, {**ours, **theirs}, {**theirs, **ours}])
        if parents[0] != parents[1]:
            self.history.commit(branch, merged, parents=parents)

    def _rebase(self, branch):
        """The last commits of a branch made again upon another one; the former ones are on no branch then."""
        history = self.history
        onto = history.branches[self.chance.choice(sorted(history.branches))]
        mark, moved = history.branches[branch], []
        while len(moved) < self.chance.randrange(1, 4) and history.parents[mark]:
            moved.append(mark)
            mark = history.parents[mark][0]
        upon = onto
        for each in reversed(moved):
            before, after = history.trees[history.parents[each][0]], history.trees[each]
            changed = {path: text for path, text in after.items() if before.get(path) != text}
            kept = {path: text for path, text in history.trees[upon].items() if path in after or path not in before}
            history.commit(branch, {**kept, **changed}, parents=[upon])
            upon = history.branches[branch]

    def _move_branch(self, branch):
        anywhere = self.chance.choice(sorted(self.history.trees))
        match self.chance.choice(["new", "remote", "rewind", "forget"]):
            case "new":
                self.history.branch(f"b{self.number}", anywhere)
            case "remote":
                self.history.branch(f"refs/remotes/origin/b{self.number % 3}", anywhere)
            case "rewind":
                self.history.branch(branch, anywhere)
            case "forget" if branch != "main":
                self.history.git("symbolic-ref", "HEAD", "refs/heads/main")
                self.history.git("update-ref", "-d", _ref(branch))
                del self.history.branches[branch]

    def _tag(self, branch):
        tag = self.history.release_tag(self.chance.choice(NAMES), self._version())
        if self.chance.random() < 0.3:
            self.history.git("tag", "--force", tag, _ref(branch))
        else:
            self.history.tag(tag, self.chance.choice(sorted(self.history.trees)))

    def _untag(self, branch):  # noqa: ARG002 - tags are on no branch
        for each in self.history.git("tag").split()[:1]:
            self.history.git("tag", "-d", each)

    def _head(self, branch):
        self.history.settle()
        if branch.startswith("refs/remotes/") or self.chance.random() < 0.3:
            self.history.git("update-ref", "--no-deref", "HEAD", _ref(branch))
        else:
            self.history.git("symbolic-ref", "HEAD", _ref(branch))
