"""Time what is done with scores of many records: import by key, summaries, a query, what is left, a release.

    python benchmarks/scores.py [--records 1000000] [--rounds 1] [--directory DIR]

Records are JSON Lines of about 200 bytes in four files, with a key; the rows of scores come in another order and have a
number, a verdict, a text and a facet each. What to look at is the import (at most 30 s for a million rows) and its
memory, which must not grow with the rows.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from data import change_records, make_short_records
from sides import Side, Timing, compile_everything, side
from table import machine, markdown

_CONDITION = "quality_score < 0.01 and judge_passed"
_IMPORT = ("quality", "import", "data@1.0.0", "{scores}", "--scorer", "judge")
_STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("import by key", _IMPORT),
    ("import of one row", ("quality", "import", "data@1.0.0", "{one}", "--scorer", "judge")),
    ("show, first", ("quality", "show", "data")),
    ("show again", ("quality", "show", "data")),
    (
        "query, 20 rows",
        ("quality", "query", "data", "--where", _CONDITION, "--limit", "20"),
    ),
    ("bump after 1 % changed", ("bump", "data")),
    ("todo --to FILE", ("quality", "todo", "data", "--scorer", "judge", "--to", "{todo}")),
)
_CHANGE_BEFORE = "bump after 1 % changed"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--directory", help="where to work; default: a temporary directory")
    options = parser.parse_args()
    compile_everything()
    timings: dict[str, list[Timing]] = {name: [] for name, _ in _STEPS}
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory(prefix="dsv-benchmark-", dir=options.directory) as name:
            _round(Path(name), timings, records=options.records)
    rows = [
        ["work", "s", "CPU s", "µs a record", "MB"],
        *(_row(name, timings[name], options.records) for name in timings),
    ]
    print(f"{options.records:,} records. {machine(options.directory)}\n\n{markdown(rows)}")
    return 0


def _round(where: Path, timings: dict[str, list[Timing]], *, records: int) -> None:
    ours = side(where / "repository", program="dsv")
    make_short_records(ours.root / "data", count=records)
    ours.call("add", "data", "--key", "id")
    files = {name: where / f"{name}.jsonl" for name in ("scores", "one", "todo")}
    make_scores(files["scores"], count=records)
    files["one"].write_text('{"id": "r0", "quality_score": 1}\n')
    for name, words in _STEPS:
        if name == _CHANGE_BEFORE:
            change_records(ours.root / "data")
        _call(ours, words, files, timings[name])


def _call(ours: Side, words: Sequence[str], files: dict[str, Path], into: list[Timing]) -> None:
    ours.call(*(word.format(**files) if word.startswith("{") else word for word in words), into=into)


def make_scores(path: Path, *, count: int) -> None:
    """A row for each record of `make_short_records`, in another order."""
    randomness = random.Random(4)
    order = list(range(count))
    randomness.shuffle(order)
    with path.open("w") as file:
        for number in order:
            file.write(
                f'{{"id": "r{number}", "quality_score": {randomness.random():.4f}, "judge_passed": '
                f'{"true" if number % 3 else "false"}, "judge_feedback": "the date of {number} is right", '
                f'"agent_type": "{"abc"[number % 3]}"}}\n'
            )


def _row(name: str, timings: Sequence[Timing], records: int) -> list[str]:
    taken = statistics.median(each.seconds for each in timings)
    return [
        name,
        f"{taken:.2f}",
        f"{statistics.median(each.processor for each in timings):.2f}",
        f"{taken / records * 1e6:.2f}",
        f"{max(each.memory for each in timings) / 1e6:.0f}",
    ]


if __name__ == "__main__":
    sys.exit(main())
