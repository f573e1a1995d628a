"""Time dsv beside DVC on the same data, in turns, on this machine.

    python benchmarks/run.py [--files 50000] [--megabytes 2000] [--rounds 3] [--only PART]... [--write]

Each round makes a fresh dsv repository and a fresh DVC repository and gives both the same work, the one first in one
round and the other in the next. What is printed are medians over the rounds with the smallest and the largest, the
ratio of each round, and what is aimed at. Trust the ratios, not the seconds. `--write` puts the table into
docs/performance.md.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import which
from catalogue import make_catalogue
from data import change_files, change_records, make_large_files, make_small_files
from registry import gto_in
from repositories import append_record, name_of
from sides import Side, Timing, compile_everything, newest_version, side, two_sides
from table import PAGE, Limit, Unit, Work, machine, publish, seconds, times, work_table

_REPEATED = 3
"""So often in each round what takes a fraction of a second."""

_NOTHING_CHANGED = 20
_VERSIONS_EACH = 20
"""So many versions a dataset of the catalogue has."""
_COMPLETION = {"_DSV_COMPLETE": "complete_bash", "COMP_WORDS": "dsv b", "COMP_CWORD": "1"}


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    files: int
    megabytes: int
    key: Sequence[str]
    manifests: int
    versions: int
    records: int
    rounds: int
    gto_seconds: float


def main() -> int:
    """Run the parts and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=50_000, help="number of small files")
    parser.add_argument("--megabytes", type=int, default=2_000, help="size of the JSON Lines")
    parser.add_argument("--key", action="append", default=[], help="a field of the JSON Lines' key, such as id")
    parser.add_argument("--manifests", type=int, default=10_000, help="number of versions under the search index")
    parser.add_argument("--versions", type=int, default=100, help="number of versions that dsv which searches")
    parser.add_argument("--records", type=int, default=1_000_000, help="records in each of them")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gto-seconds", type=float, default=600, help="when a call of GTO is given up; 0: without GTO")
    parser.add_argument("--directory", help="where to work (needs six times the data); default: a temporary directory")
    parser.add_argument("--only", action="append", choices=sorted(_PARTS), help="a part; can be given again")
    parser.add_argument("--write", nargs="?", type=Path, const=PAGE, help="put the table into docs/performance.md")
    options = parser.parse_args()
    sizes = Sizes(
        options.files,
        options.megabytes,
        [word for field in options.key for word in ("--key", field)],
        options.manifests,
        options.versions,
        options.records,
        options.rounds,
        options.gto_seconds,
    )
    compile_everything()
    rows: list[Work] = []
    for name, part in _PARTS.items():
        if name in (options.only or _PARTS):
            with tempfile.TemporaryDirectory(prefix="dsv-benchmark-", dir=options.directory) as scratch:
                rows += part(Path(scratch), sizes)
            print(f"{name}: done", file=sys.stderr)
    text = f"{machine(options.directory)} {options.rounds} rounds.\n\n{work_table(rows)}"
    print(text)
    if options.write:
        publish(text, name="budget", page=options.write)
    return 0


def small_files(scratch: Path, sizes: Sizes) -> list[Work]:
    """A dataset of many small files: added, looked at, changed, switched; and what shows no data."""
    make_small_files(scratch / "data", count=sizes.files)
    files = f"{sizes.files:,} small files"
    added = Work(f"add of {files}", times(0.25), "dvc add")
    created = Work("the kernel's part of it: the objects only created", None, "dvc add", dvc=added.dvc)
    nothing = Work(f"status, nothing changed, {files}", times(0.15), "dvc status")
    no_release = Work(f"bump, nothing changed, {files}", times(0.15), "dvc status", dvc=nothing.dvc)
    bumped = Work(f"bump after 5 % of {files} changed", None, "dvc add")
    switched = Work(f"checkout of the other version, {files}", times(0.5), "dvc checkout")
    shown = {
        "list": Work("list", seconds(0.15)),
        "log": Work("log", seconds(0.15)),
        "--version": Work("--version", seconds(0.1)),
        "": Work("completion of a command", seconds(0.15)),
    }
    for pair in _rounds(scratch, sizes):
        pair.run(added, ("add", "data"), against=("add", "data"))
        _create_only(pair.ours, scratch / "created", into=created)
        pair.theirs.commit("first")
        for _ in range(_REPEATED):
            pair.run(nothing, ("status",), against=("status",))
            pair.ours.call("bump", "data", into=no_release.dsv, accept=(_NOTHING_CHANGED,))
            for words, work in shown.items():
                (pair.ours if words else pair.completing()).call(*words.split(), into=work.dsv)
        for each in (pair.ours, pair.theirs):
            change_files(each.root / "data")
        pair.run(bumped, ("bump", "data"), against=("add", "data"))
        pair.theirs.commit("second")
        pair.theirs.git("checkout", "-q", "first")
        pair.run(switched, ("checkout", "data@1.0.0"), against=("checkout",))
    return [added, created, nothing, no_release, bumped, switched, *shown.values(), _memory(added, bumped)]


def _create_only(ours: Side, target: Path, *, into: Work) -> None:
    """What the kernel takes to create the objects of the data, now: that differs from minute to minute."""
    program = replace(ours, program=sys.executable)
    program.call(str(Path(__file__).with_name("creating.py")), "data", str(target), into=into.dsv)
    shutil.rmtree(target)


