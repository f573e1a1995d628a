"""When files are broken, disks are full or people press Ctrl-C: one line that names it, and nothing half done."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.repository_state import leaves_no_trace
from tests.conftest import numbered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.conftest import Scratch

DATASET = "schema: 1\nname: notes\npath: data/notes\n"


def change(repo: Scratch) -> None:
    """Something to release."""
    repo.records("data/notes/more.jsonl", numbered(1, start=500))


# dsv's own files


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("schema: 1\npolicy: {major: 2}\n", "dsv.yaml:2:17: policy.major", "at most 1"),
        ("schema: 1\nprotected: [a b]\n", "dsv.yaml:2:13: protected[0]", "'a b'"),
        ("schema: 2\n", "dsv.yaml:1:9: schema", "newer"),
        ("a: [\n", "dsv.yaml:2:1", "YAML"),
        ("- a\n", "dsv.yaml:1:1", "mapping"),
        ("schema: 1\nschema: 1\n", "dsv.yaml:2:1: schema", "second time"),
        ("<<<<<<< HEAD\nschema: 1\n=======\n", "dsv.yaml:1:1", "conflict"),
        ("\tschema: 1\n", "dsv.yaml:1:1", "YAML"),
        ("schema: 1\nmanifests: ../elsewhere\n", "dsv.yaml:2:12: manifests", ".."),
        ("schema: !!python/object/apply:os.system [touch hacked]\n", "dsv.yaml:1:9", "tag"),
    ],
)
def test_a_broken_dsv_yaml_is_named_with_line_and_column(released: Scratch, text: str, place: str, words: str) -> None:
    change(released)
    released.write("dsv.yaml", text)
    error = leaves_no_trace(released, "bump", "notes", code=30, kind="manifest")
    assert error["message"].startswith(place)
    assert words in error["message"]
    first = error["details"]["problems"][0]
    assert [first["file"], str(first["line"]), str(first["column"])] == place.split(": ", maxsplit=1)[0].split(":")
    assert not (released.root / "hacked").exists()


def test_every_problem_of_a_file_is_told_at_once(released: Scratch) -> None:
    change(released)
    released.write("manifests/notes/dataset.yaml", DATASET + "key: 5\nformat: ''\nowners: x\nchecks: [1, '']\n")
    error = leaves_no_trace(released, "bump", "notes", code=30, kind="manifest")
    assert [problem["line"] for problem in error["details"]["problems"]] == [4, 5, 6, 7, 7]
    assert "and 4 more" in error["message"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (DATASET.replace("data/notes", "../../etc"), "dataset.yaml:3:7: path"),
        (DATASET.replace("data/notes", "/etc"), "dataset.yaml:3:7: path"),
        (DATASET.replace("name: notes", "name: other"), "'other'"),
        (DATASET.replace("schema: 1", "schema: 9"), "newer"),
        (DATASET + "format: xml\n", "xml"),
        (DATASET.replace("path: data/notes\n", ""), "path: is missing"),
        ("", "empty"),
    ],
)
def test_a_broken_dataset_yaml_is_refused(released: Scratch, text: str, words: str) -> None:
    change(released)
    released.write("manifests/notes/dataset.yaml", text)
    for command in (["bump", "notes"], ["status"]):
        error = leaves_no_trace(released, *command, code=30, kind="manifest")
        assert "manifests/notes/dataset.yaml" in error["message"]
        assert words in error["message"]
    assert released.json("check", code=1)["ok"] is False


def test_unknown_keys_are_kept_and_warned_about(released: Scratch) -> None:
    text = DATASET + "key: [id]\ncolour: red\n"
    released.write("manifests/notes/dataset.yaml", text)
    change(released)
    assert "manifests/notes/dataset.yaml:5:1: colour" in released.dsv("bump", "notes").stderr
    assert released.read("manifests/notes/dataset.yaml") == text
    assert released.git("show", "HEAD:manifests/notes/dataset.yaml") == text


def test_a_manifest_edited_by_hand_is_noticed(released: Scratch) -> None:
    file = "manifests/notes/1.0.0.yaml"
    edited = released.read(file).replace("First notes", "Best notes")
    released.write(file, edited)
    released.git("commit", "-q", "-am", "better words")
    results = released.json("check", code=1)["results"]
    assert {(each["check"], each["status"]) for each in results} >= {("unchanged", "failed"), ("checksum", "failed")}
    released.git("tag", "-d", "notes@v1.0.0")
    change(released)
    for command in (["bump", "notes"], ["show", "notes"], ["checkout", "notes"], ["diff", "notes"]):
        error = leaves_no_trace(released, *command, code=40, kind="mismatch")
        assert file in error["message"]
    assert released.json("log")["versions"] != []


def test_a_manifest_that_cannot_be_read_is_named_with_its_line(released: Scratch) -> None:
    file = "manifests/notes/1.0.0.yaml"
    released.write(file, released.read(file).replace("type:", "type: [", 1))
    released.git("commit", "-q", "-am", "broken")
    released.git("tag", "-d", "notes@v1.0.0")
    change(released)
    for command in (["bump", "notes"], ["show", "notes"]):
        error = leaves_no_trace(released, *command, code=30, kind="manifest")
        assert error["message"].startswith(f"{file}:")
    failed = [each for each in released.json("check", code=1)["results"] if each["status"] == "failed"]
    assert {each["file"] for each in failed} == {file}
    assert all(each["line"] for each in failed)


# Files shared with DVC


@pytest.mark.parametrize(
    "text",
    ["<<<<<<< HEAD\nartifacts: {}\n=======\n", "artifacts: [\n", "- a\n", "artifacts: 5\n", "artifacts:\n  notes: 5\n"],
)
def test_a_dvc_yaml_that_cannot_be_edited_stops_the_release(repo: Scratch, text: str) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    repo.write("dvc.yaml", text)
    error = leaves_no_trace(repo, "add", "data/notes", code=20, kind="conflict")
    assert "dvc.yaml" in error["message"]


def test_a_broken_pointer_stops_release_and_checkout(released: Scratch) -> None:
    change(released)
    released.write("data/notes.dvc", "<<<<<<< HEAD\nouts: {}\n=======\n")
    for command in (["bump", "notes"], ["checkout", "notes@1.0.0", "--force"]):
        error = released.refused(*command, code=30, kind="manifest")
        assert "data/notes.dvc" in error["message"]
    assert released.git("tag", "-l").split() == ["notes@v1.0.0"]
    assert "more.jsonl" in released.tree("data/notes")


def test_missing_objects_are_named_with_the_way_to_get_them(released: Scratch) -> None:
    released.dvc("remote", "add", "-d", "store", str(released.root.parent / "store"))
    for file in (released.root / ".dvc/cache/files/md5").rglob("*"):
        if file.is_file() and not file.name.endswith(".dir"):
            file.unlink()
    error = released.refused("checkout", "notes", "--to", "elsewhere", code=40, kind="missing_data")
    assert "train.jsonl" in error["message"]
    assert error["hint"]
    assert not (released.root / "elsewhere/train.jsonl").exists()


def test_a_damaged_object_is_not_restored(released: Scratch) -> None:
    before = released.tree("data/notes")
    for file in (released.root / ".dvc/cache/files/md5").rglob("*"):
        if file.is_file() and b"text of 1" in file.read_bytes():
            file.chmod(0o644)
            file.write_bytes(file.read_bytes().replace(b"text of 1", b"text of I"))
    error = released.refused("checkout", "notes", "--to", "elsewhere", code=40, kind="mismatch")
    assert error["details"]["expected"] != error["details"]["actual"]
    assert released.tree("elsewhere") == {}
    assert released.tree("data/notes") == before


# The machine


def limited(repo: Scratch, size: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command where no file may grow beyond a size, as on a disk that is full."""
    code = (
        "import resource, sys; from dsv.__main__ import main; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); sys.argv[1:] = {list(arguments)!r}; main()"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=repo.root, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("size", [100, 500, 1000, 3000, 20_000])
def test_a_full_disk_is_told_in_one_line_and_leaves_nothing_half_done(released: Scratch, size: int) -> None:
    released.records("data/notes/more.jsonl", numbered(1000, start=500))
    head = released.git("rev-parse", "HEAD")
    done = limited(released, size, "bump", "notes", "--json")
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"]) == (50, 50)
    assert error["kind"] in {"disk", "git"}
    assert "Traceback" not in done.stderr
    assert "\n" not in error["message"]
    assert released.git("rev-parse", "HEAD") == head
    assert released.git("status", "--short") == ""
    assert released.git("tag", "-l").split() == ["notes@v1.0.0"]
    assert not list(released.root.glob("**/*.tmp"))
    assert released.json("bump", "notes")["version"] == "2.0.0"
    assert released.git("status", "--short") == ""


def test_without_git_it_says_so(released: Scratch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    error = released.refused("status", code=50, kind="git")
    assert "git" in error["message"]


def test_an_interrupted_command_leaves_with_130_and_says_so(released: Scratch) -> None:
    change(released)
    for options in ([], ["--json"]):
        code, out, err = interrupted(released, options)
        assert code == 130
        if options:
            assert json.loads(out)["error"]["kind"] == "interrupted"
        else:
            assert err.splitlines()[-2] == "error: interrupted"
        assert "Traceback" not in err
    assert released.json("bump", "notes")["version"] == "1.0.1"


def interrupted(repo: Scratch, options: Sequence[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a bump that waits for the lock when Ctrl-C is pressed."""
    handle = os.open(repo.root / ".git/dsv/lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        command = [sys.executable, "-m", "dsv", "bump", "notes", *options]
        with subprocess.Popen(
            command, cwd=repo.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            assert process.stdout is not None
            assert "waiting" in process.stderr.readline()
            process.send_signal(signal.SIGINT)
            out, err = process.stdout.read(), process.stderr.read()
        return process.returncode, out, err
    finally:
        os.close(handle)


def test_what_nobody_foresaw_asks_for_a_report(released: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("by zero\nin the machine\x1b[31m")

    monkeypatch.setattr(subprocess, "run", fail)
    said = released.dsv("log", code=70).stderr
    assert said.startswith("error: a bug in dsv: ZeroDivisionError: by zero")
    assert "please report it" in said
    assert len(said.splitlines()) == 2
    assert "\x1b" not in said
    error = released.dsv("log", "--json", code=70).error
    assert (error["code"], error["kind"]) == (70, "bug")
    with pytest.raises(ZeroDivisionError):
        released.dsv("log", "--debug")


@pytest.mark.parametrize("given", ["yesterday", "1e9", "9" * 30])
def test_a_time_that_is_none_is_refused(released: Scratch, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    change(released)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", given)
    assert given in leaves_no_trace(released, "bump", "notes", code=2, kind="usage")["message"]
