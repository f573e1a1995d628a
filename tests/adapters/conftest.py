"""What tests of the adapters share: DVC with no settings of the machine, and a bare project of its own."""

from __future__ import annotations

import hashlib
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


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


def state(path: Path, content: bytes | None = None) -> dvc.FileState:
    if content is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    seen = path.stat()
    return dvc.FileState(str(path), md5(path.read_bytes()), seen.st_size, seen.st_mtime_ns, seen.st_ino)


def stored(root: Path, *files: dvc.FileState, scan_started_ns: int = 2**62) -> dvc.Stored:
    return dvc.store(dvc.find_cache(str(root)), files, scan_started_ns=scan_started_ns)
