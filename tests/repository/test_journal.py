"""A command that is killed, at whatever moment, leaves a repository that the next command puts in order."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Scratch, call, numbered

DYING = Path(__file__).with_name("dying.py")
# Derived, or never the same twice; what the index holds is looked at through git.
UNSTEADY = (
    ".git/objects",
    ".git/logs",
    ".git/index",
    ".git/COMMIT_EDITMSG",
    ".git/dsv/work",
    ".git/dsv/lock",
    ".dvc/cache",
)


@dataclass(frozen=True)
class Killed:
    """The repository as it was before the command, as it is when nothing kills it, and after each death."""

    before: Scratch
    after: Scratch
    deaths: list[Scratch]


def cut_short(way: str, template: Scratch, work: Path, *command: str) -> list[tuple[int, str, str]]:
    """Exit code, step and words of the command in each of the copies work/1, work/2, ...; the last came through."""
    told = call(sys.executable, str(DYING), "each", way, str(template.root), str(work), *command, cwd=work)
    return [(int(code), step, said) for code, step, said in (line.split(" ", 2) for line in told.splitlines())]


def killed_at_each_step(template: Scratch, work: Path, *command: str) -> Killed:
    """The command killed in as many ways as there are; ways that leave the same count once."""
    work.mkdir()
    steps = len(cut_short("killed", template, work, *command)) - 1
    deaths = {state_of(place, hidden=UNSTEADY): place for place in (work / str(n + 1) for n in range(steps))}
    assert len(deaths) > 8
    return Killed(template, Scratch(work / str(steps + 1)), [Scratch(place) for place in deaths.values()])


def state_of(root: Path, *, hidden: tuple[str, ...] = (*UNSTEADY, ".git/dsv")) -> str:
    """A digest of everything a person or git could see: files with their content, and the index."""
    digest = hashlib.sha256(call("git", "ls-files", "--stage", cwd=root).encode())
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root).as_posix()
        if path.is_file() and not any(relative == each or relative.startswith(each + "/") for each in hidden):
            content = path.read_bytes()
            digest.update(f"{relative}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def ends_of(killed: Killed, *, doing: str) -> set[tuple[bool, str]]:
    """Every death followed by a command, which ends what was begun in one way or the other, and says which.

    Gives how the deaths ended, each with whether the repository needed putting in order.
    """
    states = {state_of(killed.before.root): "undid", state_of(killed.after.root): "finished"}
    assert len(states) == 2
    ends = set()
    for repo in killed.deaths:
        interrupted = (repo.root / ".git/dsv/journal.json").exists()
        said = repo.dsv("list").stderr
        end = states[state_of(repo.root)]
        assert said == (f"dsv: {end} the {doing} that was interrupted\n" if interrupted else "")
        assert not (repo.root / ".git/dsv/journal.json").exists()
        ends.add((interrupted, end))
    return ends


@pytest.fixture
def _at_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, so that two releases of the same data are the same to the byte."""
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(name, "2026-11-22T08:00:00Z")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795334400")


@pytest.fixture
def at_work(released: Scratch) -> Scratch:
    """A repository in which a person has begun other things: staged, half staged and not staged."""
    released.write("train.py", "print(1)\n")
    released.write("README", "old\n")
    released.git("add", "train.py", "README")
    released.git("commit", "-qm", "code")
    released.write("README", "staged\n")
    released.write("new.py", "new\n")
    released.git("add", "README", "new.py")
    released.write("README", "staged\nand more\n")
    (released.root / "train.py").unlink()
    released.write("dvc.yaml", "# my pipeline\n" + released.read("dvc.yaml"))
    return released


ALL_ENDS = {(False, "undid"), (True, "undid"), (True, "finished"), (False, "finished")}


@pytest.mark.usefixtures("_at_one_moment")
def test_a_bump_killed_at_any_step_is_finished_or_undone_by_the_next_command(at_work: Scratch, tmp_path: Path) -> None:
    at_work.records("data/notes/more.jsonl", numbered(30, start=100))
    work = at_work.git("status", "--porcelain")
    killed = killed_at_each_step(at_work, tmp_path / "killed", "bump", "notes")
    assert ends_of(killed, doing="release of notes 1.1.0") == ALL_ENDS
    assert killed.after.git("status", "--porcelain") == work
    first, last = killed.deaths[0], killed.deaths[-1]
    assert first.json("bump", "notes")["version"] == "1.1.0"
    last.refused("bump", "notes", code=20, kind="nothing_changed")
    for repo in (first, last):
        assert repo.git("status", "--porcelain") == work
        assert repo.json("check")["ok"]
        assert [each["version"] for each in repo.json("log", "notes")["versions"]] == ["1.1.0", "1.0.0"]


