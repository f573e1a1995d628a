"""Time dsv on more and more records and files: the cost of one must not grow with their number.

    python benchmarks/scale.py [--records 100000,1000000,10000000] [--files 1000,10000,100000]
                               [--rounds 1] [--directory DIR] [--write]

Records are JSON Lines of about 200 bytes in four files, so ten million of them are 2 GB (and need 10 GB while they are
worked on); files are JSON documents of 1.9 KB. `--records ''` or `--files ''` leaves one of the two out.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from data import change_files, change_records, make_short_records, make_small_files
from sides import Timing, compile_everything, newest_version, side
from table import PAGE, machine, markdown, publish

_ONE_IN = 100
_STEPS = (
    ("add", ("add", "data")),
    ("status, nothing changed", ("status",)),
    ("status after 1 % changed", ("status",)),
    ("bump after 1 % changed", ("bump", "data")),
    ("diff of the two versions", ("diff", "data@1.0.0", "{last}")),
)
_CHANGE_BEFORE = 2
"""The number of the step before which data changes."""


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", default="100000,1000000,10000000", help="how many records, parted by commas")
    parser.add_argument("--files", default="1000,10000,100000", help="how many files, parted by commas")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--directory", help="where to work; default: a temporary directory")
    parser.add_argument("--write", nargs="?", type=Path, const=PAGE, help="put the table into docs/performance.md")
    options = parser.parse_args()
    compile_everything()
    rows = [["work", "of", "s", "CPU s", "µs each", "MB", "open files"]]
    for unit, make, change, counts in (
        ("records", make_short_records, change_records, options.records),
        ("files", make_small_files, change_files, options.files),
    ):
        found: dict[str, list[list[str]]] = {name: [] for name, _ in _STEPS}
        for count in map(int, filter(None, counts.split(","))):
            for name, timings in _timed(count, make, change, options.rounds, options.directory).items():
                found[name].append(_row(name, f"{count:,} {unit}", timings, count=count))
            print(f"{count:,} {unit} done", file=sys.stderr)
        rows += [row for name, _ in _STEPS for row in found[name]]
    text = f"{machine(options.directory)} Medians of {options.rounds} rounds.\n\n{markdown(rows)}"
    print(text)
    if options.write:
        publish(text, name="scale", page=options.write)
    return 0


def _timed(
    count: int,
    make: Callable[..., None],
    change: Callable[..., None],
    rounds: int,
    directory: str | None,
) -> dict[str, list[Timing]]:
    """The timings of each step over the rounds."""
    timings: dict[str, list[Timing]] = {name: [] for name, _ in _STEPS}
    with tempfile.TemporaryDirectory(prefix="dsv-benchmark-", dir=directory) as name:
        for number in range(rounds):
            where = Path(name, str(number))
            ours = side(where, program="dsv")
            make(ours.root / "data", count=count)
            last = ""
            for step, (what, words) in enumerate(_STEPS):
                if step == _CHANGE_BEFORE:
                    change(ours.root / "data", one_in=_ONE_IN)
                ours.call(*(word.format(last=last) for word in words), into=timings[what])
                last = newest_version(ours)
            shutil.rmtree(where)
    return timings


def _row(name: str, what: str, timings: list[Timing], *, count: int) -> list[str]:
    taken = statistics.median(each.seconds for each in timings)
    return [
        name,
        what,
        f"{taken:.2f}",
        f"{statistics.median(each.processor for each in timings):.2f}",
        f"{taken / count * 1e6:.2f}",
        f"{max(each.memory for each in timings) / 1e6:.0f}",
        str(max(each.files for each in timings)),
    ]


if __name__ == "__main__":
    sys.exit(main())
