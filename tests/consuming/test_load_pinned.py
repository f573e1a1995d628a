"""`dsv.load` in a project that pins the dataset."""

from __future__ import annotations

import os
import shutil

import pytest

import dsv
from dsv.errors import ConflictError, IntegrityError, NoPathError
from tests.consuming.conftest import Project, Team


def test_what_is_locked_is_loaded_and_nobody_is_asked(project: Project, team: Team) -> None:
    project.pins.add(team.url, "notes@1.0.0", splits=["test"])
    assert [each["id"] for each in dsv.load("notes").records()] == [f"r{number}" for number in range(80, 100)]
    shutil.rmtree(team.bare)
    (project.root / "deep/er").mkdir(parents=True)
    os.chdir(project.root / "deep/er")
    for reference in ("notes", "notes@1.x", "notes@1.0.0"):
        assert dsv.load(reference).ref == "notes@1.0.0"
    assert not (project.root / "data/notes").exists()


def test_another_version_than_the_locked_one_is_refused(project: Project, team: Team) -> None:
    project.pins.add("../work", "notes@1.0.0")
    for other in ("notes@1.0.2", "notes@^1.0.1", "notes@prod"):
        with pytest.raises(ConflictError, match=r"dsv.lock has notes@1.0.0, and notes@.* asks for another"):
            dsv.load(other)
    assert dsv.load("notes@1.0.2", "../work").ref == "notes@1.0.2"
    with pytest.raises(NoPathError, match="'letters' is not pinned"):
        dsv.load("letters")
    project.write("dsv.lock", project.read("dsv.lock").replace('range: "1.0.0"', 'range: "2.x"'))
    with pytest.raises(ConflictError, match=r"notes: 1.0.0 is not in 2.x"):
        dsv.load("notes")


def test_a_version_that_changed_since_it_was_locked_is_not_loaded(project: Project, team: Team) -> None:
    project.pins.add("../work", "notes@1.0.0")
    team.work.git("tag", "-f", "-a", "-m", "Moved", "notes@v1.0.0", "notes@v1.0.1^{commit}")
    with pytest.raises(IntegrityError, match=r"the tag notes@v1.0.0 of ../work is at "):
        dsv.load("notes")
