"""The search index follows git: whatever happened to branches and tags, it holds what one made anew would hold."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from dsv.adapters.index import DamagedIndexError, Filter, Index, Shown
from dsv.repository import open_repository
from dsv.repository.known import search_index as tested
from dsv.repository.known.catalog import versions_of
from dsv.repository.known.search_index import ask, index_path
from tests.index_contents import index_contents
from tests.model.test_manifest_file import EXAMPLE

DATASET = "schema: 1\nname: {name}\npath: data/{name}\ntype: t\ndescription: {words}\n"


def manifest(dataset, version, *, summary="as it was"):
    """The text of a manifest of this version."""
    text = EXAMPLE.replace("dataset: leases", f"dataset: {dataset}").replace(
        'version: "1.1.0"', f'version: "{version}"'
    )
    return text.replace("Added 2,000 retail leases; fixed dates in 50 records.", summary)


@dataclass
class History:
    """A git repository to which commits are added without a work tree; a tree is all its files below manifests."""

    root: Path
    clock: int = 1_700_000_000
    marks: int = 0
    branches: dict[str, int] = field(default_factory=dict)
    trees: dict[int, dict[str, str]] = field(default_factory=dict)

    def commit(self, branch, tree, *, parents=None):
        """A commit with this tree at the end of the branch."""
        self.marks += 1
        self.clock += 60
        parents = [self.branches[branch]] if parents is None and branch in self.branches else parents or []
        lines = [
            f"commit refs/heads/{branch}",
            f"mark :{self.marks}",
            f"committer A <a@e> {self.clock} +0000",
            "data 1\n.",
        ]
        lines += [f"{'merge' if number else 'from'} :{mark}" for number, mark in enumerate(parents)]
        lines.append("deleteall")
        for path, text in sorted(tree.items()):
            lines.append(f"M 100644 inline manifests/{path}\ndata {len(text.encode())}\n{text}")
        self._import("\n".join(lines) + "\n")
        self.branches[branch] = self.marks
        self.trees[self.marks] = dict(tree)

    def branch(self, name, mark):
        """The branch, new or moved there."""
        self._import(f"reset refs/heads/{name}\nfrom :{mark}\n\n")
        self.branches[name] = mark

    def tag(self, name, mark):
        """An annotated tag."""
        self._import(f"tag {name}\nfrom :{mark}\ntagger A <a@e> {self.clock} +0000\ndata 1\n.\n")

    def git(self, *arguments):
        """Run git there."""
        return subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True).stdout

    def _import(self, text):
        marks = [f"--import-marks-if-exists={self.root}.marks", f"--export-marks={self.root}.marks"]
        command = ["git", "fast-import", "--quiet", "--force", *marks]
        subprocess.run(command, cwd=self.root, input=text.encode(), check=True)


@pytest.fixture
def history(scratch):
    """A history without a commit, in a directory that DVC calls its own."""
    (scratch.root / ".dvc").mkdir()
    return History(scratch.root)


def opened(history):
    """The repository as a command finds it."""
    return open_repository(str(history.root))


def holds_what_a_new_one_holds(history, tmp_path):
    """Compare the index that grew with one made anew, and with what resolving each version by itself finds."""
    grown = opened(history)
    listed = {each.name for each in ask(grown, lambda index: index.datasets(where=Filter(shown=Shown.ALL))).rows}
    anew = replace(grown, state=str(tmp_path / "anew"))
    with contextlib.suppress(FileNotFoundError):
        (tmp_path / "anew" / "index.db").unlink()
    ask(anew, Index.status)
    assert index_contents(index_path(grown)) == index_contents(index_path(anew))
    for name in listed:
        rows = {each.version: each for each in ask(grown, lambda index, name=name: index.versions(name))}
        known = {each.version: each for each in versions_of(grown, name).known if _readable(grown, each)}
        assert list(rows) == sorted(known, reverse=True)
        for version, row in rows.items():
            assert row.git_tag == known[version].tag
            path = grown.layout.manifest_file(name, version)
            assert grown.git.object_ids([f"{row.commit}:{path}"]) == [known[version].blob]


def _readable(repository, known):
    content = repository.git.blobs([known.blob])[known.blob]
    return b"broken" not in content and f"dataset: {known.dataset}\n".encode() in content


@pytest.mark.parametrize("seed", range(4))
def test_an_index_that_grew_holds_what_one_made_anew_holds(history, tmp_path, seed):
    chance = random.Random(seed)  # noqa: S311 - no secret
    history.commit("main", {"d0/dataset.yaml": DATASET.format(name="d0", words="the first")})
    for step in range(24):
        _something_happens(history, chance, number=step)
        if chance.random() < 0.6:
            ask(opened(history), Index.status)
        if step % 6 == 5:
            holds_what_a_new_one_holds(history, tmp_path)


def _something_happens(history, chance, *, number):
    """One of the things that people do to a repository: more often a commit than a move of a branch or tag."""
    branch = chance.choice(sorted(history.branches))
    name, version = f"d{chance.randrange(3)}", f"1.{chance.randrange(1, 5)}.0"
    if chance.random() < 0.6:
        _commit(history, chance, branch, name=name, version=version, words=f"in step {number}")
    else:
        _move(history, chance, branch, tag=f"{name}@v{version}", new=f"b{number}")


def _commit(history, chance, branch, *, name, version, words):
    tree = history.trees[history.branches[branch]]
    file = f"{name}/{version}.yaml"
    released = {**tree, file: manifest(name, version)}
    match chance.choice(["release"] * 4 + ["declare", "edit", "delete", "break", "merge", "merge"]):
        case "release":
            history.commit(branch, released)
            if chance.random() < 0.5:
                history.tag(f"{name}@v{version}", history.branches[branch])
        case "declare":
            history.commit(branch, {**tree, f"{name}/dataset.yaml": DATASET.format(name=name, words=words)})
        case "edit":
            history.commit(branch, {**tree, file: manifest(name, version, summary=words)})
        case "delete":
            gone = chance.choice([*sorted(tree), "nothing"])
            history.commit(branch, {path: text for path, text in tree.items() if path != gone})
        case "break":
            history.commit(branch, {**tree, file: chance.choice(["broken: [", manifest("another", version)])})
        case "merge":
            parents = [history.branches[branch], history.branches[chance.choice(sorted(history.branches))]]
            theirs = history.trees[parents[1]]
            merged = chance.choice([tree, theirs, {**tree, **theirs}, {**theirs, **released}])
            if parents[0] != parents[1]:
                history.commit(branch, merged, parents=parents)


def _move(history, chance, branch, *, tag, new):
    anywhere = chance.choice(sorted(history.trees))
    match chance.choice(["branch", "branch", "tag", "tag", "light", "untag", "forget", "rewind", "head", "detach"]):
        case "branch":
            history.branch(new, anywhere)
        case "tag":
            history.tag(tag, anywhere)
        case "light":
            history.git("tag", "--force", tag, f"refs/heads/{branch}")
        case "untag":
            for each in history.git("tag").split()[:1]:
                history.git("tag", "-d", each)
        case "forget" if branch != "main":
            history.git("symbolic-ref", "HEAD", "refs/heads/main")
            history.git("update-ref", "-d", f"refs/heads/{branch}")
            del history.branches[branch]
        case "rewind":
            history.branch(branch, anywhere)
        case "head":
            history.git("symbolic-ref", "HEAD", f"refs/heads/{branch}")
        case "detach":
            history.git("update-ref", "--no-deref", "HEAD", f"refs/heads/{branch}")


def test_a_repository_without_a_commit_has_an_empty_index(history):
    assert ask(opened(history), lambda index: index.datasets()).total == 0
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0")})
    assert ask(opened(history), lambda index: index.datasets()).total == 1


def test_a_manifest_on_another_branch_is_not_known(history):
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0")})
    both = {"d/1.1.0.yaml": manifest("d", "1.1.0"), "d/1.2.0.yaml": manifest("d", "1.2.0")}
    history.branch("work", history.branches["main"])
    history.commit("work", {**both, "e/1.1.0.yaml": manifest("e", "1.1.0")})
    repository = opened(history)
    assert _versions(repository) == ["d@1.1.0"]
    assert _versions(repository, shown=Shown.ALL) == ["d@1.1.0", "d@1.2.0", "e@1.1.0"]
    assert [each.name for each in ask(repository, lambda index: index.datasets()).rows] == ["d"]
    everything = Filter(shown=Shown.ALL)
    assert [each.name for each in ask(repository, lambda index: index.datasets(where=everything)).rows] == ["d", "e"]
    history.tag("e@v1.1.0", history.branches["work"])
    assert _versions(repository) == ["d@1.1.0", "e@1.1.0"]


def _versions(repository, *, shown=None):
    return sorted(
        f"{each.dataset}@{each.version}" for each in ask(repository, lambda index: index.versions(shown=shown))
    )


def test_after_a_squash_merge_a_version_belongs_to_the_commit_on_the_main_branch(history):
    history.commit("main", {})
    history.branch("change", history.branches["main"])
    history.commit("change", {"d/1.1.0.yaml": manifest("d", "1.1.0")})
    repository = opened(history)
    ask(repository, Index.status)
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0")})
    (row,) = ask(repository, lambda index: index.versions("d"))
    assert row.commit == history.git("rev-parse", "main").strip()


def test_a_tag_counts_when_it_is_annotated_and_holds_the_manifest(history):
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0")})
    history.tag("d@v1.2.0", history.branches["main"])
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0"), "d/1.2.0.yaml": manifest("d", "1.2.0")})
    history.git("tag", "d@v1.1.0", "refs/heads/main")
    repository = opened(history)
    assert [each.git_tag for each in ask(repository, lambda index: index.versions("d"))] == [None, None]
    history.tag("d@v1.2.0", history.branches["main"])
    assert [each.git_tag for each in ask(repository, lambda index: index.versions("d"))] == ["d@v1.2.0", None]


def test_manifests_that_cannot_be_read_are_left_out(history):
    tree = {"d/1.1.0.yaml": manifest("d", "1.1.0"), "d/1.2.0.yaml": "schema: [", "d/1.3.0.yaml": manifest("e", "1.3.0")}
    history.commit("main", {**tree, "d/one.yaml": manifest("d", "1.1.0"), "d/dataset.yaml": "name: ["})
    assert _versions(opened(history)) == ["d@1.1.0"]


def test_a_deleted_index_changes_nothing(history):
    history.commit(
        "main", {"d/1.1.0.yaml": manifest("d", "1.1.0"), "d/dataset.yaml": DATASET.format(name="d", words="w")}
    )
    repository = opened(history)
    before = ask(repository, lambda index: (index.datasets(), index.versions("d")))
    Path(index_path(repository)).unlink()
    assert ask(repository, lambda index: (index.datasets(), index.versions("d"))) == before


def test_one_move_in_git_is_one_refresh_and_no_text_is_parsed_twice(history, monkeypatch):
    parsed, walks = [], []
    parse, look = tested.parse_manifest, tested.look
    monkeypatch.setattr(tested, "parse_manifest", lambda content: parsed.append(content) or parse(content))
    monkeypatch.setattr(tested, "look", lambda *given, **more: walks.append(look(*given, **more)) or walks[-1])
    one, two = manifest("d", "1.1.0"), manifest("e", "1.1.0")
    history.commit("main", {"d/1.1.0.yaml": one})
    repository = opened(history)
    for _ in range(3):
        ask(repository, Index.status)
    history.commit("main", {"d/1.1.0.yaml": one, "e/1.1.0.yaml": two})
    for _ in range(3):
        ask(repository, Index.status)
    assert parsed == [one.encode(), two.encode()]
    assert [len(walk.arrivals) for walk in walks] == [1, 1]


def test_a_shallow_clone_that_is_completed_learns_who_brought_a_version(history, tmp_path):
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0")})
    first = history.git("rev-parse", "main").strip()
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0"), "d/1.2.0.yaml": manifest("d", "1.2.0")})
    clone = History(tmp_path / "clone")
    history.git("clone", "-q", "--depth=1", "--no-local", str(history.root), str(clone.root))
    (clone.root / ".dvc").mkdir()
    assert ask(opened(clone), lambda index: index.versions("d"))[1].commit != first
    clone.git("fetch", "-q", "--unshallow")
    assert ask(opened(clone), lambda index: index.versions("d"))[1].commit == first


def test_a_damaged_index_is_made_anew_and_the_question_answered(history):
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0")})
    repository = opened(history)
    before = ask(repository, lambda index: index.versions("d"))
    _damage(index_path(repository))
    with Index(index_path(repository)) as index, pytest.raises(DamagedIndexError):
        index.versions("d")
    ask(repository, Index.status)
    _damage(index_path(repository))
    assert ask(repository, lambda index: index.versions("d")) == before


def _damage(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'dataset_versions'").fetchone()
    with open(path, "r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)


def test_an_index_that_another_command_refreshed_meanwhile_is_still_right(history, tmp_path, monkeypatch):
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0"), "e/1.1.0.yaml": manifest("e", "1.1.0")})
    repository = opened(history)
    ask(repository, Index.status)
    look = tested.look

    def overtaken(*given, **more):
        monkeypatch.setattr(tested, "look", look)
        history.branch("main", 1)
        history.commit("main", {"e/1.1.0.yaml": manifest("e", "1.1.0", summary="edited")})
        ask(repository, Index.status)
        return look(*given, **more)

    history.commit("main", {"e/1.1.0.yaml": manifest("e", "1.1.0")})
    monkeypatch.setattr(tested, "look", overtaken)
    ask(repository, Index.status)
    holds_what_a_new_one_holds(history, tmp_path)
