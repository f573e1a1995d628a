"""A team's dataset as others use it: released twice, published on a bare git repository and a DVC remote."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Scratch, call


@dataclass(frozen=True)
class Published:
    """The team's own clone, the bare repository that everybody reads, and the storage that holds the data."""

    work: Scratch
    bare: Path
    store: Path

    @property
    def url(self) -> str:
        """Where it is read from."""
        return f"file://{self.bare}"

    def objects(self, *, under: Path | None = None) -> list[Path]:
        """Every object of the storage, or of a cache."""
        return sorted(path for path in ((under or self.store) / "files/md5").rglob("*") if path.is_file())


@pytest.fixture(scope="session")
def _published(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Published:
    top = tmp_path_factory.mktemp("published")
    shutil.copytree(_templates["released"], top / "work", symlinks=True)
    work = Scratch(top / "work")
    (top / "store").mkdir()
    call("git", "init", "-q", "--bare", "team.git", cwd=top)
    call("git", "config", "uploadpack.allowFilter", "true", cwd=top / "team.git")
    work.git("remote", "add", "origin", str(top / "team.git"))
    work.write(".dvc/config", f"[core]\n    remote = storage\n['remote \"storage\"']\n    url = {top / 'store'}\n")
    work.git("commit", "-qam", "Where the data goes")
    with (work.root / "data/notes/test.jsonl").open("a") as stream:
        stream.write('{"id": "more", "text": "one more"}\n')
    work.dsv("bump", "notes")
    work.dsv("push")
    return Published(work, top / "team.git", top / "store")


@pytest.fixture
def published(_published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Published:
    """The dataset `notes` in 1.0.0 and 1.0.1, to be read and not changed; the user's cache is empty, in `cache`."""
    monkeypatch.setenv("DSV_CACHE", str(tmp_path / "cache"))
    return _published


@pytest.fixture
def own(published: Published, tmp_path: Path) -> Published:
    """The same, to be changed at will."""
    for each in ("work", "team.git", "store"):
        shutil.copytree(published.bare.parent / each, tmp_path / each, symlinks=True)
    found = Published(Scratch(tmp_path / "work"), tmp_path / "team.git", tmp_path / "store")
    found.work.git("remote", "set-url", "origin", str(found.bare))
    found.work.write(".dvc/config", found.work.read(".dvc/config").replace(str(published.store), str(found.store)))
    found.work.git("commit", "-qam", "Our own storage")
    found.work.git("push", "-q", "origin", "main")
    return found
