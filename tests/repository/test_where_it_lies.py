"""Repositories as teams have them: partly checked out, encrypted, inside one another, on other systems' line ends."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Scratch, call, numbered

if TYPE_CHECKING:
    from collections.abc import Callable

    Clone = Callable[..., Scratch]

_DIFFERENCES = ("--no-renames", "--numstat")


def _with_cache_of(source: Scratch, clone: Scratch) -> Scratch:
    """The clone, as after a pull."""
    shutil.copytree(source.root / ".dvc/cache", clone.root / ".dvc/cache")
    return clone


def _one_more(scratch: Scratch, *, dataset: str = "notes") -> None:
    """More data, released and everything left clean."""
    scratch.records(f"data/{dataset}/more.jsonl", numbered(20, start=500))
    scratch.dsv("bump", dataset)
    assert scratch.git("status", "--porcelain") == ""
    assert scratch.json("status")["datasets"][0]["state"] == "clean"
    assert scratch.json("check")["ok"]


# sparse checkouts


@pytest.fixture
def described(released: Scratch) -> Scratch:
    """Files that people wrote into: a description in the pointer, lines of their own in .gitignore."""
    released.write("data/notes.dvc", released.read("data/notes.dvc") + "  desc: ours\n")
    released.write("data/.gitignore", "# the team's\n" + released.read("data/.gitignore") + "scratch/\n")
    released.git("commit", "-qam", "What people write")
    return released


@pytest.mark.heavy
@pytest.mark.parametrize(
    "patterns",
    [["--cone", ".dvc"], ["--no-cone", "/*", "!/data/", "!/manifests/notes/"], ["--no-cone", "/.dvc/"]],
    ids=["cone", "excluded directories", "no settings"],
)
def test_a_sparse_checkout_releases_without_losing_what_it_leaves_out(
    described: Scratch, clone_of: Clone, patterns: list[str]
) -> None:
    clone = clone_of(described, "--no-checkout")
    clone.git("sparse-checkout", "set", *patterns)
    clone.git("checkout", "-q", "main")
    _with_cache_of(described, clone)
    assert not (clone.root / "data").exists()
    assert clone.json("status")["datasets"][0]["state"] == "missing"
    clone.dsv("checkout", "notes")
    _one_more(clone)
    assert clone.json("show", "notes")["version"] == "1.1.0"
    assert clone.json("show", "notes")["key"] == ["id"]
    assert clone.git("show", "HEAD:data/.gitignore") == clone.git("show", "HEAD~1:data/.gitignore")
    assert "  desc: ours\n" in clone.git("show", "HEAD:data/notes.dvc")
    changed = clone.git("diff", "--name-only", "HEAD~1", "HEAD").split()
    assert changed == [
        "data/notes.dvc",
        *(f"manifests/notes/{each}" for each in ("1.0.0.dvc", "1.1.0.dvc", "1.1.0.yaml")),
    ]


def test_a_second_dataset_in_a_sparse_checkout_joins_the_lines_it_does_not_see(
    described: Scratch, clone_of: Clone
) -> None:
    clone = _with_cache_of(described, clone_of(described, "--sparse"))
    clone.git("sparse-checkout", "set", ".dvc")
    clone.records("data/others/a.jsonl", numbered(3))
    clone.dsv("add", "data/others")
    assert clone.read("data/.gitignore") == "# the team's\n/notes\n/others\nscratch/\n"
    assert clone.git("show", "HEAD:data/.gitignore") == clone.read("data/.gitignore")
    assert clone.git("status", "--porcelain") == ""


# filters and line endings


@pytest.fixture
def encrypted(scratch: Scratch) -> Scratch:
    """A repository whose YAML, pointers and ignore rules git keeps enciphered."""
    scratch.git("config", "filter.cipher.clean", "tr a-zA-Z n-za-mN-ZA-M")
    scratch.git("config", "filter.cipher.smudge", "tr a-zA-Z n-za-mN-ZA-M")
    scratch.git("config", "filter.cipher.required", "true")
    scratch.write(
        ".gitattributes", "".join(f"{each} filter=cipher\n" for each in ("*.yaml", "*.dvc", "data/.gitignore"))
    )
    scratch.git("add", ".gitattributes")
    scratch.git("commit", "-qm", "Keep secrets")
    scratch.dsv("init")
    scratch.records("data/notes/a.jsonl", numbered(60))
    scratch.dsv("add", "data/notes", "--key", "id", "-m", "Confidential")
    return scratch


def test_what_a_filter_encrypts_is_never_in_git_as_plain_text(encrypted: Scratch) -> None:
    _one_more(encrypted)
    encrypted.records("data/others/a.jsonl", numbered(3))
    encrypted.dsv("add", "data/others", "-m", "Confidential too")
    for path in ("manifests/notes/1.0.0.yaml", "manifests/notes/dataset.yaml", "data/notes.dvc", "dvc.yaml"):
        kept = call("git", "cat-file", "blob", f"HEAD~1:{path}", cwd=encrypted.root)
        assert "path:" not in kept
        assert "cngu:" in kept
    assert encrypted.git("cat-file", "blob", "HEAD:data/.gitignore") == "/abgrf\n/bguref\n"
    assert encrypted.read("data/.gitignore") == "/notes\n/others\n"
    assert encrypted.git("status", "--porcelain") == ""


def test_encrypted_manifests_are_read_like_any(encrypted: Scratch) -> None:
    _one_more(encrypted)
    encrypted.dsv("index", "rebuild")
    assert [each["version"] for each in encrypted.json("log", "notes")["versions"]] == ["1.1.0", "1.0.0"]
    assert encrypted.json("show", "notes@1.0.0")["summary"] == "Confidential"
    assert encrypted.json("diff", "notes@1.0.0", "1.1.0")["records"]["added"] == 20
    assert encrypted.json("search", "Confidential")["total"] == 1
    assert encrypted.json("check", "--base", "HEAD~1")["ok"]
    encrypted.write("manifests/notes/1.0.0.yaml", encrypted.read("manifests/notes/1.0.0.yaml") + "# edited\n")
    assert not encrypted.json("check", code=1)["ok"]


@pytest.mark.parametrize("setting", ["true", "input"])
def test_a_clone_with_other_line_endings_is_no_other_repository(
    released: Scratch, clone_of: Clone, setting: str
) -> None:
    clone = _with_cache_of(released, clone_of(released, "-c", f"core.autocrlf={setting}"))
    assert (b"\r\n" in (clone.root / "manifests/notes/1.0.0.yaml").read_bytes()) == (setting == "true")
    assert clone.json("check")["ok"]
    clone.dsv("checkout", "notes")
    _one_more(clone)
    assert "\r" not in clone.git("show", "HEAD:manifests/notes/1.1.0.yaml", "HEAD:data/notes.dvc", "HEAD:dvc.yaml")
    assert "0\t0\t" not in clone.git("diff", *_DIFFERENCES, "HEAD~1", "HEAD")


def test_a_filter_that_fails_is_gits_error_in_one_line(encrypted: Scratch) -> None:
    encrypted.git("config", "filter.cipher.smudge", "false")
    error = encrypted.refused("show", "notes@1.0.0", code=50, kind="git")
    assert "cipher" in error["message"]


# repositories in repositories


def test_data_in_a_submodule_belongs_to_that_repository(repo: Scratch, tmp_path: Path, clone_of: Clone) -> None:
    call("git", "init", "-q", "-b", "main", "theirs", cwd=tmp_path)
    theirs = Scratch(tmp_path / "theirs")
    theirs.dsv("init")
    repo.git("submodule", "--quiet", "add", str(theirs.root), "sub")
    repo.git("commit", "-qam", "A submodule")
    repo.records("sub/data/notes/a.jsonl", numbered(3))
    for path in ("sub/data/notes", "sub"):
        assert "sub" in repo.refused("add", path, code=30, kind="outside")["message"]
    inside = Scratch(repo.root / "sub")
    inside.dsv("add", "data/notes")
    _one_more(inside)
    assert repo.git("status", "--porcelain").split() == ["M", "sub"]
    clone = clone_of(repo)  # where the submodule is an empty directory
    clone.records("sub/data/notes/a.jsonl", numbered(3))
    assert "submodule sub" in clone.refused("add", "sub/data/notes", code=30, kind="outside")["message"]


def test_data_in_a_repository_that_git_does_not_know_of_is_outside_too(repo: Scratch) -> None:
    call("git", "init", "-q", "inner", cwd=repo.root)
    repo.records("inner/data/a.jsonl", numbered(3))
    for path in ("inner/data", "inner"):
        assert "inner" in repo.refused("add", path, code=30, kind="outside")["message"]


def test_above_its_dvc_roots_dsv_says_where_they_are(scratch: Scratch) -> None:
    for name in ("nlp", "vision"):
        (scratch.root / name).mkdir()
        Scratch(scratch.root / name).dvc("init", "-q", "--subdir")
    error = scratch.refused("list", code=10, kind="no_repository")
    assert "nlp, vision" in error["hint"]
    assert scratch.json("--repo", "nlp", "list")["total"] == 0


@pytest.mark.heavy
def test_plain_dvc_gets_a_dataset_of_a_root_below_by_its_artifact(scratch: Scratch, tmp_path: Path) -> None:
    below = Scratch(scratch.root / "teams/nlp")
    below.root.mkdir(parents=True)
    Scratch(below.root).dvc("init", "-q", "--subdir")
    below.dsv("init")
    below.records("data/notes/a.jsonl", numbered(60))
    below.dsv("add", "data/notes", "--key", "id")
    _one_more(below)
    for version, files in (("v1.0.0", ["a.jsonl"]), ("v1.1.0", ["a.jsonl", "more.jsonl"])):
        got = tmp_path / version
        below.dvc(
            "artifacts", "get", str(scratch.root), "teams/nlp:notes", "--rev", version, "-o", str(got), cwd=tmp_path
        )
        assert sorted(each.name for each in got.iterdir()) == files


# where git keeps its own


def test_an_index_in_two_files_is_kept_so(released: Scratch) -> None:
    released.git("update-index", "--split-index")
    released.write("mine", "staged\n")
    released.git("add", "mine")
    released.records("data/notes/more.jsonl", numbered(20, start=500))
    released.dsv("bump", "notes")
    assert released.git("status", "--porcelain") == "A  mine\n"
    assert released.git("diff", "--name-only", "HEAD~1", "HEAD").split()[0] == "data/notes.dvc"


def test_git_may_keep_its_directory_elsewhere(tmp_path: Path) -> None:
    call("git", "init", "-q", "-b", "main", "--separate-git-dir", "notes.git", "work", cwd=tmp_path)
    work = Scratch(tmp_path / "work")
    work.dsv("init")
    work.records("data/notes/a.jsonl", numbered(60))
    work.dsv("add", "data/notes")
    _one_more(work)


def test_a_linked_worktree_of_a_bare_repository_releases(released: Scratch, clone_of: Clone, tmp_path: Path) -> None:
    bare = clone_of(released, "--bare")
    bare.git("worktree", "add", "-q", str(tmp_path / "linked"), "main")
    linked = _with_cache_of(released, Scratch(tmp_path / "linked"))
    linked.dsv("checkout", "notes")
    _one_more(linked)
    assert bare.git("tag", "--list").split() == ["notes@v1.0.0", "notes@v1.1.0"]


@pytest.mark.heavy
@pytest.mark.parametrize("options", [["--depth", "1"], ["--filter", "blob:none"], ["--single-branch", "--no-tags"]])
def test_a_clone_that_lacks_history_releases_the_next_version(
    released: Scratch, clone_of: Clone, options: list[str]
) -> None:
    released.git("config", "uploadpack.allowFilter", "true")
    clone = clone_of(released, "--no-local", *options)
    _with_cache_of(released, clone)
    clone.dsv("checkout", "notes")
    _one_more(clone)
    assert clone.json("show", "notes")["version"] == "1.1.0"


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["line\nbreak", 'quote\'s "and" $(dollar)', "größe 量", "-dash", "~tilde"])
def test_the_root_may_have_any_name(tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    root.mkdir()
    call("git", "init", "-q", "-b", "main", cwd=root)
    odd = Scratch(root)
    odd.dsv("init")
    odd.records("data/notes/a.jsonl", numbered(60))
    odd.dsv("add", "notes", cwd=root / "data")
    _one_more(odd)
    assert odd.json("diff", "notes@1.0.0", "1.1.0")["records"]["added"] == 20
