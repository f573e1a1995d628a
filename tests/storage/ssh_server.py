"""An SSH server of the tests' own: on a free port, for the person who runs them, with keys made for the occasion."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from tests.s3_server import free_port, wait_for

_SETTINGS = """\
ListenAddress 127.0.0.1
HostKey {0}/host_key
AuthorizedKeysFile {0}/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100
Subsystem sftp internal-sftp
"""


@dataclass
class SshServer:
    """OpenSSH's server; `key` opens it, and data goes below `directory/files`."""

    directory: Path
    port: int = 0
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def key(self) -> Path:
        """The private key that opens it."""
        return self.directory / "key"

    @property
    def url(self) -> str:
        """Where data goes."""
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{self.directory}/files"

    def prepare(self) -> None:
        """Keys and settings; a test is skipped where there is no server."""
        if _sshd() is None:
            pytest.skip("needs OpenSSH's server: apt-get install openssh-server")
        (self.directory / "files").mkdir(parents=True)
        for name in ("key", "host_key", "other_key"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(self.directory / name)]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        (self.directory / "settings").write_text(_SETTINGS.format(self.directory))
        self.port = free_port()
        if os.geteuid() == 0:  # where systemd has not made what the server wants to have
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)

    def start(self) -> None:
        """Answer; at the same address as before when it was killed."""
        with (self.directory / "sshd.log").open("ab") as log:
            command = [str(_sshd()), "-D", "-e", "-f", str(self.directory / "settings"), "-p", str(self.port)]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(self.port, self.process, log=self.directory / "sshd.log")

    def kill(self) -> None:
        """Be gone at once, with all connections, which are processes of their own."""
        everyone = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        for each in everyone:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        self.process.wait(10)


@contextmanager
def ssh_server(directory: Path) -> Iterator[SshServer]:
    """A server that answers, gone afterwards."""
    server = SshServer(directory)
    server.prepare()
    server.start()
    known = Path.home() / ".ssh/known_hosts"
    known.parent.mkdir(mode=0o700, exist_ok=True)
    host_key = " ".join((directory / "host_key.pub").read_text().split()[:2])
    known.write_text(f"[127.0.0.1]:* {host_key}\n")
    try:
        yield server
    finally:
        server.kill()


def _sshd() -> str | None:
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
