"""A process that has dsv and DVC loaded, and runs commands in forks of itself; started with `steps.c` preloaded.

It reads requests, a JSON document a line, and answers each with one.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import io
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dsv.cli.app import build
from tests.faults.aftermath import Sound, raw_state, recovered, sound, wrong_later
from tests.faults.commands import BEGINNINGS, COMMANDS, Place
from tests.faults.steps import Page, Way

_SUBREAPER = 36
_SECONDS = 120
_CLOCK = {"GIT_AUTHOR_DATE": "2026-11-22T08:00:00Z", "GIT_COMMITTER_DATE": "2026-11-22T08:00:00Z"}
ENVIRONMENT = {**_CLOCK, "SOURCE_DATE_EPOCH": "1795334400"}


class _Capture(io.TextIOWrapper):
    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined]


def dsv(place: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of dsv, run in this process in the place's repository."""
    from dsv.cli.app import run

    os.chdir(place / "repo")
    out, err = _Capture(), _Capture()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(list(arguments))
    return code, out.text(), err.text()


def dvc_status(place: Path) -> str:
    """What plain DVC says about the place."""
    from dvc.repo import Repo

    if not (place / "repo/.dvc/config").exists():
        return "no DVC"
    with Repo(str(place / "repo")) as repo:
        return str(repo.status())


class Worker:
    """Answers requests."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._tried = set[str]()

    def make(self, request: dict[str, Any]) -> Any:
        """A beginning; or, where there is one, the place that a command begins with."""
        place = Path(request["place"])
        prepare = COMMANDS[request["command"]].prepare if request["command"] else BEGINNINGS[request["beginning"]]

        def work() -> Any:
            def checked(*arguments: str) -> None:
                code, out, err = dsv(place, *arguments)
                assert code == 0, f"dsv {' '.join(arguments)}: {out} {err}"

            prepare(Place(place, checked))
            return {}

        return self._forked(work, place)

    def run(self, request: dict[str, Any]) -> Any:
        """The command run at the place, cut short at a step where one is named, else with its steps counted."""
        place = Path(request["place"])
        fault = (Way(request["way"]), int(request["step"])) if "way" in request else None

        def work() -> Any:
            self._page.arm(os.getpgrp(), fault)
            code, out, err = dsv(place, *COMMANDS[request["command"]].arguments)
            self._page.disarm()
            return {"code": code, "out": out, "err": err}

        answer = self._forked(work, place)
        self._page.disarm()
        reached = self._page.reached if fault else None
        steps = [] if fault else [asdict(step) for step in self._page.counted()]
        return {**answer, "reached": asdict(reached) if reached else None, "steps": steps, "state": raw_state(place)}

    def call(self, request: dict[str, Any]) -> Any:
        place = Path(request["place"])
        return self._forked(lambda: {"x": dsv(place, *request["arguments"])}, place)

    def sound(self, request: dict[str, Any]) -> Any:
        """What there is to see of a place without a fault."""
        place = Path(request["place"])
        return self._forked(lambda: asdict(sound(place, dsv=dsv, dvc_status=dvc_status)), place)

    def recovered(self, request: dict[str, Any]) -> Any:
        """What there is to see of a place when the next command was run."""
        place = Path(request["place"])
        return self._forked(lambda: asdict(recovered(place, dsv=dsv)), place)

    def examined(self, request: dict[str, Any]) -> Any:
        """What is wrong at a place that was put in order, also when the command is run again."""
        place, command, end = Path(request["place"]), COMMANDS[request["command"]], request["end"]
        before, after = Sound(**request["before"]), Sound(**request["after"])

        def work() -> Any:
            found = wrong_later(place, command, end=end, before=before, after=after, dsv=dsv, dvc_status=dvc_status)
            return {"wrong": list(found)}

        return self._forked(work, place)

    def _forked(self, work: Callable[[], Any], place: Path) -> dict[str, Any]:
        """What the work gives, done in a process of its own; `killed` when that was."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _alone(place)
            try:
                answer = {**work(), "modules": list(sys.modules)}
            except BaseException:  # noqa: BLE001 - told to the one who asked
                answer = {"failed": traceback.format_exc()}
            self._page.disarm()
            with os.fdopen(writing, "w") as stream:
                json.dump(answer, stream)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as stream:
            said = stream.read()
        _, status = os.waitpid(child, 0)
        _wait_for_all()
        if said:
            answer = dict(json.loads(said))
            self._load(answer.pop("modules", ()))
            return answer
        return {"killed": os.WTERMSIG(status)} if os.WIFSIGNALED(status) else {"failed": f"status {status}"}

    def _load(self, modules: Sequence[str]) -> None:
        """What a child had to load, for all who follow."""
        for name in modules:
            if name not in self._tried:
                self._tried.add(name)
                with suppress(Exception):
                    importlib.import_module(name)
        gc.freeze()


def _alone(place: Path) -> None:
    """A process group and settings of its own."""
    os.setpgid(0, 0)
    for name, value in {**ENVIRONMENT, "DVC_SITE_CACHE_DIR": f"{place}/site", "TMPDIR": f"{place}/temporary"}.items():
        os.environ[name] = value
    os.makedirs(f"{place}/temporary", exist_ok=True)
    tempfile.tempdir = None
    signal.alarm(_SECONDS)


def _wait_for_all() -> None:
    """What the child left running, such as the other side of a push, has ended."""
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def main(arguments: Sequence[str]) -> None:
    """Requests on stdin, answers on stdout, until there are no more."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    build()
    worker = Worker(Page(os.environ["DSV_FAULTS"], os.environ["DSV_FAULTS_TRACE"]))
    for line in sys.stdin:
        request = json.loads(line)
        answer = getattr(worker, request["do"])(request)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
