"""`dsv pin` and `dsv sync`: which versions a project uses, and their data in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dsv.errors import ConflictError, ExistsError, IntegrityError, NoPathError, NoVersionError, OverlapError
from dsv.model.pins import Pin
from tests.consuming.conftest import Project, Team

WORK = "../work"


@pytest.fixture
def synced(project: Project, team: Team) -> Project:
    """A project that has the notes 1.0.0 of 1.0.x, brought."""
    project.pins.add(WORK, "notes@1.0.0")
    widen(project)
    project.pins.sync()
    return project


def widen(project: Project, to: str = "1.x") -> None:
    """The range of the notes, edited by hand."""
    project.write("dsv.lock", project.read("dsv.lock").replace('range: "1.0.0"', f'range: "{to}"'))


def pin_of(project: Project) -> Pin:
    """What is pinned."""
    [pin] = project.pins.list().pins
    return pin


def test_a_dataset_is_pinned_brought_and_moved_only_when_told_so(project: Project, team: Team) -> None:
    said = project.dsv("pin", "add", team.url, "notes@~1.0.0", "--split", "train").stdout
    assert said.startswith(f"notes@1.0.2 is locked, of ~1.0.0 in {team.url}\n")
    assert project.git_status() == ["?? data/.gitignore", "?? dsv.lock"]
    [pin] = project.json("pin", "list")["pins"]
    assert (pin["version"], pin["commit"], pin["tag"]) == (
        "1.0.2",
        team.work.git("rev-parse", "notes@v1.0.2^{commit}").strip(),
        "notes@v1.0.2",
    )
    team.release("n3")
    team.push()
    [here] = project.json("sync")["datasets"]
    assert (here["ref"], here["path"], here["files"]) == ("notes@1.0.2", "data/notes", 1)
    assert project.notes[-2:] == ["n1", "n2"]
    assert project.git_status() == ["?? data/.gitignore", "?? dsv.lock"]
    said = project.dsv("pin", "update").stdout
    assert said == (
        "notes 1.0.2 -> 1.0.3: patch\n  changed share 1.0 % is below 10 %\n"
        "  records  102 -> 103: 1 added, 102 unchanged\ndsv sync brings the data\n"
    )
    assert "1 file written" in project.dsv("sync").stdout
    assert project.notes[-3:] == ["n1", "n2", "n3"]
    assert project.dsv("sync").stdout.endswith("nothing to do: all of it is here\n")


def test_what_moves_over_several_versions_is_told_from_the_record_indexes(project: Project, team: Team) -> None:
    project.pins.add(team.url, "notes@1.0.0")
    widen(project)
    before = project.read("dsv.lock")
    [moved] = project.pins.update(dry_run=True).updates
    assert moved.document() == {
        "name": "notes",
        "range": "1.x",
        "old": "1.0.0",
        "new": "1.0.2",
        "moves": True,
        "level": "patch",
        "reasons": ["changed share 2.0 % is below 10 %"],
        "records": {
            "old": 100,
            "new": 102,
            "added": 2,
            "removed": 0,
            "modified": 0,
            "moved": 0,
            "unchanged": 100,
            "changed_share": 0.02,
        },
    }
    assert project.read("dsv.lock") == before
    assert not (project.root / "data/notes").exists()


def test_a_frozen_sync_fails_where_the_lock_would_change_and_says_where(synced: Project) -> None:
    synced.pins.sync(frozen=True)
    synced.write("dsv.lock", synced.read("dsv.lock").replace('range: "1.x"', 'range: ">=1.0.1"'))
    synced.write(
        "dsv.lock",
        synced.read("dsv.lock") + f'  - name: more\n    repository: "{WORK}"\n    dataset: notes\n    range: latest\n',
    )
    error = synced.refused("sync", "--frozen", code=20, kind="conflict")
    assert error["message"] == ("dsv.lock would change: more: no version is locked; notes: 1.0.0 is not in >=1.0.1")
    assert synced.pins.sync().locked == ["more", "notes"]
    assert [str(each.version) for each in synced.pins.list().pins] == ["1.0.2", "1.0.2"]
    synced.write("dsv.lock", synced.read("dsv.lock") + "# a note of mine\n")
    assert synced.pins.sync(frozen=True).nothing
    assert synced.read("dsv.lock").endswith("# a note of mine\n")


@pytest.mark.heavy
def test_a_lock_is_obeyed_where_newer_versions_are(synced: Project, team: Team) -> None:
    team.release("n3")
    assert synced.pins.sync(frozen=True).nothing
    assert "n1" not in synced.notes


def test_a_file_that_was_changed_here_is_replaced_only_by_force(synced: Project) -> None:
    synced.write("data/notes/test.jsonl", "mine")
    synced.write("data/notes/own.txt", "mine too")
    with pytest.raises(ConflictError, match=r"'test.jsonl' was changed since dsv put it there"):
        synced.pins.sync()
    assert synced.read("data/notes/test.jsonl") == "mine"
    assert synced.pins.sync(force=True).written == 1
    assert synced.told == ["data/notes has files that are none of notes@1.0.0: own.txt"]
    assert synced.read("data/notes/own.txt") == "mine too"


def test_a_tag_that_was_moved_is_an_error_for_every_command(synced: Project, team: Team) -> None:
    team.work.git("tag", "-f", "-a", "-m", "Moved", "notes@v1.0.0", "notes@v1.0.1^{commit}")
    error = synced.refused("sync", code=40, kind="mismatch")
    assert error["message"].startswith("the tag notes@v1.0.0 of ../work is at ")
    for command in (synced.pins.update, synced.pins.sync):
        with pytest.raises(IntegrityError):
            command()
    team.work.git("tag", "-d", "notes@v1.0.0")
    with pytest.raises(IntegrityError, match="is gone"):
        synced.pins.sync()


def test_a_lock_with_other_digests_than_the_manifest_is_an_error(synced: Project) -> None:
    tree = pin_of(synced).digests
    assert tree is not None
    synced.write("dsv.lock", synced.read("dsv.lock").replace(tree.tree[-8:], "01234567"))
    with pytest.raises(IntegrityError, match=r"notes@1.0.0 of ../work has the tree digest sha256:"):
        synced.pins.sync(force=True)


def test_a_yanked_version_stays_pinned_with_a_warning_and_is_not_pinned_anew(
    project: Project, team: Team, released_again: Callable[[str], None]
) -> None:
    project.pins.add(WORK, "notes@1.x")
    released_again("notes@1.0.2")
    assert project.pins.sync().written == 2
    assert [each.partition(":")[0] for each in project.told] == ["notes@1.0.2 is yanked"]
    [moved] = project.pins.update(dry_run=True).updates
    assert (str(moved.old), str(moved.pin.version)) == ("1.0.2", "1.0.1")
    project.pins.remove("notes")
    assert str(project.pins.add(WORK, "notes@1.x").pin.version) == "1.0.1"
    with pytest.raises(ConflictError, match=r"notes@1.0.2 is yanked"):
        project.pins.add(WORK, "notes@1.0.2")


@pytest.fixture
def released_again(team: Team) -> Callable[[str], None]:
    """Yank a version."""
    import dsv

    return lambda reference: dsv.open(team.work.root).yank(reference, reason="Wrong dates")  # type: ignore[return-value]


@pytest.mark.heavy
def test_where_only_withdrawn_versions_are_left_the_locked_one_stays(
    project: Project, team: Team, released_again: Callable[[str], None]
) -> None:
    project.pins.add(WORK, "notes@>=1.0.2")
    released_again("notes@1.0.2")
    [moved] = project.pins.update().updates
    assert not moved.moves
    with pytest.raises(NoVersionError):
        project.pins.add(WORK, "notes@>=1.0.2", name="more")


def test_names_and_places_are_taken_once(synced: Project, tmp_path: Path) -> None:
    with pytest.raises(OverlapError, match="is where notes lies"):
        synced.pins.add(WORK, "notes", name="more", path="data/notes/more")
    shutil.copytree(tmp_path / "work", tmp_path / "other")
    with pytest.raises(ExistsError, match="notes is pinned already"):
        synced.pins.add("../other", "notes")
    synced.refused("pin", "add", WORK, "notes", "--name", "more", "--path", "../more", code=2, kind="usage")
    synced.refused("pin", "add", WORK, "notes@work", code=2, kind="usage")
    synced.refused("pin", "update", "more", code=10, kind="no_path")


def test_a_place_that_a_link_leads_away_from_is_refused(synced: Project, tmp_path: Path) -> None:
    shutil.rmtree(synced.root / "data/notes")
    (tmp_path / "outside").mkdir()
    (synced.root / "data/notes").symlink_to(tmp_path / "outside")
    synced.refused("sync", code=30, kind="outside")
    assert list((tmp_path / "outside").iterdir()) == []


def test_an_address_with_a_password_never_gets_into_the_lock(project: Project) -> None:
    address = "https://ana:not-to-be-told@git.example/team.git"
    error = project.refused("pin", "add", address, "notes", code=2, kind="usage")
    assert "not-to-be-told" not in str(error)
    assert not (project.root / "dsv.lock").exists()


def test_a_directory_without_git_and_without_lock_says_what_to_do(tmp_path: Path, project: Project, team: Team) -> None:
    plain = Project(tmp_path / "plain")
    plain.root.mkdir()
    with pytest.raises(NoPathError, match=r"there is no dsv.lock"):
        plain.pins.sync()
    plain.pins.add(team.work.root, "notes@1.0.0")
    assert pin_of(plain).repository == str(team.work.root)
    assert plain.pins.sync().written == 2
    assert not (plain.root / "data/.gitignore").exists()
    plain.pins.remove("notes")
    assert plain.pins.sync().nothing
    assert len(plain.notes) == 100


@pytest.mark.heavy
def test_a_locked_version_that_is_gone_is_told_and_left(synced: Project, team: Team) -> None:
    team.work.git("tag", "-d", "notes@v1.0.0")
    team.work.git("rm", "-q", "manifests/notes/1.0.0.yaml")
    team.work.git("commit", "-qm", "Nobody uses it")
    synced.refused("sync", code=10, kind="no_version")
    said = synced.dsv("pin", "update").stdout
    assert said.startswith(
        "notes 1.0.0 -> 1.0.2\n  not compared: what was locked is not there any more (notes has no version 1.0.0)\n"
    )
    assert synced.pins.sync().written == 1
