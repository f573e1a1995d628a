"""The table that a run prints, and puts between two markers of a page."""

from __future__ import annotations

import os
import platform
import re
import statistics
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from importlib.metadata import version
from pathlib import Path

from sides import Timing

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
_GIGABYTE = 1e9


class Unit(Enum):
    """What a limit is a number of."""

    TIMES = "x"
    SECONDS = "s"
    MEGABYTES = "MB"


@dataclass(frozen=True)
class Limit:
    """The most that is aimed at."""

    number: float
    unit: Unit

    def __str__(self) -> str:
        return f"{self.number:g} {self.unit.value}"


def times(number: float) -> Limit:
    """So many times what the other side takes."""
    return Limit(number, Unit.TIMES)


def seconds(number: float) -> Limit:
    """So many seconds."""
    return Limit(number, Unit.SECONDS)


@dataclass
class Work:
    """One kind of work: the calls of each side, those at the same place of one round; `other` is what DVC did."""

    name: str
    limit: Limit | None = None
    other: str = ""
    dsv: list[Timing] = field(default_factory=list)
    dvc: list[Timing] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Ours by theirs, in each round."""
        return [ours.seconds / theirs.seconds for ours, theirs in zip(self.dsv, self.dvc, strict=False)]

    @property
    def reached(self) -> bool | None:
        """Whether the median is within the limit; None without one."""
        if self.limit is None or not self.dsv:
            return None
        if self.limit.unit is Unit.MEGABYTES:
            return max(each.memory for each in self.dsv) / 1e6 <= self.limit.number
        found = self.ratios if self.limit.unit is Unit.TIMES else [each.seconds for each in self.dsv]
        return statistics.median(found) <= self.limit.number

    def row(self) -> list[str]:
        """The cells of the printed table; one about memory says nothing of time."""
        timed = [] if self.limit is not None and self.limit.unit is Unit.MEGABYTES else self.dsv
        return [
            self.name,
            self.other,
            _spread(each.seconds for each in timed),
            _median(each.processor for each in timed),
            _spread(each.seconds for each in self.dvc),
            _median(each.processor for each in self.dvc),
            _spread(self.ratios),
            "" if self.limit is None else str(self.limit),
            {None: "", True: "yes", False: "no"}[self.reached],
            _most(each.memory / 1e6 for each in self.dsv),
            _most(each.memory / 1e6 for each in self.dvc),
            _most(each.files for each in self.dsv),
        ]


_HEADINGS = [
    "work",
    "held against",
    "dsv s",
    "CPU s",
    "DVC s",
    "DVC CPU s",
    "ratio",
    "at most",
    "reached",
    "dsv MB",
    "DVC MB",
    "dsv files",
]


def work_table(works: Iterable[Work]) -> str:
    """The works as a table: medians with the smallest and the largest behind them."""
    return markdown([_HEADINGS, *(work.row() for work in works)])


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """The rows as a table of Markdown, the first being its headings; a column without a cell is left out."""
    kept = [column for column in range(len(rows[0])) if any(row[column] for row in rows[1:])]
    widths = [max(len(row[column]) for row in rows) for column in kept]
    lines = [[row[column] for column in kept] for row in rows]
    lines.insert(1, ["-" * width for width in widths])
    cells = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def publish(text: str, *, name: str, page: Path) -> None:
    """Put the text between the page's markers of this name; SystemExit where it has none."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    before = page.read_text(encoding="utf-8")
    after, count = re.subn(
        f"(?s){re.escape(begin)}.*?{re.escape(end)}", lambda _: f"{begin}\n{text.strip()}\n\n{end}", before
    )
    if count != 1:
        raise SystemExit(f"{page} does not have the markers of {name} once")
    page.write_text(after, encoding="utf-8")


def machine(directory: str | None) -> str:
    """The machine, the disk under the directory (else under temporary files), and the programs, in a sentence."""
    model = _first(r"model name\s*: (.+)", "/proc/cpuinfo") or platform.machine()
    memory = int(_first(r"MemTotal:\s*(\d+)", "/proc/meminfo") or 0) * 1024 / _GIGABYTE
    versions = [_said("git", "--version"), f"DVC {version('dvc')}", f"dsv {version('dsv')}"]
    processors = f"{len(os.sched_getaffinity(0))} processors ({model}), {memory:.0f} GB of memory, {_disk(directory)}"
    systems = [f"Linux {'.'.join(platform.release().split('.')[:2])}", f"Python {platform.python_version()}"]
    return f"{', '.join([processors, *systems, *versions])}."


def _disk(directory: str | None) -> str:
    """The kind of disk and of file system."""
    top = os.path.realpath(directory or tempfile.gettempdir())
    mounts = [line.split()[:3] for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    above = [each for each in mounts if os.path.commonpath([each[1], top]) == each[1]]
    device, _, kind = max(above, key=lambda each: len(each[1]))
    name = os.path.basename(device)
    known = {"vd": "a virtual disk", "nv": "an NVMe disk", "sd": "a SATA disk"}
    return f"{known.get(name[:2], 'no local disk')} with {kind}"


def _first(pattern: str, file: str) -> str:
    found = re.search(pattern, Path(file).read_text(encoding="utf-8", errors="replace"))
    return " ".join(found[1].split()) if found else ""


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _spread(values: Iterable[float]) -> str:
    """The median, and from where to where the values go."""
    found = sorted(values)
    if not found:
        return ""
    text = _number(statistics.median(found))
    return text if len(found) == 1 else f"{text} ({_number(found[0])} to {_number(found[-1])})"


def _median(values: Iterable[float]) -> str:
    found = list(values)
    return _number(statistics.median(found)) if any(found) else ""


def _most(values: Iterable[float]) -> str:
    found = list(values)
    return f"{max(found):.0f}" if any(found) else ""


_TEN = 10


def _number(value: float) -> str:
    return f"{value:.1f}" if value >= _TEN else f"{value:.2f}" if value >= 1 else f"{value:.3f}"
