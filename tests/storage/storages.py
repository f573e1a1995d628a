"""The kinds of storage that the suite runs against: each as dsv is told of it, and as one sees it behind dsv's back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import pytest

from tests.s3_server import KEY, SECRET, S3Server
from tests.storage.ceph_cluster import ceph_cluster
from tests.storage.ssh_server import ssh_server


class Server(Protocol):
    """A process that can be killed and started again."""

    def start(self) -> None:
        """Answer."""

    def kill(self) -> None:
        """Be gone."""


@dataclass(frozen=True)
class Storage:
    """Where data goes: its address, DVC's settings, those that only `.dvc/config.local` may hold, and the keys.

    `files` is fsspec's view of it, for what happens behind dsv's back. `host` is where a line can lead to.
    """

    kind: str
    url: str
    files: Any
    settings: Mapping[str, str] = field(default_factory=dict)
    private: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    server: Server | None = None
    host: tuple[str, int] | None = None

    def at(self, port: int) -> Storage:
        """The same, by way of another port of this machine."""
        if self.kind == "s3":
            return replace(self, settings={**self.settings, "endpointurl": f"http://127.0.0.1:{port}"})
        return replace(self, url=re.sub(r"@[^/]*", f"@127.0.0.1:{port}", self.url, count=1))


@dataclass(frozen=True)
class Shelf:
    """A part of the storage that one test has for itself."""

    storage: Storage
    name: str

    @property
    def url(self) -> str:
        """Its address."""
        return f"{self.storage.url}/{self.name}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must be written nowhere."""
        return self.storage.secrets

    def oids(self) -> set[str]:
        """The names of the objects there."""
        found = set()
        with suppress(FileNotFoundError):
            for path in self.storage.files.find(f"{self._path}/files/md5"):
                found.add("".join(path.rsplit("/", 2)[1:]))
        # What a server keeps of a transfer that was cut off is no object.
        return {oid for oid in found if re.fullmatch(r"[0-9a-f]{32}(\.dir)?", oid)}

    def read(self, oid: str) -> bytes:
        """The bytes of an object."""
        content: bytes = self.storage.files.cat_file(self._file(oid))
        return content

    def lose(self, oid: str) -> None:
        """The object is gone."""
        self.storage.files.rm_file(self._file(oid))

    def rot(self, oid: str, content: bytes) -> None:
        """The object has other bytes."""
        if self.storage.kind == "directory":
            Path(self._file(oid)).unlink(missing_ok=True)  # DVC protects what lies in a directory
        self.storage.files.pipe_file(self._file(oid), content)

    def clear(self) -> None:
        """Nothing is left there."""
        with suppress(FileNotFoundError):
            self.storage.files.rm(self._path, recursive=True)

    @property
    def _path(self) -> str:
        """As fsspec names it."""
        if self.storage.kind == "s3":
            return self.url.removeprefix("s3://")
        return urlsplit(self.url).path

    def _file(self, oid: str) -> str:
        return f"{self._path}/files/md5/{oid[:2]}/{oid[2:]}"


@dataclass(frozen=True)
class Keys:
    """What opens an S3 storage."""

    key: str
    secret: str
    token: str = ""

    def environment(self) -> dict[str, str]:
        """As a pipeline has them."""
        named = {"AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret}
        return {**named, **({"AWS_SESSION_TOKEN": self.token} if self.token else {})}


def s3_storage(url: str, *, endpoint: str, region: str, keys: Keys, server: Server | None = None) -> Storage:
    """S3 of any maker."""
    import s3fs

    made = {"client_kwargs": {"region_name": region, **({"endpoint_url": endpoint} if endpoint else {})}}
    files = s3fs.S3FileSystem(
        key=keys.key, secret=keys.secret, token=keys.token or None, use_listings_cache=False, **made
    )
    settings = {"region": region, **({"endpointurl": endpoint} if endpoint else {})}
    address = urlsplit(endpoint)
    host = (str(address.hostname), address.port or 80) if address.scheme == "http" else None
    secrets = tuple(filter(None, (keys.secret, keys.token)))
    files.connect()  # now, and not under the environment that the first test to use it has made
    return Storage("s3", url, files, settings, {}, keys.environment(), secrets, server, host)


@contextmanager
def own_ceph(directory: Path) -> Iterator[Storage]:
    """A gateway of Ceph's, with its bucket."""
    with ceph_cluster(directory) as cluster:
        keys = Keys(KEY, SECRET)
        storage = s3_storage("s3://bucket/suite", endpoint=cluster.url, region="us-east-1", keys=keys, server=cluster)
        storage.files.call_s3("create_bucket", Bucket="bucket")
        yield storage


@contextmanager
def own_ssh(directory: Path) -> Iterator[Storage]:
    """OpenSSH on this machine."""
    pytest.importorskip("dvc_ssh", reason="needs the package dvc-ssh")
    with ssh_server(directory) as server:
        private = {"keyfile": str(server.key)}
        secret = server.key.read_text().splitlines()[2]
        yield Storage("ssh", server.url, _local(), {}, private, {}, (secret,), server, ("127.0.0.1", server.port))


def own_rclone(server: S3Server) -> Storage:
    """What most tests of S3 use."""
    keys = Keys(KEY, SECRET)
    return s3_storage("s3://bucket/suite", endpoint=server.url, region="us-east-1", keys=keys, server=server)


def directory(path: Path) -> Storage:
    """A directory of this machine, or a disk of another that is mounted."""
    return Storage("directory", str(path), _local())


def _local() -> Any:
    from fsspec.implementations.local import LocalFileSystem

    return LocalFileSystem(auto_mkdir=True)
