"""`dsv index add`, `list`, `refresh`, `remove` as a person types them."""

from __future__ import annotations

import shutil

import pytest

import dsv
from tests.conftest import Scratch
from tests.elsewhere.conftest import Team


def test_another_repository_is_added_listed_refreshed_and_removed(repo: Scratch, team: Team) -> None:
    said = repo.dsv("index", "add", team.url, "--name", "partners").stdout
    assert said == f"partners is indexed: 2 versions of 1 dataset from {team.url}\n"
    [listed] = repo.json("index", "list")["repositories"]
    assert (listed["name"], listed["url"], listed["datasets"], listed["versions"]) == ("partners", team.url, 1, 2)
    assert "moved" not in listed
    assert "nothing new" in repo.dsv("index", "refresh").stdout
    team.release("one", "two")
    [refreshed] = repo.json("index", "refresh", "partners")["repositories"]
    assert (refreshed["versions"], refreshed["moved"]) == (3, True)
    assert repo.json("index", "remove", "partners") == {"name": "partners", "url": team.url}
    assert repo.dsv("index", "list").stdout == "no other repository is indexed; dsv index add URL adds one\n"
    assert "partners" not in repo.read(".git/config")
    assert not repo.git("status", "--porcelain")


def test_the_same_repository_is_not_added_twice(repo: Scratch, team: Team) -> None:
    repo.dsv("index", "add", "../team/team.git")
    repo.refused("index", "add", team.url, code=20, kind="exists")
    repo.refused("index", "add", "https://git.example/TEAM.git", code=20, kind="exists")
    repo.refused("index", "refresh", "teem", code=10, kind="no_remote")
    repo.git("remote", "add", "origin", "https://git.example/own.git")
    assert (
        "is this repository" in repo.refused("index", "add", "git@git.example:own", code=20, kind="exists")["message"]
    )


@pytest.mark.parametrize(
    ("url", "code", "kind"),
    [
        ("https://ana:hunter2@git.example/team.git", 2, "usage"),
        ("ext::sh -c hunter2", 2, "usage"),
        ("nowhere", 2, "usage"),
        ("./nowhere", 10, "no_remote"),
    ],
)
def test_what_cannot_be_added_leaves_nothing_behind(repo: Scratch, url: str, code: int, kind: str) -> None:
    refused = repo.refused("index", "add", url, code=code, kind=kind)
    assert "ana:" not in str(refused)
    assert "dsv.repository" not in repo.read(".git/config")
    assert repo.json("index", "list") == {"repositories": []}


def test_one_that_does_not_answer_is_the_error_when_the_others_are_refreshed(repo: Scratch, team: Team) -> None:
    shutil.copytree(team.bare, repo.root.parent / "a.git")
    repo.dsv("index", "add", "../a.git")
    repo.dsv("index", "add", team.url)
    shutil.rmtree(repo.root.parent / "a.git")
    team.release("one")
    assert repo.dsv("index", "refresh", "--json", code=10).error["kind"] == "no_remote"
    assert [each["versions"] for each in repo.json("index", "list")["repositories"]] == [2, 3]


def test_python_adds_refreshes_and_removes_as_the_command_does(repo: Scratch, team: Team) -> None:
    opened = dsv.open(str(repo.root))
    assert opened.index_add(team.url).versions == 2
    assert opened.index_refresh("team").repositories[0].moved is False
    assert [each.name for each in opened.index_list().repositories] == ["team"]
    assert opened.index_remove("team").url == team.url
