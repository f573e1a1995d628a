"""A repository as a patient: what doctor finds by number, what --fix does, and that each test finds what it says."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dsv.operations.doctor import Diagnosis, diagnose, mend
from dsv.repository import find_broken_repository
from dsv.repository.health import Finding
from tests.conftest import Scratch, _copied, call, numbered

NO_REMOTE = "D506"


@dataclass
class Patient:
    """A repository; `seen` are the numbers of all findings so far."""

    repo: Scratch
    seen: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.repo.root

    def look(self) -> Diagnosis:
        return self._seen(diagnose(self._repository()))

    def numbers(self) -> list[str]:
        """The numbers of what is found, but for the missing remote."""
        return sorted(each.number for each in self.look().findings if each.number != NO_REMOTE)

    def finding(self, number: str) -> Finding:
        """The one finding of this number."""
        (found,) = (each for each in self.look().findings if each.number == number)
        return found

    def fix(self) -> Diagnosis:
        return self._seen(mend(self._repository()))

    def is_mended(self, number: str) -> Diagnosis:
        """`--fix` finds and mends the number, and doing it again finds and does nothing."""
        done = self.fix()
        assert number in [each.number for each in done.fixed]
        again = self.fix()
        assert (list(again.fixed), again.commit) == ([], None)
        assert {each.number for each in again.findings} <= {NO_REMOTE}
        return done

    def _repository(self):
        return find_broken_repository(str(self.root), lock_timeout=1, tell=self.told.append)

    def _seen(self, diagnosis: Diagnosis) -> Diagnosis:
        self.seen.update(each.number for each in (*diagnosis.findings, *diagnosis.fixed))
        return diagnosis


@pytest.fixture
def patients(request: pytest.FixtureRequest) -> Iterator[Callable[[Scratch], Patient]]:
    """A function that makes a patient; what the test says it provokes must have been found in one of them."""
    made: list[Patient] = []

    def admit(repo: Scratch) -> Patient:
        made.append(Patient(repo))
        return made[-1]

    yield admit
    wanted = {number for mark in request.node.iter_markers("provokes") for number in mark.args}
    assert wanted - {number for each in made for number in each.seen} == set()


@pytest.fixture
def notes(released: Scratch, patients: Callable[[Scratch], Patient]) -> Patient:
    """The dataset `notes`, released once; sound but for the missing remote."""
    return patients(released)


@pytest.fixture(scope="session")
def _fruit(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Path:
    repo = _copied(_templates["repo"], tmp_path_factory.mktemp("fruit") / "repo")
    repo.records("data/apples.jsonl", numbered(2))
    repo.records("data/pears.jsonl", numbered(2, start=10))
    repo.dsv("add", "data/apples.jsonl", "data/pears.jsonl")
    repo.records("data/apples.jsonl", numbered(3))
    repo.dsv("bump", "apples")
    return repo.root


@pytest.fixture
def fruit(tmp_path: Path, _fruit: Path, patients: Callable[[Scratch], Patient]) -> Patient:
    """The datasets `apples` (1.0.0, 1.1.0) and `pears` (1.0.0), each of one file."""
    return patients(_copied(_fruit, tmp_path / "repo"))


@pytest.fixture(scope="session")
def _pushed(tmp_path_factory: pytest.TempPathFactory, _fruit: Path) -> Path:
    top = tmp_path_factory.mktemp("pushed")
    repo = _copied(_fruit, top / "repo")
    call("git", "init", "-q", "--bare", "-b", "main", "origin.git", cwd=top)
    repo.git("remote", "add", "origin", "../origin.git")
    repo.dsv("remote", "add", "store", "../store")
    repo.dsv("push")
    return top


@pytest.fixture
def pushed(tmp_path: Path, _pushed: Path, patients: Callable[[Scratch], Patient]) -> Patient:
    """The same, with a directory as remote storage that has everything, and a git remote, both beside it."""
    for name in ("origin.git", "store"):
        shutil.copytree(_pushed / name, tmp_path / name)
    return patients(_copied(_pushed / "repo", tmp_path / "repo"))
