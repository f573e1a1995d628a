"""Publishing to S3: what works, and what is said in seconds where it does not, without a secret in it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import s3fs

import dsv
from dsv.errors import DeadlineError, ExternalError, NetworkError
from tests.conftest import Scratch, call, numbered
from tests.s3_server import KEY, SECRET, S3Server, s3_server

WRONG = "another-secret-0123456789"


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys in the environment, where those of a pipeline are."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A server of this module's own, because it is stopped now and then."""
    with s3_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def ana(server: S3Server, tmp_path: Path) -> Scratch:
    """`notes` at 1.0.0, and a remote in a folder of its own."""
    call("git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "hub.git"), cwd=tmp_path)
    ana = Scratch(tmp_path / "ana")
    ana.root.mkdir()
    ana.dsv("init", "--git")
    ana.git("remote", "add", "origin", str(tmp_path / "hub.git"))
    use(ana, "store", f"s3://bucket/{tmp_path.name}", server.url)
    ana.records("data/notes/all.jsonl", numbered(100))
    ana.dsv("add", "data/notes", "--key", "id")
    return ana


def use(repo: Scratch, name: str, url: str, endpoint: str) -> None:
    repo.dsv("remote", "add", name, url, "--endpoint-url", endpoint, "--region", "us-east-1", "--default")


def published(ana: Scratch) -> list[str]:
    return call("git", "for-each-ref", "--format=%(refname:short)", cwd=ana.root.parent / "hub.git").split()


def objects(server: S3Server, ana: Scratch) -> dict[str, bytes]:
    top = server.bucket / ana.root.parent.name / "files/md5"
    return {path.parent.name + path.name: path.read_bytes() for path in top.glob("??/*")}


def test_a_version_is_pushed_pulled_and_confirmed(ana: Scratch, server: S3Server) -> None:
    pushed = ana.json("push")
    assert pushed["objects"] == len(objects(server, ana)) == pushed["confirmed"]
    assert published(ana) == ["main", "notes@v1.0.0"]
    lost = next(oid for oid in objects(server, ana) if not oid.endswith(".dir"))
    storage = s3fs.S3FileSystem(key=KEY, secret=SECRET, client_kwargs={"endpoint_url": server.url})
    storage.rm_file(f"bucket/{ana.root.parent.name}/files/md5/{lost[:2]}/{lost[2:]}")
    assert ana.json("push")["objects"] == 1
    call("git", "clone", "-q", str(ana.root.parent / "hub.git"), "bob", cwd=ana.root.parent)
    bob = Scratch(ana.root.parent / "bob")
    bob.dsv("pull")
    assert bob.tree("data") == ana.tree("data")
    for repo in (ana, bob):
        tracked = repo.git("grep", "-e", KEY, "-e", SECRET, check=False)
        assert tracked == ""


def test_an_object_in_several_parts_arrives_whole(ana: Scratch, server: S3Server) -> None:
    content = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range((40 << 20) // 32))
    ana.write("data/model.bin", content)
    ana.dsv("add", "data/model.bin")
    told: list[tuple[int, int]] = []

    def tell(what: str, done: int, total: int, records: int = 0) -> None:
        told.append((done, total))

    dsv.open(str(ana.root), progress=tell).push("model")
    assert objects(server, ana)[hashlib.md5(content).hexdigest()] == content
    assert told[-1][0] == told[-1][1]
    assert len([done for done, _ in told if done > 1 << 20]) >= 3


@contextlib.contextmanager
def mute() -> Iterator[str]:
    """The address of somebody who accepts connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def refused(ana: Scratch, kind: str) -> str:
    """What is said to a push, a pull and a test that must be refused, and soon; nothing of git is pushed."""
    started = time.monotonic()
    error = ana.refused("push", code=50, kind=kind)
    assert time.monotonic() - started < 20
    assert published(ana) == []
    tested = ana.dsv("remote", "test", "--debug", code=50)
    everything = f"{error}{tested.stdout}{tested.stderr}"
    for secret in (KEY, SECRET, WRONG):
        assert secret not in everything
    assert error["hint"]
    return str(error["message"])


def test_a_wrong_key_is_said(ana: Scratch, server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", WRONG)
    said = refused(ana, "credentials")
    assert f"the remote store (s3://bucket/{ana.root.parent.name} at {server.url}) refuses who we are" in said


def test_the_absence_of_keys_is_said(ana: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "there are no credentials for it here" in refused(ana, "credentials")
    assert "AWS_PROFILE" in ana.refused("push", code=50, kind="credentials")["hint"]


def test_a_missing_bucket_is_said(ana: Scratch, server: S3Server) -> None:
    use(ana, "other", "s3://no-such-bucket/notes", server.url)
    assert "the remote other (s3://no-such-bucket/notes" in (said := refused(ana, "remote"))
    assert "there is no such bucket" in said


def test_a_closed_port_is_said(ana: Scratch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    use(ana, "dead", "s3://bucket/notes", f"http://127.0.0.1:{port}")
    assert f"the remote dead (s3://bucket/notes at http://127.0.0.1:{port}) cannot be reached" in refused(
        ana, "network"
    )


def test_who_never_answers_is_not_waited_for(ana: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["dsv.adapters.dvc.remote"], "_ANSWER_SECONDS", 1.0)
    with mute() as url:
        use(ana, "mute", "s3://bucket/notes", url)
        assert f"the remote mute (s3://bucket/notes at {url}) does not answer" in refused(ana, "network")


def test_a_server_that_dies_during_a_push_is_told_and_the_next_push_goes_on(ana: Scratch, server: S3Server) -> None:
    for number in range(60):
        ana.write(f"data/many/{number}.bin", bytes([number]) * 10_000)
    ana.dsv("add", "data/many")

    def die(what: str, done: int, total: int, records: int = 0) -> None:
        if what == "pushing" and done > 100_000:
            server.process.kill()

    with pytest.raises(ExternalError) as caught:
        dsv.open(str(ana.root), progress=die).push()
    assert isinstance(caught.value, NetworkError)
    server.process.wait()
    assert published(ana) == []
    there = objects(server, ana)
    assert 0 < len(there) < 60
    assert not any(oid.endswith(".dir") for oid in there)
    server.start()
    pushed = ana.json("push")
    whole = [oid for oid in there if "rclone_temp" not in oid]  # the server's own remains are no objects
    assert 0 < pushed["objects"] <= pushed["confirmed"] - len(whole)
    assert published(ana) == ["main", "many@v1.0.0", "notes@v1.0.0"]


def test_a_server_that_falls_asleep_during_a_push_is_given_up(
    ana: Scratch, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        ana.write(f"data/many/{number}.bin", bytes([number]) * 10_000)
    ana.dsv("add", "data/many")

    def sleep(what: str, done: int, total: int, records: int = 0) -> None:
        if what == "pushing" and done > 100_000:
            server.process.send_signal(signal.SIGSTOP)

    with monkeypatch.context() as patch:
        patch.setattr(sys.modules["dsv.adapters.dvc.remote"], "_STANDSTILL_SECONDS", 2.0)
        with pytest.raises(DeadlineError, match="stands still"):
            dsv.open(str(ana.root), progress=sleep).push()
    server.process.send_signal(signal.SIGCONT)
    assert published(ana) == []
    ana.dsv("push")
    assert published(ana) == ["main", "many@v1.0.0", "notes@v1.0.0"]
