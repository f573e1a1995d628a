"""What changes the disk while a command runs, one call after the other, and how one of these calls comes to grief.

`steps.c` does it, preloaded into dsv and so into the git that it starts; here is the page that tells it what to do.
"""

from __future__ import annotations

import errno
import mmap
import os
import re
import shutil
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

_SOURCE = Path(__file__).with_name("steps.c")
_FORM = struct.Struct("@4i2qi4096s")
_COUNT, _KILL, _KILL_ALONE, _FAIL, _FULL = range(5)


class Way(Enum):
    """How a step comes to grief."""

    KILLED = "killed"
    """As by kill -9 of the whole process group; a write is cut in half."""
    KILLED_ALONE = "killed alone"
    """dsv dies, and the git that it has started comes to its own end."""
    ENOSPC = "ENOSPC"
    EIO = "EIO"
    FULL = "full"
    """From this step on nobody can write a byte, until the command has ended."""


_DONE_BY = {
    Way.KILLED: (_KILL, 0),
    Way.KILLED_ALONE: (_KILL_ALONE, 0),
    Way.ENOSPC: (_FAIL, errno.ENOSPC),
    Way.EIO: (_FAIL, errno.EIO),
    Way.FULL: (_FULL, errno.ENOSPC),
}
KILLS = (Way.KILLED, Way.KILLED_ALONE)


@dataclass(frozen=True)
class Step:
    """One call: who makes it (`dsv` or a command of git), its name, and the path that it is about."""

    program: str
    call: str
    path: str

    @classmethod
    def parse(cls, line: str) -> Step:
        """The step as `steps.c` writes it."""
        program, call, path = line.rstrip("\n").split("\t", 2)
        return cls(program, call, path)

    @property
    def call_by(self) -> str:
        """What is done by whom."""
        return f"{self.program} {self.call}"

    @property
    def kind(self) -> str:
        """What is done by whom, and to what: whatever the names and numbers in the path are."""
        word = next((word for pattern, word in _PLACES if re.search(pattern, self.path)), "other")
        alike = word in ("git object", "private")  # whichever command of git writes it
        return f"{self.program.split()[0] if alike else self.program} {self.call} {word}"

    def __str__(self) -> str:
        return f"{self.program}: {self.call} {self.path}"


_PLACES = [
    (r"/index\.db", "search index"),
    (r"/\.git/dsv/work", "scan cache"),
    (r"/\.git/dsv/\.journal", "journal"),
    (r"/\.git/dsv/journal", "journal"),
    (r"/\.git/dsv/", "private"),
    (r"\.git/refs/.*\.lock", "ref lock"),
    (r"\.git/[\w-]+\.lock", "git lock"),
    (r"\.git/.*refs|\.git/HEAD", "ref"),
    (r"\.git/logs", "reflog"),
    (r"\.git/objects", "git object"),
    (r"\.git/", "git"),
    (r"/\.dvc/cache/files/md5/../.{30}", "cache object"),
    (r"/\.dvc/cache", "cache"),
    (r"/\.dvc/", "dvc"),
    (r"/storage/", "remote storage"),
    (r"/site/", "dvc state"),
    (r"/temporary", "temporary"),
    (r"/manifests/[^/]*/index/", "record index"),
    (r"/manifests/", "manifest"),
    (r"/data/.*\.dvc", "pointer"),
    (r"/data/", "data"),
]


def build(directory: Path) -> Path | None:
    """The library to preload; None where there is no C compiler, or no Linux."""
    compiler = shutil.which("cc")
    if compiler is None or os.uname().sysname != "Linux":
        return None
    library = directory / "steps.so"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, _SOURCE, "-ldl"], check=True)
    return library


class Page:
    """The page that all processes of a command share."""

    def __init__(self, file: str, trace: str) -> None:
        self._trace = trace
        with open(file, "r+b") as stream:
            self._map = mmap.mmap(stream.fileno(), _FORM.size)

    @staticmethod
    def make(file: Path) -> None:
        """An empty page, which does nothing."""
        file.write_bytes(b"\0" * _FORM.size)

    def arm(self, group: int, fault: tuple[Way, int] | None) -> None:
        """Look at the processes of the group from now on: count their steps, or do it at this one."""
        way, number = (_COUNT, 0) if fault is None else _DONE_BY[fault[0]]
        self._write(1, way, number, group, fault[1] if fault else 0)
        if fault is None:
            open(self._trace, "wb").close()

    def disarm(self) -> None:
        """Look no more."""
        struct.pack_into("@i", self._map, 0, 0)

    @property
    def reached(self) -> Step | None:
        """The step at which it was done."""
        *_, reached, what = _FORM.unpack_from(self._map)
        return Step.parse(what.partition(b"\0")[0].decode(errors="replace")) if reached else None

    def counted(self) -> Sequence[Step]:
        """The steps that were counted, in order."""
        with open(self._trace, encoding="utf-8", errors="replace") as stream:
            return [Step.parse(line) for line in stream]

    def _write(self, active: int, way: int, number: int, group: int, wanted: int) -> None:
        _FORM.pack_into(self._map, 0, 0, way, number, group, wanted, 0, 0, b"")
        struct.pack_into("@i", self._map, 0, active)
