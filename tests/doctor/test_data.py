"""Data that is gone, or in git's way."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from dsv.model.manifest import load_manifest
from tests.doctor.conftest import Patient

MEMORY = "/dev/shm"  # noqa: S108 - the one other file system that most machines have


def object_of(patient: Patient, version: str, name: str = "dvc") -> Path:
    """The object in the cache that the manifest names."""
    file = f"manifests/{version.replace('@', '/')}.yaml"
    digests = load_manifest((patient.root / file).read_bytes(), file=file).value.digests
    oid = getattr(digests, name).removeprefix("md5:")
    return patient.root / ".dvc/cache/files/md5" / oid[:2] / oid[2:]


def delete(path: Path) -> None:
    path.chmod(0o644)
    path.unlink()


@pytest.mark.provokes("D401")
def test_what_dvc_gc_deleted_is_lost_where_there_is_no_remote(fruit: Patient) -> None:
    fruit.repo.dvc("gc", "-w", "-f")
    found = fruit.finding("D401")
    assert found.message.endswith("of apples@1.0.0 are not in the cache, and there is no remote storage")
    assert found.level.value == "error"


@pytest.mark.provokes("D401")
def test_what_is_neither_here_nor_on_the_remote_is_lost(pushed: Patient) -> None:
    gone = object_of(pushed, "apples@1.0.0")
    delete(gone)
    delete(pushed.root / "../store/files/md5" / gone.parent.name / gone.name)
    assert "no remote storage has it" in pushed.finding("D401").message
    assert "D402" not in pushed.numbers()


@pytest.mark.provokes("D402")
def test_what_the_remote_still_has_is_brought_by_the_command_given(pushed: Patient) -> None:
    delete(object_of(pushed, "apples@1.0.0"))
    assert pushed.finding("D402").message.endswith("the remote storage has all of it")
    pushed.repo.dsv(*pushed.finding("D402").fix.split()[1:])
    assert pushed.numbers() == []


@pytest.mark.provokes("D402")
def test_a_remote_on_the_network_is_not_asked(pushed: Patient) -> None:
    delete(object_of(pushed, "apples@1.0.0"))
    pushed.repo.write(".dvc/config.local", "['remote \"store\"']\n    url = s3://bucket/nowhere\n")
    assert "store was not asked" in pushed.finding("D402").message
    assert "dsv verify --all --remote" in pushed.finding("D402").fix


def test_data_that_was_removed_for_good_is_not_missed(fruit: Patient) -> None:
    fruit.repo.dsv("remove", "apples@1.0.0", "--reason", "Asked for")
    delete(object_of(fruit, "apples@1.0.0"))
    assert fruit.numbers() == []


@pytest.mark.provokes("D403")
def test_a_list_of_files_that_is_damaged_is_named(notes: Patient) -> None:
    path = object_of(notes, "notes@1.0.0")
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1])
    assert str(path) in notes.finding("D403").message


@pytest.mark.provokes("D404")
def test_a_record_index_that_is_not_in_the_work_tree_is_put_there(notes: Patient) -> None:
    shutil.rmtree(notes.root / "manifests/notes/index")
    notes.is_mended("D404")
    assert (notes.root / "manifests/notes/index/1.0.0/SHA256SUMS").is_file()
    assert "new" not in notes.repo.dvc("status")


@pytest.mark.provokes("D405")
@pytest.mark.parametrize("folder", ["data", "raw/2026"])
def test_data_that_a_killed_dvc_add_left_ignored_is_found(notes: Patient, folder: str) -> None:
    notes.repo.write(f"{folder}/zest.jsonl", "{}\n")
    with (notes.root / folder / ".gitignore").open("a") as file:
        file.write("/zest.jsonl\n/never.jsonl\n")
    assert notes.numbers() == ["D405"]
    assert notes.finding("D405").fix.startswith(f"dsv add {folder}/zest.jsonl ")
    notes.repo.dsv("add", f"{folder}/zest.jsonl")
    assert notes.numbers() == []


@pytest.mark.provokes("D406")
def test_data_that_git_would_take_is_ignored_again(fruit: Patient) -> None:
    fruit.repo.write("data/.gitignore", "/pears.jsonl\n")
    fruit.repo.git("commit", "-qam", "A merge gone wrong")
    done = fruit.is_mended("D406")
    assert fruit.repo.git("show", "--name-only", "--format=", done.commit or "").split() == ["data/.gitignore"]


@pytest.mark.provokes("D407")
def test_lines_out_of_order_are_sorted(fruit: Patient) -> None:
    fruit.repo.write("data/.gitignore", "/pears.jsonl\n# of people\n/apples.jsonl\n/pears.jsonl\n")
    fruit.repo.git("commit", "-qam", "Both sides' lines")
    fruit.is_mended("D407")
    assert fruit.repo.read("data/.gitignore") == "/apples.jsonl\n# of people\n/pears.jsonl\n"


@pytest.mark.provokes("D408")
def test_data_that_was_forced_into_git_is_told(fruit: Patient) -> None:
    fruit.repo.git("add", "--force", "data/pears.jsonl")
    assert fruit.numbers() == ["D408"]
    fruit.repo.git(*fruit.finding("D408").fix.partition(", and")[0].split()[1:])
    assert fruit.numbers() == []
    assert (fruit.root / "data/pears.jsonl").exists()


@pytest.mark.provokes("D409")
def test_a_cache_that_is_no_directory_is_told(fruit: Patient) -> None:
    fruit.repo.write("elsewhere", "a file")
    fruit.repo.write(".dvc/config.local", "[cache]\n    dir = ../elsewhere\n")
    assert "D409" in fruit.numbers()
    assert "is no directory" in fruit.finding("D409").message


@pytest.mark.provokes("D409")
@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_cache_that_cannot_be_written_is_told(fruit: Patient) -> None:
    (fruit.root / ".dvc/cache").chmod(0o555)
    assert "cannot be written" in fruit.finding("D409").message
    (fruit.root / ".dvc/cache").chmod(0o755)


@pytest.mark.provokes("D410")
def test_a_cache_that_moved_away_is_told(fruit: Patient, tmp_path: Path) -> None:
    fruit.repo.write(".dvc/config.local", f"[cache]\n    dir = {tmp_path}/old/place\n")
    found = fruit.finding("D410")
    assert found.message.startswith(".dvc/config.local puts DVC's cache at ")
    fruit.repo.dvc(*found.fix.partition(": dvc ")[2].split())
    assert fruit.numbers() == []


@pytest.mark.provokes("D411")
@pytest.mark.skipif(not os.path.ismount(MEMORY), reason="needs a second file system")
def test_links_that_cannot_cross_file_systems_are_told(fruit: Patient) -> None:
    elsewhere = Path(MEMORY) / f"dsv-doctor-{os.getpid()}"
    shutil.copytree(fruit.root / ".dvc/cache", elsewhere)
    try:
        fruit.repo.write(".dvc/config.local", f"[cache]\n    dir = {elsewhere}\n    type = reflink\n")
        assert fruit.numbers() == ["D411"]
    finally:
        shutil.rmtree(elsewhere)


@pytest.mark.provokes("D412")
@pytest.mark.parametrize("text", ["{{{", None])
def test_a_pointer_that_is_gone_or_does_not_read_is_restored_by_the_command_given(
    fruit: Patient, text: str | None
) -> None:
    fruit.repo.write("data/pears.jsonl.dvc", text or "")
    if text is None:
        (fruit.root / "data/pears.jsonl.dvc").unlink()
    assert "D412" in fruit.numbers()
    fruit.repo.git(*fruit.finding("D412").fix.split()[1:])
    assert fruit.numbers() == []
