"""What these tests share: a git that does something else first."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.repository.damaging import Held, two_versions

Meanwhile = Callable[[str, str], None]


@pytest.fixture
def meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """A function that lets a shell script run, once, right before dsv calls a command of git.

    In it `$git` is git itself; it runs where dsv runs git.
    """

    def install(git_command: str, script: str) -> None:
        git = shutil.which("git")
        directory = tmp_path / "bin"
        directory.mkdir()
        wrapper = directory / "git"
        wrapper.write_text(
            f'#!/bin/sh\ngit={git}\ncase " $* " in *" {git_command} "*)\n'
            f'if mkdir "{directory}/once" 2>/dev/null; then (\ncd "$2"\n{script}\n) >/dev/null </dev/null; fi;;\nesac\n'
            'exec $git "$@"\n'
        )
        wrapper.chmod(0o755)
        monkeypatch.setenv("PATH", f"{directory}{os.pathsep}{os.environ['PATH']}")

    return install


@pytest.fixture(scope="session")
def held(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Held:
    """`notes` in two versions, on a remote too; whoever damages it mends it."""
    found = two_versions(_templates["released"], tmp_path_factory.mktemp("damage") / "repo")
    assert found.verified(deep=True, remote=True)["ok"]
    return found