@pytest.mark.heavy
@pytest.mark.usefixtures("_at_one_moment")
def test_a_first_release_killed_at_any_step_leaves_nothing_or_all_of_it(repo: Scratch, tmp_path: Path) -> None:
    repo.records("data/notes.jsonl", numbered(5))
    killed = killed_at_each_step(repo, tmp_path / "killed", "add", "data/notes.jsonl")
    assert ends_of(killed, doing="release of notes 1.0.0") == ALL_ENDS
    assert not (killed.deaths[0].root / "manifests/notes").exists()
    assert killed.deaths[0].json("add", "data/notes.jsonl")["version"] == "1.0.0"


@pytest.mark.usefixtures("_at_one_moment")
def test_a_rollback_killed_at_any_step_ends_with_the_data_that_its_version_has(
    released: Scratch, tmp_path: Path
) -> None:
    first = released.tree("data/notes")
    released.records("data/notes/train.jsonl", numbered(60))
    released.records("data/notes/new/more.jsonl", numbered(30, start=200))
    released.dsv("bump", "notes")
    second = released.tree("data/notes")
    killed = killed_at_each_step(released, tmp_path / "killed", "rollback", "notes", "1.0.0")
    assert ends_of(killed, doing="release of notes 1.2.0") == ALL_ENDS
    assert [repo.tree("data/notes") for repo in (killed.deaths[0], killed.after)] == [second, first]
    assert killed.deaths[-1].json("status")["datasets"][0]["state"] == "clean"


@pytest.mark.heavy
@pytest.mark.usefixtures("_at_one_moment")
def test_an_init_killed_at_any_step_is_completed_by_the_next(scratch: Scratch, tmp_path: Path) -> None:
    scratch.write("README", "staged\n")
    scratch.git("add", "README")
    killed = killed_at_each_step(scratch, tmp_path / "killed", "init")
    wanted = state_of(killed.after.root)
    for repo in killed.deaths:
        repo.dsv("init")
        assert state_of(repo.root) == wanted


