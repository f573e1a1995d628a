"""A cluster that fails on the way, or a person who has seen enough: one line, and the repository as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dsv.adapters.executor import dask
from dsv.errors import ExternalError, NetworkError
from tests.conftest import Scratch
from tests.executor.conftest import scheduler, started, worker
from tests.executor.datasets import lines

pytest.importorskip("distributed")


@pytest.mark.heavy
def test_workers_that_all_die(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "WORKERLESS_SECONDS", 1)
    with (
        scheduler(tmp_path) as address,
        worker(address, tmp_path, "only"),
        pytest.raises(NetworkError, match="has lost all its workers"),
    ):
        with_cluster(address, os._exit, 1)


@pytest.mark.heavy
def test_a_job_that_kills_every_worker(tmp_path: Path) -> None:
    options = ["--nthreads", "1", "--nanny", "--no-dashboard", "--memory-limit", "0"]
    with (
        scheduler(tmp_path) as address,
        started("dask_worker", address.replace("dask", "tcp"), *options, log=tmp_path / "nanny.log"),
        pytest.raises(ExternalError, match="failed"),
    ):
        with_cluster(address, os._exit, 1)


def test_a_scheduler_that_goes_away(tmp_path: Path) -> None:
    processes: list[subprocess.Popen[bytes]] = []
    with (
        scheduler(tmp_path, processes) as address,
        worker(address, tmp_path, "only"),
        pytest.raises(NetworkError, match="has gone away"),
    ):
        with_cluster(address, os.kill, processes[0].pid, signal.SIGKILL)


def with_cluster(address: str, function: object, *arguments: object) -> object:
    """What the call gives on the cluster."""
    with dask.dask_cluster(address.replace("dask://", "tcp://"), sources=[], directories=[]) as workers:
        return workers.submit(function, *arguments).result(timeout=60)


@pytest.mark.heavy
def test_ctrl_c_leaves_the_repository_as_it_was(repo: Scratch, cluster: str) -> None:
    content = lines(0, 60_000, words=3)
    for number in range(6):
        repo.write(f"data/notes/{number}.jsonl", content)
    before = repo.git("status", "--porcelain"), repo.git("rev-parse", "HEAD")
    command = [sys.executable, "-m", "dsv", "add", "data/notes", "--executor", cluster]
    process = subprocess.Popen(command, cwd=repo.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 30
    while not list((repo.root / ".git/dsv").rglob("rows*")):
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, out + err
    assert err.startswith("error: interrupted")
    assert "Traceback" not in err
    assert (repo.git("status", "--porcelain"), repo.git("rev-parse", "HEAD")) == before
    repo.dsv("add", "data/notes", "--executor", cluster)
