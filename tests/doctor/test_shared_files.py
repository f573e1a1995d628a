"""What datasets have in files that other people write too."""

from __future__ import annotations

import os

import pytest

from tests.cli.merging import with_driver
from tests.doctor.conftest import Patient

PEARS = "  pears:\n    path: data/pears.jsonl\n    type: dataset\n"


@pytest.mark.provokes("D601")
def test_a_dvc_yaml_that_cannot_be_read_is_left_to_people(fruit: Patient) -> None:
    text = "<<<<<<< HEAD\n" + fruit.repo.read("dvc.yaml")
    fruit.repo.write("dvc.yaml", text)
    assert fruit.numbers() == ["D601"]
    fruit.fix()
    assert fruit.repo.read("dvc.yaml") == text


@pytest.mark.provokes("D602")
def test_an_entry_lost_in_a_merge_is_written_again_beside_what_people_changed(fruit: Patient) -> None:
    fruit.repo.write("dvc.yaml", fruit.repo.read("dvc.yaml").replace(PEARS, ""))
    fruit.repo.git("commit", "-qam", "A merge gone wrong")
    fruit.repo.write("dvc.yaml", fruit.repo.read("dvc.yaml") + "# mine, not committed\n")
    done = fruit.is_mended("D602")
    assert PEARS in fruit.repo.git("show", f"{done.commit}:dvc.yaml")
    assert "mine" not in fruit.repo.git("show", "HEAD:dvc.yaml")
    assert fruit.repo.read("dvc.yaml").endswith("# mine, not committed\n")


@pytest.mark.provokes("D603", "D604")
def test_entries_twice_and_out_of_order_are_mended_together(fruit: Patient) -> None:
    text = fruit.repo.read("dvc.yaml")
    fruit.repo.write("dvc.yaml", text.replace("artifacts:\n", f"artifacts:\n{PEARS}"))
    assert fruit.numbers() == ["D603"]
    fruit.repo.write("dvc.yaml", text.replace(PEARS, "").replace("artifacts:\n", f"artifacts:\n{PEARS}"))
    fruit.repo.git("commit", "-qam", "The other order")
    fruit.is_mended("D604")
    assert fruit.repo.read("dvc.yaml") == text


@pytest.mark.provokes("D605", "D606", "D607")
def test_a_merge_driver_that_is_half_installed_is_set_up(fruit: Patient) -> None:
    with_driver(fruit.repo)
    assert fruit.numbers() == []
    fruit.repo.git("config", "--remove-section", "merge.dsv")
    assert fruit.is_mended("D605").commit is None
    fruit.repo.git("config", "merge.dsv.driver", "/nowhere/dsv merge-driver %O %A %B %L %P")
    assert fruit.is_mended("D606").commit is None
    fruit.repo.write(".gitattributes", "")
    fruit.repo.git("commit", "-qam", "Lost")
    assert fruit.is_mended("D607").commit is not None


@pytest.mark.provokes("D608")
def test_a_hook_that_does_not_run_is_written_anew(fruit: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    fruit.repo.dsv("init", "--hooks")
    hook = fruit.root / ".git/hooks/pre-commit"
    text = hook.read_text()
    assert fruit.numbers() == []
    hook.chmod(0o644)
    fruit.is_mended("D608")
    git = [each for each in os.environ["PATH"].split(os.pathsep) if os.path.exists(f"{each}/git")]
    monkeypatch.setenv("PATH", git[0])
    hook.write_text(text.replace("if [ -x ", "if [ -x /gone"))
    fruit.is_mended("D608")
    assert hook.read_text() == text