def killed_before(git_command: str, repo: Scratch, *command: str) -> None:
    """Run dsv in the repository, and kill it before it calls this command of git."""
    done = subprocess.run(
        [sys.executable, DYING, git_command, *command], cwd=repo.root, capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL


@pytest.fixture
def cut_off(released: Scratch) -> Scratch:
    """A repository whose bump to 2.0.0 was killed when its objects were made, before git's refs moved."""
    released.records("data/notes/train.jsonl", numbered(10))
    killed_before("update-ref", released, "bump", "notes")
    return released


def test_a_branch_that_a_killed_git_did_not_move_follows_its_tag(cut_off: Scratch) -> None:
    entry = json.loads(cut_off.read(".git/dsv/journal.json"))
    cut_off.git("update-ref", "refs/tags/notes@v2.0.0", entry["tags"]["notes@v2.0.0"])
    assert cut_off.dsv("list").stderr == "dsv: finished the release of notes 2.0.0 that was interrupted\n"
    assert cut_off.git("rev-parse", "HEAD").strip() == entry["commit"]
    assert cut_off.git("status", "--porcelain") == ""
    assert cut_off.json("check")["ok"]


def test_a_tag_that_a_killed_git_did_not_make_follows_its_branch(cut_off: Scratch) -> None:
    entry = json.loads(cut_off.read(".git/dsv/journal.json"))
    cut_off.git("update-ref", "refs/heads/main", entry["commit"])
    assert cut_off.dsv("list").stderr == "dsv: finished the release of notes 2.0.0 that was interrupted\n"
    assert cut_off.git("rev-parse", "notes@v2.0.0").strip() == entry["tags"]["notes@v2.0.0"]
    assert cut_off.git("status", "--porcelain") == ""


def test_what_somebody_edited_after_the_kill_is_left_as_it_is(cut_off: Scratch) -> None:
    cut_off.write("data/notes.dvc", cut_off.read("data/notes.dvc") + "# mine\n")
    assert cut_off.dsv("list").stderr == (
        "dsv: left as they are, because changed since: data/notes.dvc\n"
        "dsv: undid the release of notes 2.0.0 that was interrupted\n"
    )
    assert cut_off.read("data/notes.dvc").endswith("# mine\n")
    assert cut_off.git("status", "--porcelain") == " M data/notes.dvc\n"


def test_the_lock_on_the_index_goes_with_the_release_that_took_it_and_no_other_does(cut_off: Scratch) -> None:
    lock = cut_off.root / ".git/index.lock"
    assert lock.exists()
    lock.write_bytes(b"DIRC of a git that runs")
    cut_off.dsv("list")
    assert lock.read_bytes() == b"DIRC of a git that runs"
    cut_off.refused("bump", "notes", code=20, kind="in_progress")
    lock.unlink()
    assert cut_off.json("bump", "notes")["version"] == "2.0.0"


def test_a_damaged_journal_is_a_refusal_that_names_it(released: Scratch) -> None:
    released.write(".git/dsv/journal.json", "{")
    error = released.refused("list", code=50, kind="disk")
    assert ".git/dsv/journal.json" in error["message"]
    assert "git status" in error["hint"]


def test_a_command_that_is_still_at_work_is_not_taken_for_a_killed_one(cut_off: Scratch) -> None:
    import fcntl

    with open(cut_off.root / ".git/dsv/lock", "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert cut_off.dsv("list").stderr == ""
        assert (cut_off.root / ".git/dsv/journal.json").exists()
    assert "undid the release" in cut_off.dsv("list").stderr


def test_the_journal_holds_the_id_of_the_uncommitted_work(at_work: Scratch) -> None:
    at_work.records("data/notes/train.jsonl", numbered(10))
    killed_before("update-ref", at_work, "bump", "notes")
    saved = json.loads(at_work.read(".git/dsv/journal.json"))["saved_work"]
    assert at_work.git("show", f"{saved}:README") == "staged\nand more\n"
    assert at_work.git("show", f"{saved}^2:README") == "staged\n"


def test_a_finished_rollback_does_not_overwrite_what_was_written_since(released: Scratch) -> None:
    released.records("data/notes/train.jsonl", numbered(60))
    released.dsv("bump", "notes")
    killed_before("update-ref", released, "rollback", "notes", "1.0.0")
    entry = json.loads(released.read(".git/dsv/journal.json"))
    released.git("update-ref", "refs/heads/main", entry["commit"])
    released.write("data/notes/train.jsonl", '{"id": "mine"}\n')
    said = released.dsv("list").stderr.splitlines()
    assert said[0] == "dsv: finished the release of notes 1.2.0 that was interrupted"
    assert said[1].startswith("dsv: the data of notes@1.2.0 is not in the working tree: 1 file of data/notes")
    assert said[1].endswith("; see dsv checkout notes@1.2.0")
    assert released.read("data/notes/train.jsonl") == '{"id": "mine"}\n'
    assert released.git("status", "--porcelain") == ""
    assert released.dsv("list").stderr == ""


@pytest.mark.usefixtures("_at_one_moment")
@pytest.mark.parametrize(
    ("command", "way"),
    [
        pytest.param(command, way, marks=pytest.mark.heavy)
        for command in ("bump", "add", "rollback")
        for way in ("ENOSPC", "EIO", "full")
    ],
)
def test_a_disk_that_fails_at_any_step_is_told_of_and_leaves_all_or_nothing(
    at_work: Scratch, tmp_path: Path, command: str, way: str
) -> None:
    at_work.records("data/notes/more.jsonl", numbered(30, start=100))
    if command == "rollback":
        at_work.dsv("bump", "notes")
    if command == "add":
        at_work.records("data/others.jsonl", numbered(5))
    subject = {"bump": ["notes"], "add": ["data/others.jsonl"], "rollback": ["notes", "1.0.0"]}[command]
    work = tmp_path / "failed"
    work.mkdir()
    ends = cut_short(way, at_work, work, command, *subject)
    before, after = state_of(at_work.root), state_of(work / str(len(ends)))
    assert before != after
    for number, (code, step, said) in enumerate(ends, start=1):
        failed = Scratch(work / str(number))
        assert code in (0, 50), (step, said)
        assert "report" not in said
        if code:
            assert said.count("error: ") == 1, said
        failed.dsv("list")
        assert not (failed.root / ".git/dsv/journal.json").exists()
        assert state_of(failed.root) in ([after] if code == 0 else [before, after]), (step, said)
