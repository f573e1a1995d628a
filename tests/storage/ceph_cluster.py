"""A Ceph cluster of the tests' own, of one monitor, one disk and one gateway that speaks S3."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.s3_server import KEY, SECRET, free_port, wait_for

_PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "ceph-authtool", "monmaptool")
# The keys are cephx's, without which the gateway does not come up; the monitor speaks the older protocol alone.
_SETTINGS = """\
[global]
fsid = {fsid}
mon host = [v1:127.0.0.1:{monitor}]
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = {directory}/keyring
run dir = {directory}/run
admin socket = {directory}/run/$name.$pid.asok
log file = {directory}/run/$name.log
crash dir = {directory}/run
mon data = {directory}/monitor
mon allow pool size one = true
osd data = {directory}/disk
osd objectstore = bluestore
bluestore block size = 10737418240
osd memory target = 1073741824
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd crush chooseleaf type = 0
rgw data = {directory}/gateway
rgw frontends = beast endpoint=127.0.0.1:{port}
"""
_RIGHTS = {
    "mon.": ("mon", "allow *"),
    "client.admin": ("mon", "allow *", "osd", "allow *", "mgr", "allow *"),
    "osd.0": ("mon", "allow profile osd", "osd", "allow *"),
    "client.rgw": ("mon", "allow rw", "osd", "allow rwx"),
}


@dataclass
class CephCluster:
    """A gateway at `url`, which KEY and SECRET open."""

    directory: Path
    port: int = 0
    _others: list[subprocess.Popen[bytes]] = field(default_factory=list)
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def url(self) -> str:
        """The address of the gateway."""
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Monitor and disk; a test is skipped where Ceph is not installed."""
        if missing := [name for name in _PROGRAMS if shutil.which(name) is None]:
            pytest.skip(f"needs {', '.join(missing)}: apt-get install ceph-mon ceph-osd radosgw ceph-common")
        for name in ("monitor", "disk", "gateway", "run"):
            (self.directory / name).mkdir(parents=True)
        self.port, monitor, cluster = free_port(), free_port(), str(uuid.uuid4())
        settings = _SETTINGS.format(directory=self.directory, fsid=cluster, monitor=monitor, port=self.port)
        (self.directory / "ceph.conf").write_text(settings)
        self._run("ceph-authtool", "--create-keyring", "keyring")
        for name, (*rights,) in _RIGHTS.items():
            pairs = [word for at in range(0, len(rights), 2) for word in ("--cap", rights[at], rights[at + 1])]
            self._run("ceph-authtool", "keyring", "--gen-key", "-n", name, *pairs)
        self._run("monmaptool", "--create", "--addv", "a", f"[v1:127.0.0.1:{monitor}]", "--fsid", cluster, "map")
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", "map", "--keyring", "keyring")
        self._others.append(self._started("ceph-mon", "-f", "-i", "a"))
        self._run("ceph", "-n", "mon.", "auth", "import", "-i", "keyring")
        disk = str(uuid.uuid4())
        self._run("ceph", "osd", "new", disk, "0")
        shutil.copy(self.directory / "keyring", self.directory / "disk/keyring")
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk)
        self._others.append(self._started("ceph-osd", "-f", "-i", "0"))
        until = time.monotonic() + 60
        while "1 up" not in self._run("ceph", "osd", "stat"):
            assert time.monotonic() < until
            time.sleep(0.2)
        user = ["user", "create", "--uid=tests", "--display-name=tests"]
        self._run("radosgw-admin", *user, f"--access-key={KEY}", f"--secret-key={SECRET}")

    def start(self) -> None:
        """The gateway answers; at the same address as before when it was killed."""
        self.process = self._started("radosgw", "-f", "-n", "client.rgw")
        wait_for(self.port, self.process, log=self.directory / "run/client.rgw.log")

    def kill(self) -> None:
        """The gateway is gone at once."""
        self.process.kill()
        self.process.wait(10)

    def end(self) -> None:
        """Everything is gone."""
        for each in self._others:
            each.kill()
            each.wait(10)

    def _run(self, program: str, *arguments: str) -> str:
        own = [] if program in ("ceph-authtool", "monmaptool") else ["-c", "ceph.conf"]
        done = subprocess.run(
            [program, *own, *arguments], cwd=self.directory, env=self._environment(), capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, f"{program} {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def _started(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.directory / f"run/{program}.out").open("ab") as log:
            return subprocess.Popen(
                [program, "-c", "ceph.conf", *arguments], cwd=self.directory, env=self._environment(), stdout=log,
                stderr=log,
            )  # fmt: skip

    @staticmethod
    def _environment() -> dict[str, str]:
        """Ceph's own program is a script of the system's Python."""
        return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CEPH"))}


@contextmanager
def ceph_cluster(directory: Path) -> Iterator[CephCluster]:
    """A cluster whose gateway answers, gone afterwards."""
    cluster = CephCluster(directory)
    try:
        cluster.prepare()
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.kill()
    finally:
        cluster.end()
