"""A repository of another team, on servers of several kinds."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import Scratch, call


@dataclass(frozen=True)
class Team:
    """Another team's repository as somebody there works on it, and the bare one that everybody reads."""

    work: Scratch
    bare: Path

    @property
    def url(self) -> str:
        """Where it is read from."""
        return f"file://{self.bare}"

    def git(self, *arguments: str) -> str:
        """Run git in the bare one."""
        return call("git", *arguments, cwd=self.bare)

    def push(self) -> None:
        """What was done goes to the bare one."""
        self.work.git("push", "-q", "--mirror", str(self.bare))

    def release(self, *records: str) -> str:
        """The next version of its dataset, with these records more, published; its number."""
        with (self.work.root / "data/notes/train.jsonl").open("a") as stream:
            stream.writelines(f'{{"id": "{each}", "text": "{each}"}}\n' for each in records)
        version = self.work.json("bump", "notes")["version"]
        self.push()
        return str(version)

    def leave_no_files_out(self) -> None:
        """From now on its server cannot do what a clone without files asks for."""
        self.git("config", "uploadpack.allowFilter", "false")


@pytest.fixture(scope="session")
def _team(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Path:
    """Made once: two versions, one of them promoted, a dataset more on a branch, and a large file that git keeps."""
    top = tmp_path_factory.mktemp("team")
    shutil.copytree(_templates["released"], top / "work", symlinks=True)
    work = Scratch(top / "work")
    work.write("large.bin", os.urandom(300_000))
    work.git("add", "large.bin")
    work.git("commit", "-qm", "What has no place in git")
    with (work.root / "data/notes/train.jsonl").open("a") as stream:
        stream.write('{"id": "more", "text": "one more"}\n')
    work.dsv("bump", "notes")
    work.dsv("promote", "notes@1.0.0", "prod")
    shutil.rmtree(top / "work/.git/dsv/work", ignore_errors=True)
    call("git", "clone", "-q", "--mirror", "work", "team.git", cwd=top)
    call("git", "config", "uploadpack.allowFilter", "true", cwd=top / "team.git")
    return top


@pytest.fixture
def team(tmp_path: Path, _team: Path) -> Team:
    """Another team's repository: the dataset `notes` in two versions, on a server that leaves files out when asked."""
    shutil.copytree(_team, tmp_path / "team", symlinks=True)
    return Team(Scratch(tmp_path / "team/work"), tmp_path / "team/team.git")


class _Backend(BaseHTTPRequestHandler):
    """git's own server behind HTTP, for repositories below `top`; with a password where one is set."""

    def __init__(self, *arguments: object, top: Path, password: str) -> None:
        self._top, self._password = top, password
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Ask git."""
        if self._password and self.headers.get("Authorization") != self._password:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="team"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        environment = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(self._top),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        given = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = subprocess.run(
            ["git", "http-backend"], input=given, env=environment, capture_output=True, check=True
        ).stdout
        head, _, body = answer.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(fields.pop("Status", "200").split(" ")[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the form of http.server

    def log_message(self, *_: object) -> None:
        """Nothing."""


class _Files(SimpleHTTPRequestHandler):
    """Files and nothing else: what git calls a dumb server."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def git_over_http(top: Path, *, password: str = "") -> Iterator[str]:
    """The address of git's own server for the repositories below a directory."""
    with _served(partial(_Backend, top=top, password=password)) as url:
        yield url


@contextmanager
def files_over_http(top: Path) -> Iterator[str]:
    """The address of a server that has the files below a directory."""
    with _served(partial(_Files, directory=str(top))) as url:
        yield url


@contextmanager
def _served(handler: object) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:  # type: ignore[arg-type]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
