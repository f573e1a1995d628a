"""A scheduler and two workers, each a process of its own, as a person would start them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_WAIT = 60


@contextmanager
def started(*arguments: str, log: Path, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Dask's command line, gone afterwards."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
            stdout=out,
            stderr=out,
            cwd=log.parent,
            env={**os.environ, **(environment or {})},
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def worker(address: str, directory: Path, name: str, environment: dict[str, str] | None = None) -> Iterator[None]:
    """One worker with one thread."""
    local = directory / name
    local.mkdir()
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0", "--name", name]
    with started(
        "dask_worker",
        address.replace("dask://", "tcp://"),
        *options,
        "--local-directory",
        str(local),
        log=directory / f"{name}.log",
        environment=environment,
    ):
        yield


@contextmanager
def scheduler(directory: Path, processes: list[subprocess.Popen[bytes]] | None = None) -> Iterator[str]:
    """The address of a scheduler without workers, which is added to the processes."""
    file = directory / "scheduler.json"
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    with started("dask_scheduler", *options, log=directory / "scheduler.log") as process:
        if processes is not None:
            processes.append(process)
        until = time.monotonic() + _WAIT
        while not file.exists() or not file.read_text().rstrip().endswith("}"):
            assert process.poll() is None, (directory / "scheduler.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.05)
        yield str(json.loads(file.read_text())["address"]).replace("tcp://", "dask://")


@pytest.fixture(scope="session")
def cluster_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the scheduler and the workers write their logs."""
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="session")
def cluster(cluster_directory: Path) -> Iterator[str]:
    """The address of a scheduler with two workers."""
    pytest.importorskip("distributed")
    directory = cluster_directory
    with (
        scheduler(directory) as address,
        worker(address, directory, "one"),
        worker(address, directory, "two"),
    ):
        from distributed import Client

        with Client(address.replace("dask://", "tcp://"), set_as_default=False) as client:
            client.wait_for_workers(2, timeout=_WAIT)
        yield address
