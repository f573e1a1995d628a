"""Time commands about one dataset in repositories of few and of many: none may take longer for its neighbours.

    python benchmarks/datasets.py [--counts 10,500,3000] [--rounds 5] [--directory DIR] [--write [PAGE]]

The repositories are made in seconds (repositories.py) and hold data, pointers, manifests, artifacts and tags as if
each dataset had been added. In the largest one `dvc status` and `dvc add` of one dataset are timed once, to compare.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from repositories import append_record, make_datasets, name_of
from sides import Side, Timing, beside, compile_everything, side
from table import PAGE, machine, markdown, publish

_ASKED = {
    "status of one": ("status", "{}"),
    "bump of one, nothing changed": ("bump", "{}"),
    "diff of one": ("diff", "{}"),
    "log of one": ("log", "{}"),
    "check of one": ("check", "{}"),
    "list": ("list",),
}
_STATUS_CHANGED, _BUMP, _NOT_CHANGED = "status of one, changed", "bump of one, changed", 20
_DVC_STATUS, _DVC_ADD = "dvc status of one (once)", "dvc add of one, changed (once)"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--counts", default="10,500,3000", help="how many datasets, parted by commas")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--directory", help="where to work; default: a temporary directory")
    parser.add_argument("--write", nargs="?", type=Path, const=PAGE, help="put the table into docs/performance.md")
    options = parser.parse_args()
    counts = [int(count) for count in options.counts.split(",")]
    compile_everything()
    found = {count: _timed(count, options.rounds, options.directory, dvc=count == max(counts)) for count in counts}
    text = f"{machine(options.directory)} Seconds, medians of {options.rounds} rounds.\n\n{_table(found)}"
    print(text)
    if options.write:
        publish(text, name="datasets", page=options.write)
    return 0


def _timed(count: int, rounds: int, directory: str | None, *, dvc: bool) -> dict[str, list[Timing]]:
    """The timings of each command in a repository of so many datasets."""
    with tempfile.TemporaryDirectory(prefix="dsv-benchmark-", dir=directory) as name:
        ours = side(Path(name), program="dsv")
        make_datasets(ours, count=count)
        one = name_of(count // 2)
        timings = _rounds(ours, one, rounds)
        if dvc:
            timings.update(_by_dvc(ours, one))
    print(f"{count:,} datasets done", file=sys.stderr)
    return timings


def _rounds(ours: Side, one: str, rounds: int) -> dict[str, list[Timing]]:
    timings: dict[str, list[Timing]] = {name: [] for name in (*_ASKED, _STATUS_CHANGED, _BUMP)}
    for words in _ASKED.values():  # the first call reads what it then remembers
        ours.call(*(word.format(one) for word in words), accept=(0, _NOT_CHANGED))
    for _ in range(rounds):
        for name, words in _ASKED.items():
            ours.call(*(word.format(one) for word in words), into=timings[name], accept=(0, _NOT_CHANGED))
        append_record(ours, one)
        ours.call("status", one, into=timings[_STATUS_CHANGED])
        ours.call("bump", one, into=timings[_BUMP])
        ours.call("status", one)  # the first look at a new release is a closer one
    return timings


def _by_dvc(ours: Side, one: str) -> Mapping[str, list[Timing]]:
    theirs = beside(ours, program="dvc")
    status = [theirs.call("status", f"data/{one}.dvc")]
    append_record(ours, one)
    return {_DVC_STATUS: status, _DVC_ADD: [theirs.call("add", f"data/{one}")]}


def _table(found: Mapping[int, Mapping[str, list[Timing]]]) -> str:
    few, many = min(found), max(found)
    rows = [["command", *(f"in {count:,}" for count in found), f"{many:,} to {few:,}"]]
    for name in (*_ASKED, _STATUS_CHANGED, _BUMP, _DVC_STATUS, _DVC_ADD):
        medians = {
            count: statistics.median(each.seconds for each in timings[name])
            for count, timings in found.items()
            if name in timings
        }
        cells = [f"{medians[count]:.3f}" if count in medians else "" for count in found]
        rows.append([name, *cells, f"{medians[many] / medians[few]:.2f}" if few in medians else ""])
    return markdown(rows)


if __name__ == "__main__":
    sys.exit(main())
