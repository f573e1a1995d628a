"""Time dsv beside DVC on the same data, in turns, on this machine.

    python benchmarks/run.py [--files 50000] [--megabytes 2000] [--rounds 3] [--directory DIR]

Each round makes a fresh dsv repository and a fresh DVC repository and gives both the same work. What is
printed are medians over the rounds, the ratio of the medians with the highest ratio that is aimed at,
and the peak of the resident memory of all processes of a command. Trust the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SAMPLE_SECONDS = 0.05
SHARDS = 4
CHANGED = 20
"""One in so many files, or records, is changed."""

_WORDS = ("lease", "tenant", "rent", "term", "option", "clause", "notice", "deposit", "renewal", "premises")


@dataclass(frozen=True)
class Timing:
    """One call: wall-clock seconds, and the peak of its processes' resident memory in bytes."""

    seconds: float
    memory: int


@dataclass
class Work:
    """One kind of work: the calls of each side over the rounds, and the aim in the unit that it is given in."""

    name: str
    aim: str
    dsv: list[Timing] = field(default_factory=list)
    dvc: list[Timing] = field(default_factory=list)

    def row(self) -> list[str]:
        """The cells of the printed table."""
        ours, theirs = _median(self.dsv), _median(self.dvc)
        ratio = "" if ours is None or theirs is None else f"{ours / theirs:.3f}"
        return [self.name, _seconds(ours), _seconds(theirs), ratio, self.aim, _peak(self.dsv), _peak(self.dvc)]


