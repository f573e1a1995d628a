"""With pre-commit, the program: its hooks pass, edit, refuse, and are killed while they keep the user's work aside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import Scratch, numbered

Configure = Callable[..., None]

# What the usual formatters do, told by the file names that pre-commit gives them.
YAML = """
import sys, yaml
from pathlib import Path
changed = 0
for name in sys.argv[1:]:
    old = Path(name).read_text()
    new = yaml.safe_dump(yaml.safe_load(old), indent=4, sort_keys=True)
    if new != old:
        Path(name).write_text(new)
        changed = 1
sys.exit(changed)
"""
WHITESPACE = """
import sys
from pathlib import Path
changed = 0
for name in sys.argv[1:]:
    old = Path(name).read_bytes()
    new = b"\\n".join(line.rstrip() for line in old.replace(b"\\r\\n", b"\\n").rstrip(b"\\n").split(b"\\n")) + b"\\n"
    if new != old:
        Path(name).write_bytes(new)
        changed = 1
sys.exit(changed)
"""


@pytest.fixture
def configure(released: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """A function that installs pre-commit with local hooks, each a Python text or a shell line, and commits that."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))

    def install(more: str = "", **hooks: str) -> None:
        lines = ["repos:", "- repo: local", "  hooks:"]
        for name, script in hooks.items():
            program = tmp_path / f"{name}.py"
            program.write_text(script)
            entry = f"{sys.executable} {program}"
            lines += [f"  - {{id: {name}, name: {name}, language: system, entry: {entry}{more}}}"]
        released.write(".pre-commit-config.yaml", "\n".join(lines) + "\n")
        released.git("add", ".pre-commit-config.yaml")
        released.git("commit", "-qm", "hooks", "--no-verify", "--", ".pre-commit-config.yaml")
        subprocess.run(
            [sys.executable, "-m", "pre_commit", "install"], cwd=released.root, check=True, capture_output=True
        )

    return install


@pytest.fixture
def changed(released: Scratch) -> Scratch:
    """A repository whose `notes` have changed since 1.0.0, and in which a person has begun other things."""
    for name in ("edited", "deleted", "half"):
        released.write(name, "old\n")
    released.git("add", "edited", "deleted", "half")
    released.git("commit", "-qm", "files")
    released.write("edited", "new\n").chmod(0o755)
    (released.root / "deleted").unlink()
    released.write("half", "staged\n")
    released.write("added", "staged\n")
    released.git("add", "half", "added")
    released.write("half", "staged\nand more\n")
    released.write("untracked", "mine\n")
    released.write("dvc.yaml", "# mine\n" + released.read("dvc.yaml"))
    released.records("data/notes/more.jsonl", numbered(30, start=100))
    return released


def work_of(repo: Scratch) -> tuple[str, str, str, str]:
    """All that a person has begun, as git tells it."""
    return (
        repo.git("status", "--porcelain=v2"),
        repo.git("diff", "--binary"),
        repo.git("diff", "--cached", "--binary"),
        repo.read("untracked"),
    )


def begun(repo: Scratch) -> tuple[str, ...]:
    """The same without what a release changes in it: the lines of its own files."""
    return (
        repo.git("status", "--porcelain"),
        repo.git("diff", "-U0"),
        repo.git("diff", "--cached"),
        repo.read("edited"),
    )


def test_what_dsv_writes_passes_the_usual_checks_of_texts_and_the_users_work_stays(
    changed: Scratch, configure: Configure
) -> None:
    configure(whitespace=WHITESPACE)
    before = begun(changed)
    said = changed.dsv("bump", "notes").stderr
    assert "whitespace" in said
    assert "Passed" in said
    assert "[WARNING] Unstaged files detected." in said
    assert begun(changed) == before


def test_a_new_dataset_passes_them_too(released: Scratch, configure: Configure) -> None:
    configure(whitespace=WHITESPACE)
    released.records("data/other/a.jsonl", numbered(3))
    assert "Passed" in released.dsv("add", "data/other").stderr
    assert released.git("status", "--porcelain") == ""


