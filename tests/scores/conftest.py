"""A repository with scored records, made once and copied for each test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

import dsv
from tests.conftest import Scratch, _copied

if TYPE_CHECKING:
    from pathlib import Path

    from dsv.api import Repo


def scores_of(numbers: range, **more: Any) -> list[dict[str, Any]]:
    """A row for each record of `notes` with such a number: quality_score from 0.0 to 0.9, every third one failed."""
    return [
        {"id": f"r{number}", "quality_score": number % 10 / 10, "judge_passed": number % 3 > 0, **more}
        for number in numbers
    ]


@pytest.fixture(scope="session")
def _scored(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Path:
    root = tmp_path_factory.mktemp("scored") / "repo"
    made = _copied(_templates["released"], root)
    rows = [{**row, "agent_type": "ab"[at % 2]} for at, row in enumerate(scores_of(range(90)))]
    opened(made).quality.import_("notes@1.0.0", rows, scorer="judge-a", model="m-1")
    shutil.rmtree(root / ".git/dsv/work", ignore_errors=True)
    return root


@pytest.fixture
def scored(tmp_path: Path, _scored: Path) -> Scratch:
    """`released`, where judge-a has scored the records 0 to 89 of 100: all of train and half of test."""
    return _copied(_scored, tmp_path / "repo")


def opened(scratch: Scratch) -> Repo:
    """The repository as Python has it."""
    return dsv.open(str(scratch.root))


def edit(scratch: Scratch, path: str, old: str, new: str) -> None:
    """Another text in a file of data."""
    text = scratch.read(path)
    assert old in text
    scratch.write(path, text.replace(old, new))
