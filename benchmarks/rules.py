"""Time releases of a dataset with rules beside those of the same dataset without.

    python benchmarks/rules.py [--records 1000000] [--rounds 3] [--directory DIR] [--write [PAGE]]

Both repositories hold the same records in four files, two splits among them. Ten rules are told from the profile of the
fields and the record index, or noted in the scan; one more is about a protected dataset of two versions. The last
rows are of releases that are refused, which finds the first records that break a rule.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sides import Side, Timing, compile_everything, side
from table import PAGE, machine, markdown, publish

RULES = (
    "records >= 1000",
    "duplicates() == 0",
    "duplicates(url) == 0",
    "missing(score) <= 1%",
    "values(label) in [yes, no, maybe]",
    "values(score) between 0 and 1",
    "length(text) between 10 and 20000",
    "avg(score) >= 0.4",
    "removed <= 5%",
    "overlap(train, test) == 0",
)
_BROKEN = {"length(text) >= 87": "from the profile, records read again", "avg(score) >= 0.9": "noted in the scan"}
_FILES = 4
_WORDS = (
    "lease",
    "tenant",
    "of",
    "the",
    "premises",
    "shall",
    "pay",
    "rent",
    "monthly",
    "in",
    "advance",
    "and",
    "insure",
)
_REFUSED = 1


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--directory", help="where to work; default: a temporary directory")
    parser.add_argument("--write", nargs="?", type=Path, const=PAGE, help="put the table into docs/performance.md")
    options = parser.parse_args()
    compile_everything()
    rows = [["command", "without rules", f"with {len(RULES) + 1} rules", "processor, without", "processor, with"]]
    found: dict[str, dict[str, list[Timing]]] = {}
    for _ in range(options.rounds):
        for name, rules in (("without", ()), ("with", RULES)):
            with tempfile.TemporaryDirectory(prefix="dsv-benchmark-", dir=options.directory) as place:
                _round(Path(place), options.records, rules, into=found.setdefault(name, {}))
    for work in found["with"]:
        sides = [found[name].get(work, ()) for name in ("without", "with")]
        rows.append([work, *map(_seconds, sides), *map(_processor, sides)])
    text = f"{machine(options.directory)} {options.records:,} records; seconds, medians of {options.rounds} rounds.\n\n"
    text += markdown(rows)
    print(text)
    if options.write:
        publish(text, name="rules", page=options.write)
    return 0


def _seconds(timings: Sequence[Timing]) -> str:
    return f"{statistics.median(each.seconds for each in timings):.1f}" if timings else ""


def _processor(timings: Sequence[Timing]) -> str:
    return f"{statistics.median(each.processor for each in timings):.1f}" if timings else ""


def _round(place: Path, records: int, rules: Sequence[str], *, into: dict[str, list[Timing]]) -> None:
    """One repository, released twice."""
    ours = side(place, program="dsv")
    ours.call("init")
    _write_exam(ours, records // 100)
    for number in range(_FILES):
        stem = "test" if number == _FILES - 1 else f"train-{number}"
        each = records // _FILES
        _write(ours, f"data/notes/{stem}.jsonl", range(number * each, (number + 1) * each))
    _declare(ours, rules)
    ours.call("add", "data/notes", "--name", "notes", into=into.setdefault("add", []))
    ours.call("status", "notes")
    ours.call("status", "notes", into=into.setdefault("status, nothing changed", []))
    _write(ours, "data/notes/train-0.jsonl", range(records // _FILES - records // 100), edited=True)
    ours.call("bump", "notes", into=into.setdefault("bump, one of four files changed", []))
    if not rules:
        return
    for number, (rule, how) in enumerate(_BROKEN.items()):
        _declare(ours, [*rules, rule])
        _write(ours, "data/notes/more.jsonl", range(records, records + 10 + number))
        timings = into.setdefault(f"bump, refused: {rule} ({how})", [])
        ours.call("bump", "notes", into=timings, accept=(_REFUSED,))


def _declare(ours: Side, rules: Sequence[str]) -> None:
    """dataset.yaml with the rules; with any, the exam is protected."""
    lines = ["schema: 1", "name: notes", "path: data/notes", "key: [id]"]
    if rules:
        lines += ["checks:", *(f"- {rule}" for rule in rules)]
        (ours.root / "dsv.yaml").write_text("schema: 1\nprotected: [exam]\n")
    file = ours.root / "manifests/notes/dataset.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n")


def _write_exam(ours: Side, records: int) -> None:
    for start in (0, records // 2):
        _write(ours, "data/exam.jsonl", range(-start - records, -start))
        ours.call(*(("bump", "exam") if start else ("add", "data/exam.jsonl", "--name", "exam")))


def _write(ours: Side, path: str, numbers: range, *, edited: bool = False) -> None:
    file = ours.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as stream:
        stream.writelines(json.dumps(_record(number, edited=edited)) + "\n" for number in numbers)


def _record(number: int, *, edited: bool) -> dict[str, object]:
    words = [_WORDS[(number * step) % len(_WORDS)] for step in range(3, 19)]
    record: dict[str, object] = {"id": f"r{number}", "url": f"https://example.com/{number}", "text": " ".join(words)}
    if number % 200:
        record["score"] = (number * 7919 % 10_007) / 10_007
    record["label"] = ("yes", "no", "maybe")[number % 3]
    return record | ({"edited": number} if edited and number % 25 == 0 else {})


if __name__ == "__main__":
    sys.exit(main())
