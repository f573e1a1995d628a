"""A team that publishes a dataset, and a project of somebody else's that uses it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import dsv
from tests.conftest import Scratch, call


@dataclass(frozen=True)
class Team:
    """Another team's repository as somebody there works on it, and the bare one that everybody reads."""

    work: Scratch
    bare: Path

    @property
    def url(self) -> str:
        """Where it is read from."""
        return f"file://{self.bare}"

    def release(self, *records: str) -> str:
        """The next version of its dataset, with these records more; its number."""
        with (self.work.root / "data/notes/train.jsonl").open("a") as stream:
            stream.writelines(f'{{"id": "{each}", "text": "{each}"}}\n' for each in records)
        return str(dsv.open(self.work.root).bump("notes").version)

    def push(self) -> None:
        """What was done is published."""
        dsv.open(self.work.root).push()


@dataclass(frozen=True)
class Project(Scratch):
    """A directory with a dsv.lock, or one that is to have it; `told` is what was said on the way."""

    told: list[str] = field(default_factory=list)

    @property
    def pins(self) -> dsv.Pins:
        """Its pins."""
        return dsv.pins(self.root, tell=self.told.append)

    @property
    def notes(self) -> list[str]:
        """The identifiers of the records that it has of the notes."""
        return [line.split('"')[3] for file in sorted(self.tree("data/notes")) for line in self._lines(file)]

    def _lines(self, file: str) -> list[str]:
        return self.read(f"data/notes/{file}").splitlines()

    def git_status(self) -> list[str]:
        """What git sees."""
        return self.git("status", "--porcelain", "-uall").splitlines()


@pytest.fixture(scope="session")
def _published(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Path:
    """Made once: the notes in three versions, each with a record more, on a bare repository and in a directory."""
    top = tmp_path_factory.mktemp("published")
    shutil.copytree(_templates["released"], top / "work", symlinks=True)
    call("git", "init", "-q", "--bare", "team.git", cwd=top)
    call("git", "config", "uploadpack.allowFilter", "true", cwd=top / "team.git")
    team = Team(Scratch(top / "work"), top / "team.git")
    (top / "work/.dvc/config").write_text(f"[core]\n    remote = store\n['remote \"store\"']\n    url = {top}/store\n")
    team.work.git("commit", "-qam", "Where the data is")
    team.work.git("remote", "add", "origin", str(team.bare))
    team.release("n1")
    team.release("n2")
    team.push()
    shutil.rmtree(top / "work/.git/dsv/work", ignore_errors=True)
    return top


@pytest.fixture
def team(tmp_path: Path, _published: Path) -> Team:
    """Another team's repository: the dataset `notes` in the versions 1.0.0, 1.0.1 and 1.0.2."""
    shutil.copytree(_published / "work", tmp_path / "work", symlinks=True)
    shutil.copytree(_published / "team.git", tmp_path / "team.git", symlinks=True)
    call("git", "remote", "set-url", "origin", str(tmp_path / "team.git"), cwd=tmp_path / "work")
    return Team(Scratch(tmp_path / "work"), tmp_path / "team.git")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A project with git and nothing else, for somebody with an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "project").mkdir()
    call("git", "init", "-q", cwd=tmp_path / "project")
    before = os.getcwd()
    os.chdir(tmp_path / "project")
    yield Project(tmp_path / "project")
    os.chdir(before)
