"""A large file of JSON Lines read in parts, by several processes or by a cluster, is what it is in one piece."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, closing, nullcontext
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from dsv.adapters.executor import Here, processes
from dsv.adapters.executor.dask import dask_cluster
from dsv.model.reading import Reading
from dsv.records.collect import read_all
from dsv.records.jobs import Target, plan
from dsv.records.runs import KEYED_ROW, SortedRuns
from dsv.records.scan import Terms
from dsv.records.workers import Workers
from tests.executor.datasets import lines

PART = 256 << 10
TERMS = Terms(Reading(), ("id",))


@pytest.fixture
def targets(tmp_path: Path) -> list[Target]:
    contents = {
        "bad.jsonl": lines(0, 9_000, words=2).replace(b'"id": "r0004321"', b"").replace(b'{"id": "r0008765"', b""),
        "no_end.jsonl": lines(20_000, 9_000, words=2).rstrip(),
        "long.jsonl": lines(40_000, 2, words=20_000) + lines(40_002, 1_000),
        "small.jsonl": lines(90_000, 10),
        "without_key.jsonl": lines(50_000, 9_000).replace(b'"id"', b'"no"', 7_000),
    }
    found = []
    for number, (name, content) in enumerate(sorted(contents.items())):
        (tmp_path / name).write_bytes(content)
        found.append(Target(str(tmp_path / name), name, number, len(content)))
    return found


def everything(targets: list[Target], workers: AbstractContextManager[Workers], spill: Path) -> tuple[Any, ...]:
    """The scans, the profile and the rows of all files."""
    with workers as those, closing(SortedRuns(KEYED_ROW.size, directory=str(spill))) as runs:
        assert those.count == (1 if isinstance(those, Here) else 2)
        settled = [target.path for target in targets]
        read = read_all(targets, TERMS, workers=those, runs=runs, settled=settled, spill=str(spill), part_size=PART)
        return {path: read.scans[path] for path in sorted(read.scans)}, read.profile, b"".join(runs)


def by_processes(targets: list[Target], spill: Path) -> tuple[Any, ...]:
    """The same by two processes; to be called in a process that may fork."""
    with processes(2) as two:
        assert not isinstance(two, Here)
        return everything(targets, nullcontext(two), spill)


def in_a_fresh_process(function: Callable[..., Any], *arguments: Any) -> Any:
    """What the function returns in a process without the threads of this one."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def test_large_files_are_cut(targets: list[Target]) -> None:
    jobs = list(plan(targets, TERMS, workers=2, settled=[target.path for target in targets], part_size=PART))
    assert len(jobs) > 20
    assert len(list(plan(targets, TERMS, workers=1, settled=[target.path for target in targets], part_size=PART))) == 5


@pytest.mark.heavy
def test_parts_make_the_whole(targets: list[Target], cluster: str, tmp_path: Path) -> None:
    sources = [target.source for target in targets]
    address = cluster.replace("dask://", "tcp://")
    spill = tmp_path / "spill"
    spill.mkdir()
    expected = everything(targets, nullcontext(Here()), spill)
    scans = expected[0]
    assert [bad.line for bad in scans["bad.jsonl"].bad] == [4_322, 8_766]
    assert scans["without_key.jsonl"].missing_keys == 7_000
    assert in_a_fresh_process(by_processes, targets, spill) == expected
    for shared in ([str(spill)], []):
        workers = dask_cluster(address, sources=sources, directories=shared)
        assert everything(targets, workers, spill) == expected
    assert list(spill.iterdir()) == []