def large_files(scratch: Path, sizes: Sizes) -> list[Work]:
    """A dataset of a few large JSONL files: added, then changed, then compared from its record indexes."""
    records = make_large_files(scratch / "data", size=sizes.megabytes << 20)
    what = f"{sizes.megabytes:,} MiB of JSON Lines in 4 files"
    added = Work(f"add of {what}, {records:,} records", times(1.25), "dvc add")
    bumped = Work("bump of the same after 5 % of its records changed", times(1.2), "dvc add")
    compared = Work("diff of these two versions from their record indexes", seconds(1))
    for pair in _rounds(scratch, sizes):
        pair.run(added, ("add", "data", *sizes.key), against=("add", "data"))
        pair.theirs.commit("first")
        for each in (pair.ours, pair.theirs):
            change_records(each.root / "data")
        pair.run(bumped, ("bump", "data"), against=("add", "data"))
        for _ in range(_REPEATED):
            pair.ours.call("diff", "data@1.0.0", newest_version(pair.ours), into=compared.dsv)
    compared_memory = Work("memory of that diff", Limit(100, Unit.MEGABYTES), dsv=compared.dsv)
    return [added, bumped, compared, compared_memory, _memory(added, bumped)]


def search_index(scratch: Path, sizes: Sizes) -> list[Work]:
    """The search index of many versions: made anew, asked when nothing is new, and when one version is; beside GTO."""
    ours = side(scratch, program="dsv")
    make_catalogue(ours, datasets=max(2, sizes.manifests // _VERSIONS_EACH), versions=sizes.manifests)
    rebuilt = Work(f"index of {sizes.manifests:,} versions, rebuilt", seconds(8))
    one = Work("the same, one version new (dsv list after a bump)", seconds(0.35))
    shown = {
        ("list",): Work("the same, nothing new (dsv list)", seconds(0.15), "gto show"),
        ("log", name_of(1)): Work("log of a dataset in it", seconds(0.15), "gto show NAME"),
        ("search", "footnotes"): Work("search in it", None),
        ("publish",): Work("publish it to a file", None),
    }
    for _ in range(sizes.rounds):
        (ours.root / ".git/dsv/index.db").unlink(missing_ok=True)
        ours.call("index", "rebuild", into=rebuilt.dsv)
        for _ in range(_REPEATED):
            for words, work in shown.items():
                ours.call(*(("index", "publish", "../catalogue.db") if words == ("publish",) else words), into=work.dsv)
        append_record(ours, name_of(0))
        ours.call("bump", name_of(0))
        ours.call("list", into=one.dsv)
    gto = gto_in(ours, scratch / "gto") if sizes.gto_seconds else None
    if gto is not None:
        gto.call("show", into=shown[("list",)].dvc, at_most=sizes.gto_seconds)
        gto.call("show", name_of(1), into=shown[("log", name_of(1))].dvc, at_most=sizes.gto_seconds)
    return [rebuilt, one, *shown.values()]


def lookups(scratch: Path, sizes: Sizes) -> list[Work]:
    """A record looked up in many versions of many records, in a process that has started (benchmarks/which.py)."""
    record = which.make(scratch, versions=sizes.versions, records=sizes.records)
    warm, cold = which.searches(scratch, record, rounds=max(_REPEATED, sizes.rounds))
    what = f"which, {sizes.versions} versions of {sizes.records:,} records, after start-up"
    return [
        Work(f"{what}, warm", seconds(0.05), dsv=[Timing(found, 0, 0, 0) for found in warm]),
        Work(f"{what}, cold", seconds(0.15), dsv=[Timing(found, 0, 0, 0) for found in cold]),
    ]


_PARTS: dict[str, Callable[[Path, Sizes], list[Work]]] = {
    "small": small_files,
    "large": large_files,
    "index": search_index,
    "which": lookups,
}


@dataclass(frozen=True)
class _Pair:
    """Two repositories with the same data, in one round."""

    ours: Side
    theirs: Side
    number: int

    def run(self, work: Work, ours: Sequence[str], *, against: Sequence[str]) -> None:
        """What we do and what they do, the other one first in every second round."""
        calls = [(self.ours, ours, work.dsv), (self.theirs, against, work.dvc)]
        for each, words, timings in calls if self.number % 2 == 0 else calls[::-1]:
            each.call(*words, into=timings)

    def completing(self) -> Side:
        """Our side as a shell calls it that completes a command."""
        return replace(self.ours, environment={**self.ours.environment, **_COMPLETION})


def _rounds(scratch: Path, sizes: Sizes) -> Iterator[_Pair]:
    """A fresh pair for each round, with a copy of the data, gone after it."""
    for number in range(sizes.rounds):
        where = scratch / f"round{number}"
        yield _Pair(*two_sides(where, scratch / "data"), number)
        shutil.rmtree(where)


def _memory(*works: Work) -> Work:
    """The row about the memory of these."""
    names = " and ".join(dict.fromkeys(work.name.split()[0] for work in works))
    timings = [timing for work in works for timing in work.dsv]
    return Work(f"memory of {names}, all processes", Limit(500, Unit.MEGABYTES), dsv=timings)


if __name__ == "__main__":
    sys.exit(main())
