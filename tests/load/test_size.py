"""Loading what is large: in little memory, and at once where it was loaded before."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import dsv
from tests.conftest import Scratch

pytestmark = pytest.mark.heavy

COST = """
import resource, sys, dsv
version = dsv.load(sys.argv[1], sys.argv[2])
used = resource.getrusage(resource.RUSAGE_SELF)
records = sum(1 for _ in version.records()) if sys.argv[3] == "read" else 0
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(records, used.ru_utime + used.ru_stime, int(status["VmHWM"].split()[0]) >> 10)
"""


def cost(reference: str, root: Path, *, read: str = "") -> tuple[int, float, int]:
    """Records, processor seconds until the version is loaded, and the most mebibytes of memory that it took."""
    command = [sys.executable, "-c", COST, reference, str(root), read]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return int(said[0]), float(said[1]), int(said[2])


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSV_CACHE", str(tmp_path / "cache"))


def test_a_version_that_was_loaded_before_is_loaded_in_well_under_a_second(repo: Scratch):
    for number in range(20_000):
        repo.write(f"data/many/{number % 50}/{number}.json", json.dumps({"id": number}))
    dsv.open(repo.root).add("data/many")
    cost("many", repo.root)
    assert min(cost("many", repo.root)[1] for _ in range(3)) < 1


def test_memory_does_not_grow_with_the_number_of_records(repo: Scratch):
    line = json.dumps({"text": "some words " * 20, "nested": {"list": [1, 2, 3]}}) + "\n"
    repo.write("data/long/train.jsonl", "".join(line.replace("some", str(number)) for number in range(400_000)))
    dsv.open(repo.root).add("data/long")
    records, _, memory = cost("long", repo.root, read="read")
    assert records == 400_000
    assert memory < 100  # of 110 MB on the disk
