"""Commands of dsv that begin at the same moment, each a process of its own.

`python -m tests.races.crowd` reads a JSON list of commands, each `[directory, [word, ...]]`, and prints a list of what
came of them, `[exit code, stdout, stderr]`. The processes are copies of one that has loaded dsv, so that many cost
little.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """A command, its exit code, and what it said."""

    words: tuple[str, ...]
    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.stdout)

    @property
    def kind(self) -> str:
        """The kind of the error, told with or without --json; empty when there is none."""
        return str(self.json.get("error", {}).get("kind", "")) if self.stdout.startswith("{") else ""

    @property
    def crashed(self) -> bool:
        """Whether it came to an end that nobody foresaw."""
        return self.code in (70, 50) or self.code < 0 or "Traceback" in self.stderr


def at_once(*commands: tuple[Path, Sequence[str]]) -> list[Outcome]:
    """All of the commands, begun together, in the order given."""
    given = json.dumps([[str(directory), list(words)] for directory, words in commands])
    program = [sys.executable, "-m", "tests.races.crowd"]
    top = Path(__file__).parents[2]
    done = subprocess.run(program, input=given, cwd=top, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [Outcome(tuple(words), *said) for (_, words), said in zip(commands, json.loads(done.stdout), strict=True)]


def main() -> None:
    """Read, run, tell."""
    import dsv.operations.bump
    import dsv.operations.push
    import dsv.repository.known.search_index  # noqa: F401 - loaded once, for all the processes
    from dsv.cli import app

    commands = json.load(sys.stdin)
    begin, go = os.pipe()
    with tempfile.TemporaryDirectory() as scratch:
        processes = []
        for number, (directory, words) in enumerate(commands):
            place = os.path.join(scratch, str(number))
            process = os.fork()
            if process == 0:
                os.close(go)
                os.read(begin, 1)  # until the first process lets go of its end
                os.chdir(directory)
                for descriptor, name in ((1, "out"), (2, "err")):
                    os.dup2(os.open(f"{place}.{name}", os.O_WRONLY | os.O_CREAT), descriptor)
                code = app.run(words)
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
            processes.append((process, place))
        os.close(go)
        outcomes = []
        for process, place in processes:
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            outcomes.append([code, *(Path(f"{place}.{name}").read_text() for name in ("out", "err"))])
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main()
