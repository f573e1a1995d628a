"""What these tests share: a dataset of hostile files, looked at without a release."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Scratch

Looked = Callable[..., Any]


@pytest.fixture
def looked_at(repo: Scratch) -> Looked:
    """A function that gives the manifest `dsv add` would write for these files, in `data/notes`."""

    def look(files: dict[str, str | bytes], *options: str) -> Any:
        for path, content in files.items():
            repo.write(f"data/notes/{path}", content)
        return repo.json("add", "data/notes", "--dry-run", *options)["manifest"]

    return look


@pytest.fixture
def refused(repo: Scratch) -> Looked:
    """A function that gives the error of `dsv add` for these files, in `data/notes`; nothing is left of the attempt."""

    def refuse(files: dict[str, str | bytes], *, kind: str, code: int = 30) -> Any:
        for path, content in files.items():
            repo.write(f"data/notes/{path}", content)
        error = repo.refused("add", "data/notes", code=code, kind=kind)
        assert repo.git("status", "--porcelain", "--", "manifests", "dvc.yaml", "data.dvc") == ""
        assert not (repo.root / "manifests/notes").exists()
        return error

    return refuse
