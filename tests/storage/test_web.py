"""A remote that is a web server: what was published elsewhere can be read there, and nothing written."""

from __future__ import annotations

import functools
import gc
import threading
import time
import warnings
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import call
from tests.storage.conftest import Person, _copied
from tests.storage.storages import Storage, directory

# DVC leaves connections to a web server open, which Python tells whenever it finds them.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Unclosed client session:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing is said."""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """The address of a server of what lies in `nas`."""
    (tmp_path / "nas").mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(tmp_path / "nas")))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    with warnings.catch_warnings():  # DVC leaves the connections to a web server open
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def reader(web: str, tmp_path: Path, _template: Path) -> Person:
    """A clone of what was published to a directory, whose remote is the web server."""
    call("git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "hub.git"), cwd=tmp_path)
    ana = Person(_copied(_template, tmp_path / "ana").root)
    ana.git("remote", "add", "origin", str(tmp_path / "hub.git"))
    ana.uses(directory(tmp_path / "nas"), str(tmp_path / "nas"))
    ana.dsv("push", "-q")
    call("git", "clone", "-q", str(tmp_path / "hub.git"), "reader", cwd=tmp_path)
    reader = Person(tmp_path / "reader")
    reader.uses(Storage("web", web, None), web)
    return reader


def test_data_and_indexes_are_read_from_the_web(reader: Person) -> None:
    reader.dsv("fetch", "--index", "--all")
    assert reader.json("which", "--id", "r7")["found"]
    reader.dsv("pull")
    assert reader.tree("data") == Person(reader.root.parent / "ana").tree("data")


@pytest.mark.heavy
def test_nothing_is_pushed_to_the_web_and_that_is_said_at_once(reader: Person, tmp_path: Path) -> None:
    reader.dsv("pull", "notes", "-q")
    assert reader.json("push")["objects"] == 0  # git alone has something to say
    reader.records("data/notes/train.jsonl", [{"id": "r1", "text": "another"}])
    reader.dsv("bump", "notes", "-q")
    started = time.monotonic()
    error = reader.json("push", code=50)["error"]
    assert time.monotonic() - started < 5
    assert error["kind"] == "remote", error
    assert "can be read, not written" in error["message"]
    assert "dsv push --remote NAME" in error["hint"]
    assert call("git", "tag", cwd=tmp_path / "hub.git").split() == ["binaries@v1.0.0", "notes@v1.0.0"]
    tested = reader.json("remote", "test")
    assert (tested["reads"], tested["writes"]) == (True, False)


def test_what_the_web_lacks_is_named(reader: Person, tmp_path: Path) -> None:
    lost = Person(tmp_path / "ana").oid_of("notes@1.0.0", "test.jsonl")
    (tmp_path / "nas/files/md5" / lost[:2] / lost[2:]).unlink()
    assert reader.refused("pull", "notes", code=40, kind="missing_data")["details"]["objects"] == [lost]


def test_a_web_server_that_is_gone_is_said(reader: Person) -> None:
    reader.uses(Storage("web", "", None), "http://127.0.0.1:9")
    assert "cannot be reached" in reader.refused("pull", code=50, kind="network")["message"]
