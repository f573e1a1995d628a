"""A command tried with a fault at each of its steps, or at some of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.faults.aftermath import Recovered, Sound, end_of, wrong_now
from tests.faults.commands import COMMANDS, Command
from tests.faults.steps import KILLS, Page, Step, Way, build

_ROOT = Path(__file__).parents[2]
_SETTINGS = """\
[user]
	name = Ana Lima
	email = ana@example.com
[protocol "file"]
	allow = always
[gc]
	auto = 0
"""


@dataclass(frozen=True)
class Fault:
    """The n-th step of a command, counted from 1, and how it comes to grief."""

    way: Way
    number: int


@dataclass(frozen=True)
class Outcome:
    """What a fault led to: the step, `undone`, `finished` or `on the way`, and everything that is wrong then.

    `seen` is whether an earlier fault had left the same, which is looked at once.
    """

    fault: Fault
    step: Step | None
    code: int | None
    end: str
    wrong: Sequence[str]
    seen: bool = False


class NoCompilerError(Exception):
    """There is nothing to count steps with."""


class Trials:
    """A warm process that tries commands below a directory."""

    def __init__(self, directory: Path) -> None:
        library = build(directory)
        if library is None:
            raise NoCompilerError
        self._directory = directory
        self._trials: dict[str, Trial] = {}
        Page.make(directory / "page")
        (directory / ".gitconfig").write_text(_SETTINGS)
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "DVC_", "DSV_"))
        }
        environment |= {
            "HOME": str(directory),
            "GIT_CONFIG_NOSYSTEM": "1",
            "DVC_NO_ANALYTICS": "1",
            "PYTHONHASHSEED": "0",
            "LD_PRELOAD": str(library),
            "DSV_FAULTS": str(directory / "page"),
            "DSV_FAULTS_TRACE": str(directory / "trace"),
        }
        command = [sys.executable, "-m", "tests.faults.worker"]
        self._process = subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def __enter__(self) -> Trials:  # noqa: PYI034 - Self is of Python 3.11
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def of(self, command: str) -> Trial:
        """The command, run once without a fault; that is done once."""
        if command not in self._trials:
            self._trials[command] = self._made(command)
        return self._trials[command]

    def _made(self, command: str) -> Trial:
        beginning = COMMANDS[command].beginning
        base, template = self._directory / "beginnings" / beginning, self._directory / command / "template"
        if not base.exists():
            self.ask("make", "", base, beginning=beginning)
        template.parent.mkdir()
        copy_place(base, template)
        self.ask("make", command, template)
        for below in ("repo/.git/dsv/work", "site", "temporary"):  # what is known of files there, which a copy has not
            shutil.rmtree(template / below, ignore_errors=True)
        return Trial(self, command, template)

    def ask(self, what: str, command: str, place: Path, **more: Any) -> dict[str, Any]:
        """The worker's answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": what, "command": command, "place": str(place), **more}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "failed" in answer:
            raise RuntimeError(answer["failed"])
        return answer


class Trial:
    """A command and the place that it begins with."""

    def __init__(self, trials: Trials, command: str, template: Path) -> None:
        self._trials, self._command, self._template = trials, COMMANDS[command], template
        self._left: dict[tuple[str, int | None], tuple[str, Sequence[str]]] = {}
        self._examined: dict[tuple[str, str], Sequence[str]] = {}
        self._before = self._ask("sound", self._copy("before"))
        place = self._copy("after")
        done = self._ask("run", place)
        assert done["code"] == 0, done["err"]
        self.steps = [Step(**each) for each in done["steps"]]
        self._after = self._ask("sound", place)

    def one_of_each(self, kind: Callable[[Step], str]) -> list[int]:
        """The number of the last step of each kind."""
        return sorted({kind(step): number for number, step in enumerate(self.steps, start=1)}.values())

    def tried(self, faults: Iterable[Fault]) -> Iterator[Outcome]:
        """What each of the faults led to."""
        for fault in faults:
            yield self.try_one(fault)

    def try_one(self, fault: Fault) -> Outcome:
        """What the fault led to."""
        place = self._copy("tried")
        done = self._ask("run", place, way=fault.way.value, step=fault.number)
        step = Step(**done["reached"]) if done["reached"] else None
        code = done.get("code")
        wrong = [] if code is None else list(_wrong_words(self._command, code, done["err"]))
        if step and fault.way in KILLS and "killed" not in done:
            wrong.append("it was not killed")
        left = done["state"], code
        seen = left in self._left
        if not seen:
            self._left[left] = self._aftermath(place, code)
        end, later = self._left[left]
        return Outcome(fault, step, code, end, [*wrong, *later], seen)

    def _aftermath(self, place: Path, code: int | None) -> tuple[str, Sequence[str]]:
        """How it ends, and what is wrong."""
        before, after = Sound(**self._before), Sound(**self._after)
        found = Recovered(**self._ask("recovered", place))
        end = end_of(found, before=before, after=after)
        wrong = list(wrong_now(found, self._command, before=before, after=after, code=code))
        key = found.whole, end
        if key not in self._examined:
            answer = self._ask("examined", place, before=self._before, after=self._after, end=end)
            self._examined[key] = answer["wrong"]
        return end, [*wrong, *self._examined[key]]

    def _ask(self, what: str, place: Path, **more: Any) -> dict[str, Any]:
        return self._trials.ask(what, self._command.name, place, **more)

    def _copy(self, name: str) -> Path:
        place = self._template.parent / name
        copy_place(self._template, place)
        return place


def copy_place(template: Path, place: Path) -> None:
    """The place is like the template; times too, because git asks after them."""
    if place.exists():
        shutil.rmtree(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", template, place], check=True)


def _wrong_words(command: Command, code: int, said: str) -> Iterator[str]:
    """A failing disk is told of in one line, with exit 50, and what it says is no bug."""
    if code not in (0, *command.fails):
        yield f"exit {code}: {said.strip()}"
    if code == 50 and sum(line.startswith("error: ") for line in said.splitlines()) != 1:
        yield f"not said in one line: {said.strip()!r}"
