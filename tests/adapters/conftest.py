"""What tests of the adapters share: DVC with no settings of the machine, and a bare project of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dsv.adapters import dvc


@pytest.fixture(autouse=True)
def _private_dvc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SITE_CACHE", "GLOBAL_CONFIG", "SYSTEM_CONFIG"):
        monkeypatch.setenv(f"DVC_{name}_DIR", str(tmp_path / name.lower()))
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A git repository that DVC is ready in."""
    return made(tmp_path / "project")


def made(root: Path) -> Path:
    """The directory, made such a repository."""
    root.mkdir(parents=True)
    git("init", "-q", ".", cwd=root)
    dvc.initialise(str(root))
    return root


def git(*arguments: str, cwd: Path) -> None:
    """Run git as somebody."""
    subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@b", *arguments], cwd=cwd, check=True)
