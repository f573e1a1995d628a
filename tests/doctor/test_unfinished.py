"""What killed commands leave behind."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dsv.adapters.git.transaction import hold_index
from dsv.repository import find_repository
from tests.cli.merging import conflicts, two_sides, with_driver
from tests.doctor.conftest import Patient

JOURNAL = {
    "operation": "release of notes 1.0.1",
    "before": {},
    "after": {},
    "directories": [],
    "saved_work": None,
    "commit": None,
    "tags": {},
    "data": None,
}


@pytest.mark.provokes("D101")
def test_an_unfinished_journal_is_finished_or_undone(notes: Patient) -> None:
    journal = Path(find_repository(str(notes.root)).journal_file)
    journal.write_text(json.dumps(JOURNAL))
    notes.is_mended("D101")
    assert not journal.exists()


@pytest.mark.provokes("D102")
def test_a_journal_that_cannot_be_read_is_left_for_a_person(notes: Patient) -> None:
    journal = Path(find_repository(str(notes.root)).journal_file)
    journal.write_text('{"operation": "rel')
    assert notes.numbers() == ["D102"]
    notes.repo.dsv("doctor", "--fix", code=1)
    assert journal.read_text() == '{"operation": "rel'
    assert str(journal) in notes.finding("D102").fix


@pytest.mark.provokes("D103")
def test_a_lock_on_gits_index_that_a_killed_dsv_left_is_removed(notes: Patient) -> None:
    hold_index(find_repository(str(notes.root)).git, scratch=str(notes.root / ".git/scratch"))
    notes.is_mended("D103")
    assert not (notes.root / ".git/index.lock").exists()


@pytest.mark.provokes("D104")
def test_the_lock_of_another_git_is_told_with_its_age_and_left_alone(notes: Patient) -> None:
    lock = notes.repo.write(".git/index.lock", "")
    os.utime(lock, (0, 0))
    assert notes.numbers() == ["D104"]
    assert "days" in notes.finding("D104").message
    notes.fix()
    assert lock.exists()


@pytest.mark.provokes("D105")
def test_a_merge_under_way_is_told(notes: Patient) -> None:
    notes.repo.git("switch", "-qc", "side")
    notes.repo.write("README.md", "theirs\n")
    notes.repo.git("add", "README.md")
    notes.repo.git("commit", "-qm", "Theirs")
    notes.repo.git("switch", "-q", "main")
    notes.repo.git("merge", "-q", "--no-ff", "--no-commit", "side")
    assert notes.numbers() == ["D105"]
    assert "a merge" in notes.finding("D105").message


@pytest.mark.provokes("D106")
def test_an_index_that_was_not_brought_up_to_the_release_is_mended_and_keeps_what_is_staged(fruit: Patient) -> None:
    fruit.repo.write("mine.txt", "staged\n")
    fruit.repo.git("add", "mine.txt")
    before = (fruit.root / ".git/index").read_bytes()
    fruit.repo.write("data/apples.jsonl", '{"id": "x"}\n')
    fruit.repo.dsv("bump", "apples")
    fruit.repo.write("data/pears.jsonl", '{"id": "x"}\n')
    fruit.repo.dsv("bump", "pears")
    (fruit.root / ".git/index").write_bytes(before)  # as a kill between the refs and the index leaves it
    assert "D  manifests/pears/2.0.0.yaml" in fruit.repo.git("status", "--porcelain")
    fruit.is_mended("D106")
    assert fruit.repo.git("status", "--porcelain") == "A  mine.txt\n"


def test_what_a_person_took_out_of_the_index_is_not_put_back(notes: Patient) -> None:
    notes.repo.write("dvc.yaml", notes.repo.read("dvc.yaml") + "# mine\n")
    notes.repo.git("add", "dvc.yaml")
    assert notes.numbers() == []


@pytest.mark.provokes("D107")
def test_what_writes_cut_short_left_is_removed_and_nothing_else(notes: Patient) -> None:
    left = [
        ".dvc/cache/files/dsv-0a1b2c3d-0/aa/bb",
        ".git/dsv/.dsv-4194305-0123456789ab/0",
        ".dvc.yaml.0123abcd.tmp",
        "manifests/notes/.1.1.0.yaml.0123abcd.tmp",
        ".git/dsv/commit-index",
    ]
    for path in left:
        notes.repo.write(path, "half")
    assert notes.numbers() == []  # the next command may still remove it
    for path in (*left, ".dvc/cache/files/dsv-0a1b2c3d-0", ".git/dsv/.dsv-4194305-0123456789ab"):
        os.utime(notes.root / path, (0, 0))
    notes.repo.write("manifests/notes/mine.tmp", "mine")
    notes.repo.write(".mine.tmp", "mine")
    assert notes.finding("D107").message.startswith("5 leftovers")
    notes.is_mended("D107")
    assert [path for path in left if (notes.root / path).exists()] == []
    assert notes.repo.read("manifests/notes/mine.tmp") + notes.repo.read(".mine.tmp") == "minemine"


@pytest.mark.provokes("D108")
def test_a_lock_that_dvc_cannot_read_any_more_is_removed(notes: Patient) -> None:
    notes.repo.write(".dvc/tmp/rwlock", '{"write": {')
    notes.is_mended("D108")
    notes.repo.dvc("status")


@pytest.mark.provokes("D109")
def test_a_merge_whose_data_was_not_brought_yet_is_told(repo, patients) -> None:
    with_driver(repo)
    two_sides(repo, {"edit": {"r1": "ours"}}, {"edit": {"r2": "theirs"}})
    conflicts(repo, "theirs")
    assert patients(repo).numbers() == ["D109"]