def test_a_hook_that_says_no_is_shown_and_leaves_the_users_work(changed: Scratch, configure: Configure) -> None:
    configure(moon="import sys; print('the moon is wrong'); sys.exit(1)")
    before, head = work_of(changed), changed.git("rev-parse", "HEAD")
    said = changed.dsv("bump", "notes", code=50).stderr
    assert "dsv: the moon is wrong\n" in said
    assert "error: the pre-commit hook refused the commit (exit code 1); nothing was committed" in said
    assert (work_of(changed), changed.git("rev-parse", "HEAD")) == (before, head)
    assert changed.json("bump", "notes", "--no-verify")["version"] == "1.1.0"


def test_a_hook_that_edits_other_files_refuses_as_it_does_with_git(released: Scratch, configure: Configure) -> None:
    configure(", pass_filenames: false", stamp="open('stamp', 'a').write('x')")
    released.write("stamp", "")
    released.git("add", "stamp")
    released.git("commit", "-qm", "stamp", "--no-verify")
    head = released.git("rev-parse", "HEAD")
    released.records("data/notes/more.jsonl", numbered(30, start=100))
    assert "files were modified by this hook" in released.dsv("bump", "notes", code=50).stderr
    assert released.git("rev-parse", "HEAD") == head
    assert released.git("status", "--porcelain") == " M stamp\n"


@pytest.mark.heavy
def test_a_formatter_of_yaml_formats_what_people_edit_once_it_leaves_out_what_nobody_may_edit(
    released: Scratch, configure: Configure
) -> None:
    released.records("data/other/a.jsonl", numbered(3))
    configure(", types: [yaml]", format=YAML)
    error = released.dsv("add", "data/other", "--json", code=20).error
    assert error["message"].startswith("the pre-commit hook changed manifests/other/1.0.0.yaml, which is written once")
    assert released.git("status", "--porcelain") == "?? data/other/\n"
    configure(r', types: [yaml], exclude: "^manifests/|\\.dvc$"', format=YAML)
    said = released.dsv("add", "data/other").stderr
    assert "the pre-commit hook changed dvc.yaml; it is asked again with that" in said
    assert "\n    other:\n" in released.git("show", "HEAD:dvc.yaml")
    assert released.git("status", "--porcelain") == ""
    assert released.json("check")["ok"]


STOP = "import time; open('.git/stopped', 'w').close(); time.sleep(120)"