@dataclass(frozen=True)
class Side:
    """A repository and the program that works in it."""

    program: str
    root: Path
    environment: dict[str, str]

    def call(self, *arguments: str, into: list[Timing] | None = None, accept: Sequence[int] = (0,)) -> None:
        """Run the program, and keep what it cost."""
        os.sync()
        start = time.perf_counter()
        process = subprocess.Popen(
            [self.program, *arguments],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        memory = _Memory(process.pid)
        said = process.communicate()[1]
        seconds = time.perf_counter() - start
        peak = memory.stop()
        if process.returncode not in accept:
            raise SystemExit(f"{Path(self.program).name} {' '.join(arguments)} failed:\n{said.decode()}")
        if into is not None:
            into.append(Timing(seconds, peak))

    def git(self, *arguments: str) -> None:
        """Run git, untimed."""
        subprocess.run(["git", *arguments], cwd=self.root, env=self.environment, check=True, capture_output=True)


class _Memory(threading.Thread):
    """The peak of the resident memory of a process and its descendants, sampled."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._peak, self._done = pid, 0, threading.Event()
        self.start()

    def run(self) -> None:
        while True:
            self._peak = max(self._peak, sum(map(_resident, _family(self._pid))))
            if self._done.wait(SAMPLE_SECONDS):
                return

    def stop(self) -> int:
        """The peak, in bytes."""
        self._done.set()
        self.join()
        return self._peak


def main() -> int:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description="Time dsv beside DVC on the same data.")
    parser.add_argument("--files", type=int, default=50_000, help="number of small files")
    parser.add_argument("--megabytes", type=int, default=2_000, help="size of the JSON Lines")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--directory", help="where to work (needs six times the data); default: a temporary directory")
    options = parser.parse_args()
    _compile()
    with tempfile.TemporaryDirectory(prefix="dsv-benchmark-", dir=options.directory) as name:
        scratch = Path(name)
        small, large = scratch / "small", scratch / "large"
        make_small_files(small, count=options.files)
        make_jsonl(large, size=options.megabytes << 20)
        rows = [
            *small_files(scratch, small, rounds=options.rounds),
            *large_files(scratch, large, rounds=options.rounds),
        ]
    print(f"{options.files:,} small files, {options.megabytes:,} MB of JSON Lines, {options.rounds} rounds\n")
    print_table(rows)
    return 0


def small_files(scratch: Path, data: Path, *, rounds: int) -> list[Work]:
    """A dataset of many small files: added, looked at, changed, switched; and what shows no data."""
    added = Work("add, small files", "0.25")
    nothing = Work("status, nothing changed", "0.2")
    no_release = Work("bump, nothing changed / dvc status", "0.2")
    bumped = Work("bump, 5 % of small files changed / dvc add", "")
    switched = Work("checkout of the other version", "0.5")
    shown = [
        Work(f"dsv {words}", aim) for words, aim in (("list", "0.15 s"), ("log", "0.15 s"), ("--version", "0.1 s"))
    ]
    for number in range(rounds):
        ours, theirs = _sides(scratch / f"small{number}", data)
        for side, timings in _in_turns(number, (ours, added.dsv), (theirs, added.dvc)):
            side.call("add", "data", into=timings)
        _commit(theirs, tag="first")
        for _ in range(3):
            ours.call("status", into=nothing.dsv)
            theirs.call("status", into=nothing.dvc)
            ours.call("bump", "data", into=no_release.dsv, accept=(20,))
            theirs.call("status", into=no_release.dvc)
            for work in shown:
                ours.call(*work.name.split()[1:], into=work.dsv)
        for side in (ours, theirs):
            _change_files(side.root / "data")
        for side, timings in _in_turns(number, (ours, bumped.dsv), (theirs, bumped.dvc)):
            side.call(*(("bump", "data") if side is ours else ("add", "data")), into=timings)
        _commit(theirs, tag="second")
        ours.call("checkout", "data@1.0.0", into=switched.dsv)
        theirs.git("checkout", "-q", "first")
        theirs.call("checkout", into=switched.dvc)
        shutil.rmtree(scratch / f"small{number}")
    return [added, nothing, no_release, bumped, switched, *shown]


def large_files(scratch: Path, data: Path, *, rounds: int) -> list[Work]:
    """A dataset of a few large JSONL files: added, then changed."""
    added = Work("add, JSON Lines", "1.5, then 1.25")
    bumped = Work("bump, 5 % of records changed / dvc add", "1.2")
    for number in range(rounds):
        ours, theirs = _sides(scratch / f"large{number}", data)
        for side, timings in _in_turns(number, (ours, added.dsv), (theirs, added.dvc)):
            side.call("add", "data", into=timings)
        _commit(theirs, tag="first")
        for side in (ours, theirs):
            _change_records(side.root / "data")
        for side, timings in _in_turns(number, (ours, bumped.dsv), (theirs, bumped.dvc)):
            side.call(*(("bump", "data") if side is ours else ("add", "data")), into=timings)
        shutil.rmtree(scratch / f"large{number}")
    return [added, bumped]


def make_small_files(directory: Path, *, count: int) -> None:
    """JSON documents of about 1.9 KB each, a thousand to a directory."""
    randomness = random.Random(1)
    for number in range(count):
        if number % 1000 == 0:
            below = directory / f"{number // 1000:03d}"
            below.mkdir(parents=True)
        record = {"id": f"doc-{number}", "text": _text(randomness, words=270), "score": randomness.random()}
        (below / f"{number:06d}.json").write_text(json.dumps(record))


def make_jsonl(directory: Path, *, size: int) -> None:
    """Records of about 1.4 KB in shards of the same size."""
    randomness = random.Random(2)
    directory.mkdir()
    texts = [_text(randomness, words=180) for _ in range(1000)]
    number = 0
    for shard in range(SHARDS):
        with (directory / f"part-{shard}.jsonl").open("w") as file:
            while file.tell() < size // SHARDS:
                record = {
                    "id": f"r{number}",
                    "text": randomness.choice(texts),
                    "rent": number,
                    "valid": True,
                    "tags": ["a"],
                }
                file.write(json.dumps(record) + "\n")
                number += 1


def print_table(works: Iterable[Work]) -> None:
    """A Markdown table."""
    rows = [
        ["work", "dsv s", "DVC s", "ratio", "aim, at most", "dsv MB", "DVC MB"],
        *(work.row() for work in works),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, ["-" * width for width in widths])
    for row in rows:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")


def _sides(where: Path, data: Path) -> tuple[Side, Side]:
    """A dsv repository and a DVC repository with the same data, neither knowing of the other's caches."""
    programs = Path(sys.executable).parent
    sides = []
    for name in ("dsv", "dvc"):
        root = where / name
        root.mkdir(parents=True)
        settings = where / f"{name}.gitconfig"
        settings.write_text("[user]\n\tname = Benchmark\n\temail = benchmark@example.com\n")
        environment = {
            **os.environ,
            "GIT_CONFIG_GLOBAL": str(settings),
            "GIT_CONFIG_NOSYSTEM": "1",
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": str(where / f"{name}-site"),
        }
        side = Side(str(programs / name), root, environment)
        side.git("init", "-q")
        side.call("init")
        if name == "dvc":
            side.git("commit", "-q", "-m", "init")
        shutil.copytree(data, root / "data")
        sides.append(side)
    return sides[0], sides[1]


def _commit(side: Side, *, tag: str) -> None:
    side.git("add", "--all", ".")
    side.git("commit", "-q", "-m", tag)
    side.git("tag", tag)


def _change_files(data: Path) -> None:
    for path in sorted(data.rglob("*.json"))[::CHANGED]:
        _rewrite(path, lambda text: text.replace('"doc-', '"document-'))


def _change_records(data: Path) -> None:
    for path in sorted(data.iterdir()):
        _rewrite(path, _with_changed_lines)


def _with_changed_lines(text: str) -> str:
    lines = text.splitlines(keepends=True)
    lines[::CHANGED] = [line.replace('"valid": true', '"valid": false') for line in lines[::CHANGED]]
    return "".join(lines)


def _rewrite(path: Path, change: Callable[[str], str]) -> None:
    text = change(path.read_text())
    path.unlink()  # it may be a link into a cache
    path.write_text(text)


def _in_turns(number: int, *calls: tuple[Side, list[Timing]]) -> Sequence[tuple[Side, list[Timing]]]:
    """The calls, the other one first in every second round."""
    return calls if number % 2 == 0 else calls[::-1]


def _text(randomness: random.Random, *, words: int) -> str:
    return " ".join(randomness.choices(_WORDS, k=words))


def _compile() -> None:
    """Byte-compile what both programs import, so that no round times the compiler."""
    import dsv

    places = {str(Path(dsv.__file__).parent), *(path for path in sys.path if path.endswith("site-packages"))}
    for place in sorted(places):
        compileall.compile_dir(place, quiet=2)


def _family(pid: int) -> list[int]:
    """The process and its descendants."""
    found = [pid]
    for each in found:
        try:
            for task in os.listdir(f"/proc/{each}/task"):
                found.extend(map(int, Path(f"/proc/{each}/task/{task}/children").read_text().split()))
        except OSError:
            continue
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _median(timings: Sequence[Timing]) -> float | None:
    return statistics.median(each.seconds for each in timings) if timings else None


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _peak(timings: Sequence[Timing]) -> str:
    return f"{max(each.memory for each in timings) / 1e6:.0f}" if timings else ""


if __name__ == "__main__":
    sys.exit(main())
