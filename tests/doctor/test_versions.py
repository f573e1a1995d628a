"""Manifests and tags that do not belong together."""

from __future__ import annotations

import pytest

from tests.conftest import Scratch, call
from tests.doctor.conftest import Patient


def committed(patient: Patient, message: str = "By hand") -> None:
    patient.repo.git("add", "--all", ".")
    patient.repo.git("commit", "-qm", message)


@pytest.mark.provokes("D301")
def test_a_manifest_that_cannot_be_read_is_named_with_what_is_wrong_in_it(fruit: Patient) -> None:
    fruit.repo.git("tag", "-d", "pears@v1.0.0")
    fruit.repo.write("manifests/pears/1.0.0.yaml", "<<<<<<< HEAD\nschema: 1\n")
    committed(fruit)
    found = fruit.finding("D301")
    assert "pears@1.0.0" in found.message
    assert "1.0.0.yaml:1" in found.message
    fruit.repo.git("checkout", "-q", "HEAD^", "--", "manifests/pears/1.0.0.yaml")  # as it says
    committed(fruit)
    assert fruit.numbers() == ["D304"]


@pytest.mark.provokes("D302")
def test_a_copy_of_a_manifest_under_another_number_is_no_version(fruit: Patient) -> None:
    fruit.repo.write("manifests/pears/1.0.1.yaml", fruit.repo.read("manifests/pears/1.0.0.yaml"))
    committed(fruit)
    found = fruit.finding("D302")
    assert found.message.startswith("manifests/pears/1.0.1.yaml is the manifest of pears@1.0.0")


@pytest.mark.provokes("D303")
def test_a_manifest_that_was_edited_after_its_release_is_brought_back_from_its_tag(fruit: Patient) -> None:
    fruit.repo.write("manifests/pears/1.0.0.yaml", fruit.repo.read("manifests/pears/1.0.0.yaml").replace("Ana", "Eve"))
    committed(fruit)
    assert fruit.numbers() == ["D303"]
    command, _, _ = fruit.finding("D303").fix.partition(", and commit")
    call("sh", "-c", command, cwd=fruit.root)
    committed(fruit)
    assert fruit.numbers() == []


@pytest.mark.provokes("D304")
def test_a_version_whose_tag_was_deleted_gets_it_back_by_the_command_given(fruit: Patient) -> None:
    fruit.repo.git("tag", "-d", "apples@v1.0.0", "apples@v1.1.0")
    assert fruit.finding("D304").message == "apples@1.0.0, apples@1.1.0 have no tag"
    fruit.repo.dsv("tag", "--missing")
    assert fruit.numbers() == []


def test_versions_without_tags_are_as_they_should_be_where_tags_come_with_the_merge(fruit: Patient) -> None:
    fruit.repo.git("tag", "-d", "apples@v1.1.0")
    fruit.repo.write("dsv.yaml", "release: {tag: on-merge}\n")
    committed(fruit)
    assert fruit.numbers() == []


@pytest.mark.provokes("D305")
def test_tags_made_by_hand_are_no_versions(fruit: Patient) -> None:
    fruit.repo.git("tag", "-d", "pears@v1.0.0")
    fruit.repo.git("tag", "pears@v1.0.0")
    fruit.repo.git("tag", "-a", "-m", "By hand", "apples@v7.0.0")
    messages = sorted(each.message for each in fruit.look().findings if each.number == "D305")
    assert messages == [
        "the tag apples@v7.0.0 leads to no manifest of that version: its number is taken, and it is no version",
        "the tag pears@v1.0.0 is lightweight, made without -a: its number is taken, and it is no version",
    ]
    for each in fruit.look().findings:
        if each.number == "D305":
            for command in each.fix.split(" && "):
                fruit.repo.dsv(*command.split()[1:]) if command.startswith("dsv") else fruit.repo.git(
                    *command.split()[1:]
                )
    assert fruit.numbers() == []


def test_tags_of_gto_from_before_the_first_version_are_left_in_peace(repo: Scratch, patients) -> None:
    repo.git("tag", "-a", "-m", "Before", "notes@v1.2.0")
    repo.write("data/notes.jsonl", '{"id": 1}\n')
    repo.dsv("add", "data/notes.jsonl")
    assert patients(repo).numbers() == []


@pytest.mark.provokes("D306")
def test_a_tag_that_a_rebase_left_behind_is_told(fruit: Patient) -> None:
    fruit.repo.git("switch", "-qc", "side", "HEAD^")
    fruit.repo.write("README.md", "hello\n")
    committed(fruit)
    fruit.repo.git("rebase", "-q", "side", "main")
    assert fruit.numbers() == ["D306"]
    command = fruit.finding("D306").fix.partition(": ")[2]
    git, _, dsv = command.partition(" && ")
    fruit.repo.git(*git.split()[1:])
    fruit.repo.dsv(*dsv.split()[1:])
    assert fruit.numbers() == []


@pytest.mark.provokes("D307")
def test_a_version_whose_branch_was_reset_is_kept_by_its_tag_alone(fruit: Patient) -> None:
    fruit.repo.git("reset", "-q", "--hard", "HEAD^")
    assert "D307" in fruit.numbers()
    command = fruit.finding("D307").fix.partition(" keeps")[0]
    fruit.repo.git(*command.split()[1:])
    assert "D307" not in fruit.numbers()


@pytest.mark.provokes("D308", "D307")
def test_a_manifest_that_a_reset_left_in_the_work_tree_is_no_version(fruit: Patient) -> None:
    fruit.repo.git("reset", "-q", "HEAD^")
    assert {"D307", "D308"} <= set(fruit.numbers())
    assert fruit.finding("D308").message == "manifests/apples/1.1.0.yaml is in no commit, so it is no version"


@pytest.mark.provokes("D309")
def test_a_released_manifest_that_the_work_tree_lacks_is_restored_by_the_command_given(fruit: Patient) -> None:
    (fruit.root / "manifests/apples/1.0.0.yaml").unlink()
    assert fruit.numbers() == ["D309"]
    fruit.repo.git(*fruit.finding("D309").fix.split()[1:])
    assert fruit.numbers() == []


@pytest.mark.provokes("D310")
def test_a_declaration_that_is_missing_or_does_not_read_is_named(fruit: Patient) -> None:
    (fruit.root / "manifests/apples/dataset.yaml").unlink()
    fruit.repo.write("manifests/pears/dataset.yaml", "name: [\n")
    committed(fruit)
    messages = [each.message for each in fruit.look().findings if each.number == "D310"]
    assert len(messages) == 2
    assert "apples has versions and no manifests/apples/dataset.yaml" in messages[0]
    assert "manifests/pears/dataset.yaml" in messages[1]


@pytest.mark.provokes("D311", "D312")
def test_names_that_differ_in_case_and_shared_paths_are_told(fruit: Patient) -> None:
    text = fruit.repo.read("manifests/pears/dataset.yaml")
    fruit.repo.write("manifests/Pears/dataset.yaml", text.replace("name: pears", "name: Pears"))
    committed(fruit)
    assert {"D311", "D312"} <= set(fruit.numbers())


@pytest.mark.provokes("D313")
def test_an_event_that_cannot_be_read_is_named(fruit: Patient) -> None:
    fruit.repo.write("manifests/pears/events/20261122T073000Z-yank-1a2b3c4d.yaml", "event: [\n")
    committed(fruit)
    assert "1a2b3c4d.yaml" in fruit.finding("D313").message
