"""What these tests share: somebody else's repository, in which every program leaves a trace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Scratch


@dataclass(frozen=True)
class Traps:
    """Programs that note that they ran, in a directory beside the repository."""

    directory: Path

    def program(self, name: str) -> str:
        """The path of a program that leaves its name behind, and passes on what it is given."""
        file = self.directory / name
        file.write_text(f"#!/bin/sh\ntouch '{self.directory}/{name}.ran'\ncat\n")
        file.chmod(0o755)
        return str(file)

    @property
    def ran(self) -> set[str]:
        """The names of those that ran so far."""
        return {file.stem for file in self.directory.glob("*.ran")}


@pytest.fixture
def traps(tmp_path: Path) -> Traps:
    """No program has run yet."""
    directory = tmp_path / "traps"
    directory.mkdir()
    return Traps(directory)


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A directory outside of the repository, in which nothing is written, changed or deleted."""
    directory = tmp_path / "outside"
    directory.mkdir()
    (directory / "notes").write_text("mine\n")
    yield directory
    assert {str(path.relative_to(directory)): path.read_text() for path in directory.rglob("*") if path.is_file()} == {
        "notes": "mine\n"
    }


@pytest.fixture
def changed(released: Scratch) -> Scratch:
    """A repository whose dataset has a record more than its version 1.0.0."""
    with (released.root / "data/notes/train.jsonl").open("a") as stream:
        stream.write('{"id": "more", "text": "one more"}\n')
    return released
