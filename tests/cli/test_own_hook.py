"""`dsv init --hooks` lets git ask dsv before each commit, whoever makes it, and `dsv check --staged` answers."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Scratch, numbered

HOOK = ".git/hooks/pre-commit"


def committed(repo: Scratch, *options: str) -> tuple[bool, str]:
    """Whether git commits what is staged, and what is said."""
    done = subprocess.run(
        ["git", "commit", "-qm", "mine", *options], cwd=repo.root, capture_output=True, text=True, check=False
    )
    return done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def hooked(released: Scratch) -> Scratch:
    """A repository with the dataset `notes` at 1.0.0 and dsv's own hook."""
    assert released.json("init", "--hooks")["created"] == [HOOK]
    return released


def test_it_is_installed_once_for_everybody_who_may_read_it(hooked: Scratch) -> None:
    assert stat.S_IMODE((hooked.root / HOOK).stat().st_mode) & 0o111
    assert hooked.dsv("init", "--hooks").stdout == "nothing was missing\n"


def test_a_commit_that_edits_or_deletes_a_released_manifest_is_refused(hooked: Scratch) -> None:
    manifest = hooked.read("manifests/notes/1.0.0.yaml")
    hooked.write("manifests/notes/1.0.0.yaml", manifest.replace("First notes", "Other notes"))
    hooked.git("add", "-u")
    hooked.write("manifests/notes/1.0.0.yaml", manifest)
    done, said = committed(hooked)
    assert not done
    assert "manifests/notes/1.0.0.yaml:1: C201 unchanged: differs from what HEAD has" in said
    hooked.git("rm", "-qf", "--cached", "manifests/notes/1.0.0.yaml")
    done, said = committed(hooked)
    assert (done, "is gone, but HEAD has it" in said) == (False, True)
    assert committed(hooked, "--no-verify")[0]


def test_only_what_is_staged_counts(hooked: Scratch) -> None:
    hooked.write("manifests/notes/1.0.0.yaml", "broken")
    hooked.write("README", "mine\n")
    hooked.git("add", "README")
    assert committed(hooked) == (True, "")
    assert hooked.json("check", code=1)["ok"] is False
    nothing = hooked.json("check", "--staged")
    assert (nothing["ok"], nothing["results"], nothing["versions"]) == (True, [], 0)


def test_declarations_and_settings_that_are_staged_must_read(hooked: Scratch) -> None:
    for file in ("dsv.yaml", "manifests/notes/dataset.yaml"):
        before = hooked.read(file)
        hooked.write(file, before + "policy: nonsense\n")
        hooked.git("add", file)
        hooked.write(file, before)
        done, said = committed(hooked)
        assert (done, file in said) == (False, True)
        hooked.git("add", file)


def test_it_agrees_with_what_dsv_commits_itself(hooked: Scratch) -> None:
    hooked.records("data/notes/more.jsonl", numbered(30, start=100))
    assert hooked.dsv("bump", "notes").stderr == ""
    hooked.records("data/other/a.jsonl", numbered(3))
    hooked.dsv("add", "data/other", "--no-release")
    hooked.dsv("add", "data/other")
    hooked.dsv("rollback", "notes", "1.0.0")
    assert hooked.git("status", "--porcelain") == ""


def test_git_commit_with_paths_and_in_a_linked_worktree_is_checked_too(hooked: Scratch, tmp_path: Path) -> None:
    hooked.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    for repo in (hooked, Scratch(tmp_path / "linked")):
        repo.write("manifests/notes/1.0.0.yaml", "broken")
        done, said = committed(repo, "--", "manifests/notes/1.0.0.yaml")
        assert (done, "unchanged: differs" in said) == (False, True)


@pytest.mark.heavy
def test_the_first_commit_of_all_is_checked(scratch: Scratch) -> None:
    scratch.dsv("init", "--no-commit", "--hooks")
    scratch.write("dsv.yaml", "nonsense: [\n")
    scratch.git("add", ".")
    assert not committed(scratch)[0]
    scratch.write("dsv.yaml", "schema: 1\n")
    scratch.git("add", ".")
    assert committed(scratch)[0]


@pytest.mark.heavy
def test_each_dvc_root_has_its_line(scratch: Scratch) -> None:
    for name in ("nlp", "vi sion"):
        root = scratch.root / name
        root.mkdir()
        Scratch(root).dvc("init", "-q", "--subdir")
        assert scratch.dsv("init", "--hooks", cwd=root).stderr == ""
    lines = [line for line in scratch.read(HOOK).splitlines() if line.startswith("if [ -d")]
    assert lines == [
        "if [ -d nlp/.dvc ]; then dsv --quiet --repo nlp check --staged || exit; fi",
        "if [ -d 'vi sion'/.dvc ]; then dsv --quiet --repo 'vi sion' check --staged || exit; fi",
    ]
    scratch.write("vi sion/dsv.yaml", "nonsense: [\n")
    scratch.git("add", ".")
    assert not committed(scratch)[0]


def test_a_hook_of_somebody_else_is_left_alone(released: Scratch) -> None:
    theirs = released.write(HOOK, "#!/bin/sh\n# runs no dsv check yet\nexit 0\n")
    error = released.refused("init", "--hooks", code=20, kind="exists")
    assert HOOK in error["message"]
    assert "dsv check --staged || exit 1" in error["hint"]
    assert theirs.read_text() == "#!/bin/sh\n# runs no dsv check yet\nexit 0\n"
    theirs.write_text("#!/bin/sh\ndsv check --staged || exit 1\nexit 0\n")
    assert released.json("init", "--hooks")["created"] == []


def test_with_pre_commit_the_line_to_add_is_one_of_its_configuration(released: Scratch) -> None:
    released.write(HOOK, "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n")
    error = released.refused("init", "--hooks", code=20, kind="exists")
    assert ".pre-commit-config.yaml" in error["hint"]
    added = error["hint"].partition("the hook ")[2]
    released.write(".pre-commit-config.yaml", f"repos:\n- repo: local\n  hooks:\n  - {added}\n")
    assert released.json("init", "--hooks")["created"] == []


def test_hooks_lie_where_git_looks_for_them_and_never_outside(released: Scratch, tmp_path: Path) -> None:
    released.git("config", "core.hooksPath", ".githooks")
    assert released.json("init", "--hooks")["created"] == [".githooks/pre-commit"]
    released.git("config", "core.hooksPath", str(tmp_path / "everybodys"))
    error = released.refused("init", "--hooks", code=30, kind="outside")
    assert str(tmp_path / "everybodys") in error["message"]
