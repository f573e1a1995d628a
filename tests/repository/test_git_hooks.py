"""git's hooks have their say about every commit that dsv makes; what they refuse, nothing is left of."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Scratch, numbered

Hook = Callable[[str, str], Path]
SEEN = "manifests/notes/1.1.0.yaml"


@pytest.fixture
def changed(released: Scratch) -> Scratch:
    """A repository whose `notes` have changed since 1.0.0; 1.1.0 is next."""
    released.records("data/notes/more.jsonl", numbered(30, start=100))
    return released


@pytest.fixture
def hook(released: Scratch) -> Hook:
    """A function that installs a shell script as a hook of git."""

    def install(name: str, script: str) -> Path:
        file = released.write(f".git/hooks/{name}", f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return file

    return install


def nothing_released(repo: Scratch, *, head: str, status: str = "") -> None:
    """The repository is as it was before a bump that was refused."""
    assert repo.git("rev-parse", "HEAD") == head
    assert repo.git("status", "--porcelain") == status
    assert not (repo.root / "manifests/notes/index/1.1.0").exists()
    assert not (repo.root / ".git/index.lock").exists()
    assert not (repo.root / ".git/dsv/journal.json").exists()
    assert repo.git("tag", "--list") == "notes@v1.0.0\n"


def test_the_hooks_of_a_commit_run_in_gits_order_and_see_what_is_committed_and_no_more(
    changed: Scratch, hook: Hook
) -> None:
    changed.write("mine", "1\n")
    changed.git("add", "mine")
    for name in ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"):
        hook(name, f'echo "{name} $#" >>.git/ran; git diff --cached --name-only >.git/{name}.saw')
    changed.dsv("bump", "notes")
    assert changed.read(".git/ran").split("\n") == [
        "pre-commit 0",
        "prepare-commit-msg 2",
        "commit-msg 1",
        "post-commit 0",
        "",
    ]
    assert changed.read(".git/pre-commit.saw").splitlines() == [
        "data/notes.dvc",
        "manifests/notes/1.0.0.dvc",
        "manifests/notes/1.1.0.dvc",
        SEEN,
    ]
    assert changed.read(".git/commit-msg.saw") == changed.read(".git/pre-commit.saw")
    assert changed.read(".git/post-commit.saw") == "mine\n"
    assert changed.git("status", "--porcelain") == "A  mine\n"


@pytest.mark.parametrize("name", ["pre-commit", "prepare-commit-msg", "commit-msg"])
def test_a_hook_that_says_no_leaves_nothing_of_the_release(changed: Scratch, hook: Hook, name: str) -> None:
    head = changed.git("rev-parse", "HEAD")
    installed = hook(name, "echo the moon is wrong; exit 3")
    said = changed.dsv("bump", "notes", code=50).stderr
    assert said.startswith(
        f"dsv: the moon is wrong\nerror: the {name} hook refused the commit (exit code 3); nothing was committed\n"
    )
    error = changed.dsv("bump", "notes", "--json", code=50).error
    assert error["kind"] == "git"
    assert error["details"] == {"hook": name, "exit_code": 3, "output": "the moon is wrong"}
    nothing_released(changed, head=head)
    installed.unlink()
    assert changed.json("bump", "notes")["version"] == "1.1.0"


def test_no_verify_leaves_out_the_hooks_that_git_leaves_out(changed: Scratch, hook: Hook) -> None:
    for name in ("pre-commit", "commit-msg"):
        hook(name, "exit 1")
    for name in ("prepare-commit-msg", "post-commit"):
        hook(name, f"echo {name} >>.git/ran")
    changed.dsv("bump", "notes", code=50)
    changed.dsv("bump", "notes", "--no-verify")
    changed.dsv("rollback", "notes", "1.0.0", "--no-verify")
    changed.records("data/other/a.jsonl", numbered(3))
    changed.dsv("add", "data/other", "--no-release", "--no-verify")
    changed.dsv("add", "data/other", "--no-verify")
    assert changed.read(".git/ran").split() == ["prepare-commit-msg", "post-commit"] * 4
    assert changed.git("status", "--porcelain") == ""


def test_a_declaration_and_an_init_ask_the_hooks_too(changed: Scratch, hook: Hook) -> None:
    hook("pre-commit", "git diff --cached --name-only; exit 1")
    changed.records("data/other/a.jsonl", numbered(3))
    said = changed.dsv("add", "data/other", "--no-release", code=50).stderr
    assert said.startswith("dsv: manifests/other/dataset.yaml\nerror: the pre-commit hook refused")
    changed.git("rm", "-q", "--cached", "dsv.yaml")
    (changed.root / ".git/hooks/pre-commit").unlink()
    changed.git("commit", "-qm", "no settings")
    hook("pre-commit", "git diff --cached --name-only; exit 1")
    assert changed.dsv("init", code=50).stderr.startswith("dsv: dsv.yaml\nerror: the pre-commit hook refused")


def test_a_file_that_people_edit_is_taken_as_the_hook_formats_it(changed: Scratch, hook: Hook) -> None:
    changed.records("data/other/a.jsonl", numbered(3))
    hook("pre-commit", "grep -q formatted dvc.yaml && exit 0; echo '# formatted' >>dvc.yaml; exit 1")
    said = changed.dsv("add", "data/other").stderr
    assert said == "dsv: the pre-commit hook changed dvc.yaml; it is asked again with that\n"
    assert changed.git("show", "HEAD:dvc.yaml") == changed.read("dvc.yaml")
    assert changed.read("dvc.yaml").endswith("# formatted\n")
    assert changed.git("status", "--porcelain") == ""


@pytest.mark.parametrize("staging", ["", "; git add dvc.yaml manifests"])
def test_it_makes_no_difference_whether_the_hook_stages_what_it_formats(
    changed: Scratch, hook: Hook, staging: str
) -> None:
    changed.records("data/other/a.jsonl", numbered(3))
    edit = "echo '# formatted' >>"
    hook("pre-commit", f"{edit}dvc.yaml; {edit}manifests/other/dataset.yaml{staging}")
    changed.dsv("add", "data/other")
    for file in ("dvc.yaml", "manifests/other/dataset.yaml"):
        assert changed.git("show", f"HEAD:{file}").endswith("# formatted\n")
    assert changed.git("status", "--porcelain") == ""


def test_a_hook_that_never_comes_to_rest_refuses(changed: Scratch, hook: Hook) -> None:
    head, text = changed.git("rev-parse", "HEAD"), changed.read("dvc.yaml")
    hook("pre-commit", "echo '# again' >>dvc.yaml; exit 1")
    changed.records("data/other/a.jsonl", numbered(3))
    assert "refused the commit" in changed.dsv("add", "data/other", code=50).stderr
    assert changed.git("rev-parse", "HEAD") == head
    assert changed.read("dvc.yaml") == text


@pytest.mark.parametrize("file", [SEEN, "data/notes.dvc", "manifests/notes/1.1.0.dvc"])
@pytest.mark.parametrize("outcome", [0, 1])
def test_a_hook_that_edits_a_manifest_or_a_pointer_is_refused_by_name(
    changed: Scratch, hook: Hook, file: str, outcome: int
) -> None:
    head = changed.git("rev-parse", "HEAD")
    hook("pre-commit", f"echo '# formatted' >>{file}; git add -u; exit {outcome}")
    error = changed.dsv("bump", "notes", "--json", code=20).error
    assert error["kind"] == "conflict"
    assert error["message"].startswith(f"the pre-commit hook changed {file}, which is written once")
    assert "exclude: '^manifests/|" in error["hint"]
    nothing_released(changed, head=head)


def test_a_message_hook_that_edits_a_manifest_is_refused_too(changed: Scratch, hook: Hook) -> None:
    head = changed.git("rev-parse", "HEAD")
    hook("commit-msg", f"echo '# formatted' >>{SEEN}")
    assert "written once" in changed.dsv("bump", "notes", "--json", code=20).error["message"]
    nothing_released(changed, head=head)


def test_the_users_own_edits_in_a_file_that_a_hook_formats_are_not_committed(changed: Scratch, hook: Hook) -> None:
    changed.write("dvc.yaml", changed.read("dvc.yaml") + "# mine\n")
    changed.records("data/other/a.jsonl", numbered(3))
    installed = hook("pre-commit", "echo '# formatted' >>dvc.yaml; git add dvc.yaml")
    error = changed.dsv("add", "data/other", "--json", code=20).error
    assert error["message"].startswith("the pre-commit hook staged dvc.yaml, where you have changes of your own")
    assert changed.read("dvc.yaml").endswith("# mine\n")
    installed.write_text("#!/bin/sh\necho '# formatted' >>dvc.yaml\n")
    changed.dsv("add", "data/other")
    assert "# " not in changed.git("show", "HEAD:dvc.yaml")
    assert changed.read("dvc.yaml").endswith("# mine\n# formatted\n")


def test_what_a_hook_adds_to_the_commit_is_in_it_and_work_of_the_users_is_not(changed: Scratch, hook: Hook) -> None:
    for name in ("generated", "other"):
        changed.write(name, "old\n")
    changed.git("add", "generated", "other")
    changed.git("commit", "-qm", "files")
    changed.write("other", "staged\n")
    changed.git("add", "other")
    hook("pre-commit", "echo new >generated; echo new >fresh; git add generated fresh; echo more >>other")
    changed.dsv("bump", "notes")
    assert changed.git("show", "HEAD:generated", "HEAD:fresh") == "new\nnew\n"
    assert changed.git("show", "HEAD:other") == "old\n"
    assert changed.git("status", "--porcelain") == "MM other\n"
    assert changed.read("other") == "staged\nmore\n"


def test_hooks_that_use_git_find_an_index_that_they_can_lock(changed: Scratch, hook: Hook) -> None:
    changed.write("mine", "1\n")
    changed.git("add", "mine")
    hook("pre-commit", "set -e; git status --porcelain; git update-index -q --refresh; git diff --quiet; git add -u")
    said = changed.dsv("bump", "notes").stderr
    assert said.splitlines() == [
        "dsv: M  data/notes.dvc",
        "dsv: D  manifests/notes/1.0.0.dvc",
        "dsv: A  manifests/notes/1.1.0.dvc",
        "dsv: A  manifests/notes/1.1.0.yaml",
        "dsv: ?? mine",
    ]


def test_dsv_in_a_hook_reads_and_does_not_wait_for_the_dsv_that_waits_for_it(changed: Scratch, hook: Hook) -> None:
    dsv = f"{sys.executable} -m dsv"
    hook("pre-commit", f"{dsv} status --json >.git/status && {dsv} check --json >.git/check && {dsv} list >/dev/null")
    hook("post-commit", f"{dsv} bump notes")
    said = changed.dsv("bump", "notes").stderr
    assert said.startswith("dsv: error: this runs in a hook of the dsv that is at work here (bump of notes, process ")
    assert said.endswith("dsv: the post-commit hook failed (exit code 20); the commit stands\n")
    assert '"ok": true' in changed.read(".git/check")
    assert '"state": "changed"' in changed.read(".git/status")


def test_a_message_that_a_hook_edits_keeps_the_trailer_by_which_releases_are_told(changed: Scratch, hook: Hook) -> None:
    hook("prepare-commit-msg", 'echo "feat: the hook wrote this\n\n\nbody  " >"$1"')
    hook("commit-msg", 'echo "Change-Id: I1234" >>"$1"; grep -q Dsv-Version "$1"')
    changed.dsv("bump", "notes")
    assert changed.git("log", "-1", "--format=%B") == (
        "feat: the hook wrote this\n\nbody\n\nDsv-Version: notes@1.1.0\nChange-Id: I1234\n\n"
    )


def test_a_message_that_a_hook_empties_is_refused(changed: Scratch, hook: Hook) -> None:
    head = changed.git("rev-parse", "HEAD")
    hook("commit-msg", ': >"$1"')
    assert "empty commit message" in changed.refused("bump", "notes", code=50, kind="git")["message"]
    nothing_released(changed, head=head)


CONVENTIONAL = (
    r"""head -1 "$1" | grep -Eq '^(feat|fix|data)(\([a-z-]+\))?: .+' || { echo "not conventional"; exit 1; }"""
)


def test_a_linter_of_messages_can_be_satisfied_with_the_template(changed: Scratch, hook: Hook) -> None:
    hook("commit-msg", CONVENTIONAL)
    assert "dsv: not conventional\n" in changed.dsv("bump", "notes", code=50).stderr
    changed.write(
        "dsv.yaml", changed.read("dsv.yaml") + 'release: {commit_message: "data({dataset}): {version}, {summary}"}\n'
    )
    changed.dsv("bump", "notes", "-m", "Thirty more {notes}")
    assert changed.git("log", "-1", "--format=%B") == (
        "data(notes): 1.1.0, Thirty more {notes}\n\nDsv-Version: notes@1.1.0\n\n"
    )
    assert changed.git("reflog", "-1", "--format=%gs") == "dsv: data(notes): 1.1.0, Thirty more {notes}\n"


def test_a_template_may_have_braces_and_several_lines_and_is_refused_by_name_otherwise(changed: Scratch) -> None:
    settings = changed.read("dsv.yaml")
    changed.write("dsv.yaml", settings + 'release: {commit_message: "{{data}} {version}\\n\\nRefs: DATA-1\\n"}\n')
    changed.dsv("bump", "notes", "-m", "More\n\nThirty.")
    assert changed.git("log", "-1", "--format=%B") == (
        "{data} 1.1.0\n\nRefs: DATA-1\n\nThirty.\n\nDsv-Version: notes@1.1.0\n\n"
    )
    changed.records("data/notes/even.jsonl", numbered(3, start=300))
    for template in ("{author}: {version}", "{version", "{version!r}"):
        changed.write("dsv.yaml", settings + f'release: {{commit_message: "{template}"}}\n')
        error = changed.dsv("bump", "notes", "--json", code=30).error
        assert error["kind"] == "manifest"
        assert "release.commit_message: may hold {dataset}, {version} and {summary}" in error["message"]


def test_a_post_commit_hook_that_fails_is_told_and_undoes_nothing(changed: Scratch, hook: Hook) -> None:
    hook("post-commit", "echo broken; exit 1")
    said = changed.dsv("bump", "notes").stderr
    assert said == "dsv: broken\ndsv: the post-commit hook failed (exit code 1); the commit stands\n"
    assert changed.json("list")["datasets"][0]["latest"] == "1.1.0"


def test_hooks_lie_where_git_says_and_run_in_the_work_tree_they_are_for(
    changed: Scratch, hook: Hook, tmp_path: Path
) -> None:
    shared = tmp_path / "hooks"
    shared.mkdir()
    changed.git("config", "core.hooksPath", str(shared))
    (shared / "pre-commit").write_text('#!/bin/sh\npwd\necho "$GIT_DIR"\nbasename "$GIT_INDEX_FILE"\n')
    (shared / "pre-commit").chmod(0o755)
    hook("pre-commit", "exit 1")
    changed.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    linked = Scratch(tmp_path / "linked")
    linked.dsv("checkout", "notes@1.0.0")
    linked.records("data/notes/train.jsonl", numbered(79))
    (linked.root / "sub").mkdir()
    assert linked.dsv("bump", "notes", cwd=linked.root / "data").stderr.splitlines()[::2] == [
        f"dsv: {linked.root}",
        "dsv: commit-index",
    ]


def test_what_a_hook_leaves_running_is_not_waited_for(changed: Scratch, hook: Hook) -> None:
    hook("pre-commit", "sleep 300 & echo $! >.git/sleeper")
    began = time.monotonic()
    changed.dsv("bump", "notes")
    assert time.monotonic() - began < 200
    subprocess.run(["kill", changed.read(".git/sleeper").strip()], check=True)


def test_dvcs_own_hooks_run_beside_a_release(changed: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    changed.dvc("install")
    changed.dvc("config", "core.autostage", "false")
    changed.git("commit", "-qam", "dvc")
    assert "up to date" in changed.dsv("bump", "notes").stderr
    assert changed.git("status", "--porcelain") == ""
