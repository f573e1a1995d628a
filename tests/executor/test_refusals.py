"""A cluster that cannot be used is refused in one line that says why, and nothing is written."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsv.adapters.executor import dask
from dsv.errors import DiskError, UnsupportedError, UsageError
from dsv.model.executor import LOCAL, Executor, Place
from dsv.records.jobs import ReadFiles, Target, run
from dsv.records.scan import Terms
from tests.conftest import Scratch, numbered
from tests.executor.conftest import scheduler, worker


@pytest.mark.parametrize(
    ("text", "executor"),
    [
        ("serial", Executor(Place.SERIAL)),
        ("local", LOCAL),
        ("local:12", Executor(processes=12)),
        ("dask://host-1.example:8786", Executor(Place.DASK, address="tcp://host-1.example:8786")),
        ("tls://[::1]:8786", Executor(Place.DASK, address="tls://[::1]:8786")),
    ],
)
def test_places_to_read_files(text: str, executor: Executor) -> None:
    assert Executor.parse(text) == executor


@pytest.mark.parametrize(
    "text",
    ["", "dask", "dask://", "dask://host", "dask://host:0", "dask://host:70000", "local:0", "local:x", "ssh://h:1"],
)
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(UsageError, match="--executor"):
        Executor.parse(text)


def test_what_is_no_place_is_wrong_usage(repo: Scratch) -> None:
    for command in (["status", "--executor", "ssh://host:22"], ["--executor", "local:0", "list"]):
        assert "--executor" in repo.refused(*command, code=2, kind="usage")["message"]


def test_a_scheduler_that_nobody_runs(released: Scratch) -> None:
    pytest.importorskip("distributed")
    released.records("data/notes/more.jsonl", numbered(5, start=200))
    began = time.monotonic()
    error = released.dsv("status", "--executor", f"dask://127.0.0.1:{free_port()}", code=50)
    assert time.monotonic() - began < 12
    assert error.stderr.count("\n") == 2
    assert error.stderr.startswith("error: the Dask scheduler at tcp://127.0.0.1:")


def test_an_address_where_something_else_answers(released: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(dask, "DEADLINE_SECONDS", 2)
    released.records("data/notes/more.jsonl", numbered(5, start=200))
    with something_else() as port:
        released.refused("status", "--executor", f"dask://127.0.0.1:{port}", code=50, kind="network")


@pytest.mark.heavy
def test_a_cluster_without_workers(released: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "DEADLINE_SECONDS", 1)
    pytest.importorskip("distributed")
    released.records("data/notes/more.jsonl", numbered(5, start=200))
    with scheduler(tmp_path) as address:
        error = released.refused("status", "--executor", address, code=50, kind="network")
    assert "no workers" in error["message"]


@pytest.mark.heavy
def test_a_worker_with_another_dsv(released: Scratch, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    released.records("data/notes/more.jsonl", numbered(5, start=200))
    late = tmp_path / "late"
    (late / "dsv-0.0.9.dist-info").mkdir(parents=True)
    (late / "dsv-0.0.9.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: dsv\nVersion: 0.0.9\n")
    with scheduler(tmp_path) as address, worker(address, tmp_path, "other", {"PYTHONPATH": str(late)}):
        error = released.refused("status", "--executor", address, code=50, kind="unsupported")
    assert "has dsv 0.0.9, and here it is" in error["message"]


@pytest.mark.heavy
def test_a_worker_without_dsv(released: Scratch, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    released.records("data/notes/more.jsonl", numbered(5, start=200))
    late = tmp_path / "late"
    late.mkdir()
    (late / "sitecustomize.py").write_text("import sys\nsys.modules['dsv'] = None\n")
    with scheduler(tmp_path) as address, worker(address, tmp_path, "other", {"PYTHONPATH": str(late)}):
        error = released.refused("status", "--executor", address, code=50, kind="unsupported")
    assert "cannot run dsv" in error["message"]


def test_workers_that_do_not_see_the_files(cluster: str, tmp_path: Path) -> None:
    address = cluster.replace("dask://", "tcp://")
    mine = tmp_path / "mine.jsonl"
    mine.write_text("{}\n")
    with dask.dask_cluster(address, sources=[str(mine)], directories=[]) as workers:
        assert workers.count == 2
    # What lies there is another thing for each process, as a path is on another machine.
    with pytest.raises(UnsupportedError, match="sees another file at '/proc/self/stat'"):
        dask.dask_cluster(address, sources=[str(mine), "/proc/self/stat"], directories=[]).__enter__()


def test_without_the_package_the_error_says_what_to_install(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(5, start=200))
    blocked = "import sys; sys.modules['distributed'] = None; from dsv.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", blocked, "status", "--executor", "dask://127.0.0.1:8786"],
        cwd=released.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 50
    assert "needs the package distributed" in done.stderr
    assert "pip install 'dsv[dask]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_of_a_worker_is_of_the_same_kind_here(cluster: str) -> None:
    address = cluster.replace("dask://", "tcp://")
    with dask.dask_cluster(address, sources=[], directories=[]) as workers:
        assert workers.submit(os.getpid).result() != os.getpid()
        gone = workers.submit(run, ReadFiles([Target("/no/such", "data/notes", 0, 5)]), Terms(), None, None)
        with pytest.raises(DiskError, match=r"cannot read data/notes"):
            gone.result()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def something_else() -> Iterator[int]:
    """The port of a server that answers whoever comes with a word of its own."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            with contextlib.suppress(OSError):
                while True:
                    there, _ = server.accept()
                    there.sendall(b"220 example ESMTP ready, who are you\r\n" * 4)
                    there.close()

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        yield int(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)
