"""`dsv get`: the files of a version of any repository, in a directory."""

from __future__ import annotations

from pathlib import Path

import pytest

import dsv
from dsv.errors import ConflictError, ExistsError, NoPathError, NoVersionError
from tests.conftest import Scratch, call, numbered
from tests.consuming.conftest import Project, Team


def test_a_version_comes_from_a_bare_repository_and_its_remote(project: Project, team: Team) -> None:
    said = project.dsv("get", team.url, "notes@1.0.0", "-o", "here/notes").stdout
    assert said.startswith("notes@1.0.0 is in here/notes: 2 files, ")
    assert project.tree("here/notes").keys() == {"test.jsonl", "train.jsonl"}
    again = project.json("get", team.url, "notes@1.0.0", "-o", "there")
    assert again["fetched"] == {"objects": 0, "bytes": 0}
    assert project.tree("there") == project.tree("here/notes")


def test_a_part_comes_alone_and_the_rest_may_follow_it(project: Project, team: Team) -> None:
    [here] = dsv.get(team.work.root, "notes@1.0.0", splits=["test"]).datasets
    assert (here.path, here.files) == ("notes", 1)
    dsv.get(team.work.root, "notes@1.0.0", files=["train*"])
    assert project.tree("notes").keys() == {"test.jsonl", "train.jsonl"}
    with pytest.raises(NoPathError):
        dsv.get(team.work.root, "notes@1.0.0", files=["*.csv"])


def test_what_is_there_already_is_left(project: Project, team: Team) -> None:
    project.write("notes/mine.txt", "mine")
    with pytest.raises(ExistsError, match=r"notes has other files in it: mine.txt"):
        dsv.get(team.work.root, "notes@1.0.0")
    project.write("notes/test.jsonl", "mine too")
    dsv.get(team.work.root, "notes@1.0.0", force=True)
    assert project.read("notes/mine.txt") == "mine"
    assert len(project.read("notes/test.jsonl").splitlines()) == 20
    with pytest.raises((ConflictError, ExistsError)):
        dsv.get(team.work.root, "notes@1.0.2")


def test_what_is_not_there_is_said(project: Project, team: Team) -> None:
    project.refused("get", f"{team.url}x", "notes", code=10, kind="no_remote")
    with pytest.raises(NoVersionError):
        dsv.get(team.work.root, "notes@2.x")
    assert list(project.root.iterdir()) == [project.root / ".git"]


@pytest.mark.heavy
def test_of_several_dvc_roots_the_reference_names_one(project: Project, tmp_path: Path) -> None:
    team = Scratch(tmp_path / "mono")
    team.root.mkdir()
    team.git("init", "-q")
    for root in ("a/x", "b"):
        team.records(f"{root}/data/notes/train.jsonl", numbered(3, root=root))
        team.dvc("init", "-q", "--subdir", cwd=team.root / root)
        here = Scratch(team.root / root)
        here.dsv("init")
        here.dsv("remote", "add", "store", str(tmp_path / f"store-{root[0]}"), "--default")
        here.dsv("add", "data/notes")
    bare = f"file://{tmp_path}/mono.git"
    call("git", "clone", "-q", "--bare", "mono", "mono.git", cwd=tmp_path)
    team.git("remote", "add", "origin", bare)
    for root in ("a/x", "b"):
        Scratch(team.root / root).dsv("push", "--git-remote", "origin")
    for place in (bare, str(team.root)):
        assert dsv.get(place, "b:notes", to=f"got-{len(place)}").datasets[0].files == 1
    error = project.json("get", bare, "notes", code=10)["error"]
    assert error["hint"] == "name one of a/x, b with the dataset, as in a/x:NAME; or dsv index add URL --root"
    pin = project.pins.add(bare, "a/x:notes@1.x").pin
    assert (pin.root, pin.tag) == ("a/x", "a/x=notes@v1.0.0")
    project.pins.add(bare, "b:notes", name="others")
    project.pins.sync()
    assert '"root": "a/x"' in project.read("data/notes/train.jsonl")
    assert dsv.load("others").to_arrow().column("root").to_pylist() == ["b"] * 3
    assert project.json("show", "b:notes", "--repo", bare)["version"] == "1.0.0"
