"""A repository read at its URL, with none of one's own around it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import dsv
from dsv.errors import NoRepositoryError
from tests.conftest import Scratch
from tests.elsewhere.conftest import Team


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    """A directory that is in no repository, with a cache directory of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "nowhere").mkdir()
    return Scratch(tmp_path / "nowhere")


def test_a_repository_is_read_at_its_url_without_a_clone_of_ones_own(nowhere: Scratch, team: Team) -> None:
    assert [each["latest"] for each in nowhere.json("list", "--repo", team.url)["datasets"]] == ["1.0.1"]
    team.release("one")
    log = nowhere.json("log", "notes", "--repo", team.url)["versions"]
    assert [each["version"] for each in log] == ["1.0.2", "1.0.1", "1.0.0"]
    assert nowhere.json("show", "notes@prod", "--repo", team.url)["version"] == "1.0.0"
    assert nowhere.json("search", "notes", "--repo", team.url)["total"] == 3
    assert len(nowhere.json("lineage", "notes", "--repo", team.url)["nodes"]) == 3
    assert nowhere.json("sql", "select count(*) from events", "--repo", team.url)["rows"] == [[1]]
    assert os.listdir(nowhere.root) == []


def test_where_the_url_does_not_answer_it_is_shown_as_it_was_and_told(nowhere: Scratch, team: Team) -> None:
    nowhere.dsv("list", "--repo", team.url)
    shutil.rmtree(team.bare)
    said = nowhere.dsv("list", "--repo", team.url)
    assert "is shown as of" in said.stderr
    assert "1.0.1" in said.stdout
    nowhere.refused("list", "--repo", f"{team.url}2", code=10, kind="no_remote")


@pytest.mark.parametrize("arguments", [("bump", "notes"), ("status",), ("push",), ("index", "list")])
def test_a_repository_at_a_url_can_only_be_read(nowhere: Scratch, team: Team, arguments: tuple[str, ...]) -> None:
    nowhere.refused(*arguments, "--repo", team.url, code=2, kind="usage")


def test_python_opens_a_url_to_read(nowhere: Scratch, team: Team) -> None:
    opened = dsv.open(team.url)
    assert [each.name for each in opened.list().datasets] == ["notes"]
    with pytest.raises(NoRepositoryError):
        opened.yank("notes@1.0.0", reason="Not mine")
    with pytest.raises(NoRepositoryError):
        opened.bump("notes")
    assert not nowhere.root.joinpath(".git").exists()
