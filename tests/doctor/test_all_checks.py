"""The list of checks itself, and repositories that are broken altogether."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dsv.repository.health import AREAS, CHECKS, Check
from dsv.repository.health.check import Mending
from tests.conftest import Scratch
from tests.doctor.conftest import Patient


def test_each_check_has_a_number_of_its_own_and_they_ascend() -> None:
    numbers = [each.number for area in AREAS for each in area.checks if area.looks]
    assert len(numbers) == len(set(numbers))
    assert sorted(numbers) == sorted(numbers, key=lambda number: int(number[1:]))


def test_each_check_that_a_module_defines_is_in_the_list() -> None:
    import importlib
    import pkgutil

    from dsv.repository import health

    modules = [
        importlib.import_module(f"{health.__name__}.{each.name}") for each in pkgutil.iter_modules(health.__path__)
    ]
    defined = {value for module in modules for value in vars(module).values() if isinstance(value, Check)}
    assert defined | {health.NOT_LOOKED_AT} == set(CHECKS)


def test_each_check_has_a_test_that_provokes_it() -> None:
    text = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    marked = {
        number for marks in re.findall(r"mark\.provokes\(([^)]*)\)", text) for number in re.findall(r"D\d+", marks)
    }
    assert {each.number for each in CHECKS} - marked == set()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.number)
def test_each_check_says_whether_fix_mends_it(check: Check) -> None:
    assert (check.mending is Mending.FIX) == ("--fix" in check.remedy or check.number == "D509")


def removed(path: str) -> Callable[[Path], None]:
    return lambda root: shutil.rmtree(root / path) if (root / path).is_dir() else (root / path).unlink()


def holding(path: str, content: bytes) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        if (root / path).exists():
            removed(path)(root)
        (root / path).write_bytes(content)

    return change


def a_directory(path: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        if (root / path).exists():
            removed(path)(root)
        (root / path).mkdir()

    return change


BROKEN = {
    "no cache": removed(".dvc/cache"),
    "no manifests": removed("manifests"),
    "manifests are a file": holding("manifests", b""),
    "dvc.yaml is a directory": a_directory("dvc.yaml"),
    "dvc.yaml is binary": holding("dvc.yaml", b"\xff\x00"),
    ".gitignore is a directory": a_directory("data/.gitignore"),
    "dsv.yaml is a directory": a_directory("dsv.yaml"),
    "the settings of DVC are a directory": a_directory(".dvc/config"),
    "dsv's own files are a file": holding(".git/dsv", b""),
    "dsv's lock is a directory": a_directory(".git/dsv/lock"),
    "the journal is a directory": a_directory(".git/dsv/journal.json"),
    "the search index is garbage": holding(".git/dsv/index.db", b"garbage" * 99),
    "a pointer is a directory": a_directory("data/notes.dvc"),
    "HEAD is at a branch that is damaged": holding(".git/refs/heads/main", b"garbage\n"),
    "a tag leads nowhere": holding(".git/refs/tags/notes@v1.0.0", b"1" * 40 + b"\n"),
    "git's index is garbage": holding(".git/index", b"garbage" * 99),
    "git's packed references are garbage": holding(".git/packed-refs", b"garbage\n"),
    "git's list of shallow commits is garbage": holding(".git/shallow", b"garbage\n"),
    "there is no .dvc": removed(".dvc"),
    "git's settings are garbage": holding(".git/config", b"[core\n"),
}


@pytest.mark.parametrize("state", BROKEN)
def test_doctor_answers_in_a_broken_repository(released: Scratch, state: str) -> None:
    BROKEN[state](released.root)
    said = released.dsv("doctor", "--fix", code=None)
    assert said.code in (0, 1, 10, 50)
    assert "Traceback" not in said.stdout + said.stderr


@pytest.mark.provokes("D001", "D211")
def test_what_could_not_be_looked_at_is_said(notes: Patient) -> None:
    BROKEN["a tag leads nowhere"](notes.root)
    assert notes.numbers() == ["D001", "D211"]
    assert notes.finding("D211").fix.startswith("git update-ref -d refs/tags/notes@v1.0.0")


@pytest.mark.provokes("D211")
def test_a_branch_that_is_damaged_is_put_back_by_the_command_given(notes: Patient) -> None:
    commit = notes.repo.git("rev-parse", "main").strip()
    BROKEN["HEAD is at a branch that is damaged"](notes.root)
    first, _, second = notes.finding("D211").fix.partition(", and git ")
    Path(first.removeprefix("rm ")).unlink()
    notes.repo.git(*second.split())
    assert notes.numbers() == []
    assert notes.repo.git("rev-parse", "HEAD").strip() == commit


@pytest.mark.provokes("D212")
def test_an_index_that_git_cannot_read_is_made_anew_by_the_command_given(notes: Patient) -> None:
    BROKEN["git's index is garbage"](notes.root)
    assert "D212" in notes.numbers()
    (notes.root / ".git/index").unlink()
    notes.repo.git("reset", "-q")
    assert notes.numbers() == []


@pytest.mark.provokes("D110")
def test_a_directory_of_dsvs_own_that_is_none_is_told(notes: Patient) -> None:
    BROKEN["dsv's own files are a file"](notes.root)
    assert "is no directory" in notes.finding("D110").message


def test_before_the_first_commit_and_on_no_branch_doctor_works(released: Scratch, patients) -> None:
    patient = patients(released)
    released.git("checkout", "-q", "--detach")
    assert patient.numbers() == []
    released.git("checkout", "-q", "--orphan", "empty")
    assert set(patient.numbers()) == {"D308"}


def test_several_things_are_mended_at_once_and_nothing_of_the_users_is_lost(fruit: Patient) -> None:
    repo = fruit.repo
    repo.write("dvc.yaml", "# empty\n")
    repo.write("data/.gitignore", "")
    repo.git("commit", "-qam", "A merge gone wrong")
    repo.write("dvc.yaml", "# empty\n# mine\n")
    repo.write("staged.txt", "mine\n")
    repo.git("add", "staged.txt")
    repo.write(".dvc/tmp/rwlock", "{")
    os.utime(repo.write(".dvc.yaml.0123abcd.tmp", "half"), (0, 0))
    shutil.rmtree(fruit.root / "manifests/pears/index")
    done = fruit.fix()
    assert {"D108", "D107", "D404", "D406", "D602"} <= {each.number for each in done.fixed}
    assert fruit.numbers() == []
    assert repo.git("status", "--porcelain").splitlines() == [" M dvc.yaml", "A  staged.txt"]
    assert "# mine\n" in repo.read("dvc.yaml")
    assert "# mine" not in repo.git("show", "HEAD:dvc.yaml")
    assert fruit.fix().commit is None