def killed_in_a_hook(repo: Scratch, *command: str) -> None:
    """The command, its hook and all else that it runs, killed at once while the hook is at work."""
    running = subprocess.Popen(
        [sys.executable, "-m", "dsv", *command],
        cwd=repo.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not (repo.root / ".git/stopped").exists():
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()


@pytest.mark.heavy
def test_work_that_a_killed_hook_kept_aside_comes_back(changed: Scratch, configure: Configure) -> None:
    configure(stop=STOP)
    before, head = work_of(changed), changed.git("rev-parse", "HEAD")
    killed_in_a_hook(changed, "bump", "notes")
    assert changed.read("edited") == "old\n"
    assert changed.read("deleted") == "old\n"
    assert changed.read("half") == "old\n"
    said = changed.dsv("list").stderr
    assert said == (
        "dsv: brought back your changes, which a hook had put aside: deleted, edited, half\n"
        "dsv: undid the release of notes 1.1.0 that was interrupted\n"
    )
    assert (work_of(changed), changed.git("rev-parse", "HEAD")) == (before, head)
    assert changed.json("bump", "notes", "--no-verify")["version"] == "1.1.0"


def test_work_comes_back_at_once_where_only_the_hook_was_killed(changed: Scratch, configure: Configure) -> None:
    configure(kill="import os; os.kill(os.getppid(), 9)")
    before = work_of(changed)
    said = changed.dsv("bump", "notes", code=50).stderr
    assert "dsv: brought back your changes, which a hook had put aside: deleted, edited, half\n" in said
    assert "error: the pre-commit hook refused the commit (exit code 137)" in said
    assert work_of(changed) == before


def test_work_in_a_file_that_the_release_edits_too_comes_back(changed: Scratch, configure: Configure) -> None:
    configure(stop=STOP)
    changed.records("data/other/a.jsonl", numbered(3))
    before = changed.read("dvc.yaml")
    killed_in_a_hook(changed, "add", "data/other")
    assert "# mine" not in changed.read("dvc.yaml")
    changed.dsv("list")
    assert changed.read("dvc.yaml") == before
    assert not (changed.root / "manifests/other").exists()


def test_edits_made_after_the_kill_are_not_overwritten_and_the_earlier_ones_are_told(
    changed: Scratch, configure: Configure
) -> None:
    configure(stop=STOP)
    killed_in_a_hook(changed, "bump", "notes")
    changed.write("half", "written after the kill\n")
    said = changed.dsv("list").stderr.splitlines()
    assert said[0] == "dsv: brought back your changes, which a hook had put aside: deleted, edited"
    assert said[1].startswith("dsv: left as they are, because changed since: half; as they were before: git stash show")
    assert changed.read("half") == "written after the kill\n"
    assert changed.git("show", "stash@{0}:half") == "staged\nand more\n"
    assert changed.git("show", ":half") == "staged\n"


def test_who_puts_it_in_order_by_hand_is_not_disturbed(changed: Scratch, configure: Configure, tmp_path: Path) -> None:
    configure(stop=STOP)
    before = work_of(changed)
    killed_in_a_hook(changed, "bump", "notes")
    [patch] = (tmp_path / "pre-commit").glob("patch*")
    changed.git("apply", str(patch))
    assert changed.dsv("list").stderr == "dsv: undid the release of notes 1.1.0 that was interrupted\n"
    assert work_of(changed) == before
    assert changed.git("stash", "list") == ""


def test_new_files_that_a_killed_hook_stashed_are_told_of(changed: Scratch) -> None:
    hook = changed.write(".git/hooks/pre-commit", "#!/bin/sh\ngit stash -qku; touch .git/stopped; sleep 120\n")
    hook.chmod(0o755)
    killed_in_a_hook(changed, "bump", "notes")
    assert not (changed.root / "untracked").exists()
    said = changed.dsv("list").stderr.splitlines()
    assert said[0].startswith("dsv: a hook ran git stash and did not end: see git stash list")
    assert changed.git("show", "stash@{0}^3:untracked") == "mine\n"
    assert changed.read("edited") == "new\n"


WAIT = """
import os, time
open('.git/stopped', 'w').write(str(os.getppid()))
while not os.path.exists('.git/go'):
    time.sleep(0.02)
"""


@pytest.mark.heavy
def test_a_hook_that_outlives_its_release_puts_nothing_of_it_back(changed: Scratch, configure: Configure) -> None:
    configure(wait=WAIT)
    before = work_of(changed)
    running = subprocess.Popen(
        [sys.executable, "-m", "dsv", "bump", "notes"],
        cwd=changed.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stopped = changed.root / ".git/stopped"
    while not (stopped.exists() and stopped.read_text()):
        time.sleep(0.02)
    running.kill()
    running.wait()
    assert "undid the release" in changed.dsv("list").stderr
    assert work_of(changed) == before
    changed.write(".git/go", "")
    with suppress(ProcessLookupError):
        while True:
            os.kill(int(stopped.read_text()), 0)
            time.sleep(0.02)
    assert work_of(changed) == before
    assert not (changed.root / "manifests/notes/1.1.0.yaml").exists()


@pytest.mark.heavy
def test_an_interrupt_in_a_hook_undoes_the_release_and_lets_the_hook_put_things_in_order(
    changed: Scratch, configure: Configure
) -> None:
    configure(stop=STOP)
    before = work_of(changed)
    running = subprocess.Popen(
        [sys.executable, "-m", "dsv", "bump", "notes"],
        cwd=changed.root,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (changed.root / ".git/stopped").exists():
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate()
    assert (running.returncode, said.splitlines()[-2]) == (130, "error: interrupted")
    assert work_of(changed) == before
