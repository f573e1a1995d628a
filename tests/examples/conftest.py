"""Running an example's generator as its user does, and reading what it wrote."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class Generated:
    """A directory that a generator wrote."""

    def __init__(self, directory: Path, *, example: str) -> None:
        self.directory = directory
        self._script = EXAMPLES / example / "generate.py"

    def generate(self, *options: str) -> subprocess.CompletedProcess[str]:
        """The finished run of the generator on this directory."""
        command = [sys.executable, str(self._script), str(self.directory), *options]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def files(self) -> dict[str, bytes]:
        """Bytes by path below the directory."""
        found = (path for path in self.directory.rglob("*") if path.is_file())
        return {path.relative_to(self.directory).as_posix(): path.read_bytes() for path in sorted(found)}

    def digest(self) -> str:
        """SHA-256 of what sha256sum prints for the files in byte order of their paths."""
        lines = (f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in sorted(self.files().items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """Records by path below the directory."""
        return {path: [json.loads(line) for line in data.splitlines()] for path, data in self.files().items()}


@pytest.fixture
def generated(tmp_path: Path, request: pytest.FixtureRequest) -> Generated:
    """An empty directory for the generator of the example that the test module names."""
    return Generated(tmp_path / "data", example=request.module.EXAMPLE)


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """The records of the first and of the second release, by file."""
    both = Generated(tmp_path_factory.mktemp("example"), example=request.module.EXAMPLE)
    assert both.generate().returncode == 0
    first = both.records()
    assert both.generate("--grow").returncode == 0
    return first, both.records()
