"""A repository with the program that works in it, and what a call of the program costs: time, memory, open files."""

from __future__ import annotations

import compileall
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROGRAMS = Path(sys.executable).parent
_OFTEN_SECONDS, _SELDOM_SECONDS = 0.01, 0.05
_OFTEN = 100
"""So many samples are taken often; a call that is short has few of them otherwise."""


@dataclass(frozen=True)
class Timing:
    """One call: wall-clock seconds, processor seconds (user and system), and peaks.

    `memory` is the peak of the resident memory of all its processes together in bytes, which counts what they share
    more than once; `files` the peak of open file descriptors of any one of them. Both are sampled.
    """

    seconds: float
    processor: float
    memory: int
    files: int


@dataclass(frozen=True)
class Side:
    """A repository and the program that works in it."""

    program: str
    root: Path
    environment: dict[str, str]

    def call(
        self,
        *arguments: str,
        into: list[Timing] | None = None,
        accept: Sequence[int] = (0,),
        at_most: float | None = None,
    ) -> Timing:
        """Run the program; what it cost. SystemExit when it ends with another exit code than those accepted.

        After `at_most` seconds it is given up, and what it took until then is what it cost.
        """
        os.sync()
        before = _processor_seconds()
        start = time.perf_counter()
        process = subprocess.Popen(
            [self.program, *arguments],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        watcher = _Watcher(process.pid)
        try:
            said = process.communicate(timeout=at_most)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            said, accept = process.communicate()[1], (*accept, -signal.SIGKILL)
        seconds = time.perf_counter() - start
        watcher.stop()
        if process.returncode not in accept:
            raise SystemExit(f"{Path(self.program).name} {' '.join(arguments)} failed:\n{said.decode()}")
        timing = Timing(seconds, _processor_seconds() - before, watcher.memory, watcher.files)
        if into is not None:
            into.append(timing)
        return timing

    def git(self, *arguments: str, said: str | None = None) -> str:
        """What git prints, untimed; `said` goes to its stdin."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
            input=said,
        )
        return done.stdout

    def commit(self, tag: str) -> None:
        """Commit everything and tag it, as somebody does who works with DVC alone."""
        self.git("add", "--all", ".")
        self.git("commit", "-q", "-m", tag)
        self.git("tag", tag)


class _Watcher(threading.Thread):
    """Samples a process and its descendants until it is stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.memory = self.files = 0
        self._pid, self._done = pid, threading.Event()
        self.start()

    def run(self) -> None:
        """Look, wait, look again."""
        samples = 0
        while True:
            family = _family(self._pid)
            self.memory = max(self.memory, _resident(family))
            self.files = max(self.files, *map(_open_files, family))
            samples += 1
            if self._done.wait(_OFTEN_SECONDS if samples < _OFTEN else _SELDOM_SECONDS):
                return

    def stop(self) -> None:
        """No more samples."""
        self._done.set()
        self.join()


def side(where: Path, *, program: str) -> Side:
    """A fresh repository in the directory, made ready for `dsv` or `dvc`, that knows of no other's caches."""
    root = where / program
    root.mkdir(parents=True)
    settings = where / f"{program}.gitconfig"
    settings.write_text("[user]\n\tname = Benchmark\n\temail = benchmark@example.com\n[init]\n\tdefaultBranch = main\n")
    made = _at(root, program, where, settings)
    made.git("init", "-q")
    made.call("init")
    if program == "dvc":
        made.git("commit", "-q", "-m", "init")
    return made


def beside(other: Side, *, program: str) -> Side:
    """Another program in the same repository."""
    where = other.root.parent
    return _at(other.root, program, where, Path(other.environment["GIT_CONFIG_GLOBAL"]))


def two_sides(where: Path, data: Path) -> tuple[Side, Side]:
    """A dsv repository and a DVC repository, each with its own copy of the data."""
    sides = side(where, program="dsv"), side(where, program="dvc")
    for each in sides:
        shutil.copytree(data, each.root / "data")
    return sides


def newest_version(ours: Side) -> str:
    """The number of the newest release of the dataset `data`."""
    return ours.git("tag", "--list", "data@v*", "--sort=version:refname").split()[-1].partition("@v")[2]


def compile_everything() -> None:
    """Byte-compile what both programs import, so that no round times the compiler."""
    import dsv

    places = {str(Path(dsv.__file__).parent), *(path for path in sys.path if path.endswith("site-packages"))}
    for place in sorted(places):
        compileall.compile_dir(place, quiet=2)


def _at(root: Path, program: str, where: Path, settings: Path) -> Side:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "DVC_", "DSV_"))},
        "GIT_CONFIG_GLOBAL": str(settings),
        "GIT_CONFIG_NOSYSTEM": "1",
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(where / f"{program}-site"),
    }
    return Side(str(_PROGRAMS / program), root, environment)


def _processor_seconds() -> float:
    """Of all processes that were started here and have ended, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _family(pid: int) -> dict[int, int]:
    """The process and its descendants, each with its parent."""
    found, waiting = {pid: 0}, [pid]
    for each in waiting:
        try:
            for task in os.listdir(f"/proc/{each}/task"):
                children = [int(child) for child in Path(f"/proc/{each}/task/{task}/children").read_text().split()]
                found.update(dict.fromkeys(children, each))
                waiting += children
        except OSError:
            continue
    return found


def _resident(family: Mapping[int, int]) -> int:
    """The resident memory of all of them, in bytes; one that has not yet left its parent's memory counts with it."""
    pages = {pid: _pages(pid) for pid in family}
    own = [each for pid, each in pages.items() if each != pages.get(family[pid])]
    return sum(int(each.split()[1]) for each in own if each) * os.sysconf("SC_PAGE_SIZE")


def _pages(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/statm").read_text()
    except OSError:
        return ""


def _open_files(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0
