"""Processes that load at once, are killed on the way, or clear the cache meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import dsv
from tests.load.conftest import Published

pytestmark = pytest.mark.heavy

LOAD = """
import sys, json, dsv
version = dsv.load(sys.argv[1], sys.argv[2])
path = version.path
read = sum(1 for _ in version), sum(len(file.read_bytes().splitlines()) for file in path.iterdir())
print(json.dumps([version.digest, *read, str(path)]))
"""

KILLED = """
import os, signal, sys
wanted, done = int(sys.argv.pop(1)), 0
def look(event, arguments):
    global done
    writes = event in ("os.rename", "os.link", "os.mkdir")
    done += writes
    if writes and done == wanted:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(look)
"""


def begun(program: str, *arguments: str) -> subprocess.Popen[str]:
    """A process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def objects(cache: Path) -> list[Path]:
    """What is in the cache, staged things too."""
    return [file for file in (cache / "objects").rglob("*") if file.is_file()]


def test_many_processes_share_one_copy(published: Published, tmp_path: Path):
    loading = [begun(LOAD, "notes@1.x", published.url) for _ in range(8)]
    said = [process.communicate() for process in loading]
    assert [process.returncode for process in loading] == [0] * 8, said
    assert {out for out, _ in said} == {said[0][0]}
    _, records, lines, path = json.loads(said[0][0])
    assert (records, lines) == (101, 101)
    assert len(objects(tmp_path / "cache")) == 5  # two lists, two files and the digests
    assert [each.name for each in (tmp_path / "cache/views").iterdir() if each.is_dir()] == [Path(path).name]


def test_clearing_the_cache_meanwhile_takes_nothing_from_anybody(published: Published, tmp_path: Path):
    dsv.load("notes@1.0.0", published.url)
    loading = [begun(LOAD, f"notes@1.0.{number % 2}", published.url) for number in range(8)]
    removed = 0
    while any(process.poll() is None for process in loading):
        removed += len(dsv.cache(prune="0").removed)
        time.sleep(0.01)
    said = [process.communicate() for process in loading]
    assert [process.returncode for process in loading] == [0] * 8, said
    assert [json.loads(out)[1:3] for out, _ in said] == [[100, 100], [101, 101]] * 4
    removed += len(dsv.cache(prune="0").removed)
    assert removed >= 2
    assert objects(tmp_path / "cache") == []
    assert list((tmp_path / "cache/versions").iterdir()) == []


def test_one_that_is_killed_leaves_nothing_half(published: Published, tmp_path: Path):
    step, killed = -2, 0
    while True:
        step += 3
        os.environ["DSV_CACHE"] = str(tmp_path / f"cache{step}")
        process = begun(KILLED + LOAD, str(step), "notes@1.0.1", published.url)
        process.communicate()
        again = dsv.load("notes@1.0.1", published.url, verify=True)
        assert sum(1 for _ in again) == 101
        assert sorted(file.name for file in again.path.iterdir()) == again.files
        if process.returncode != -signal.SIGKILL:
            break
        killed += 1
    assert killed > 6
