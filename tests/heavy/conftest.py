"""What the heavy tests share: dsv as a process of its own, with the memory that it took."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Scratch

MIB = 1 << 20
ADDRESS_SPACE = 600 * MIB
"""A limit under which a team's small machine, or a container, runs dsv."""


@dataclass(frozen=True)
class Measured:
    """How one run of the command ended; `memory` is its largest resident set, or a child's, in bytes.

    It is never less than what the tests themselves had when they started the process.
    """

    code: int
    stdout: str
    stderr: str
    memory: int

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.stdout)


Run = Callable[..., Measured]


@pytest.fixture
def measured(repo: Scratch, tmp_path: Path) -> Run:
    """A function that runs `dsv ... --json` in a process of its own.

    `address_space` is the most memory, in bytes, that the process may have at all.
    """

    def run(*arguments: str, code: int = 0, address_space: int | None = None) -> Measured:
        def limited() -> None:
            if address_space is not None:
                resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))

        out, err = tmp_path / "stdout", tmp_path / "stderr"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "dsv", *arguments, "--json"],
                cwd=repo.root,
                stdout=stdout,
                stderr=stderr,
                preexec_fn=limited,  # noqa: PLW1509 - nothing else runs in this process
            )
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        result = Measured(process.returncode, out.read_text(), err.read_text(), used.ru_maxrss * 1024)
        assert result.code == code, f"{arguments}: exit {result.code}\n{result.stdout[-2000:]}\n{result.stderr[-2000:]}"
        return result

    return run
