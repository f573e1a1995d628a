"""A PostgreSQL server of the tests' own, on a free port, with a password, gone in the end."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.s3_server import free_port, wait_for

PASSWORD = "not-to-be-told/@0123456789"
_SPELLED = "not-to-be-told%2F%400123456789"
_WAIT = 60
_PLACES = "/usr/lib/postgresql/*/bin"


@dataclass(frozen=True)
class PostgresServer:
    """A server in which `dsv` may do everything; its databases compare texts as people in America do."""

    port: int

    def url(self, database: str = "catalogue", *, user: str = "dsv", password: str | None = _SPELLED) -> str:
        """The address of a database, as a person types it."""
        who = user if password is None else f"{user}:{password}"
        return f"postgresql://{who}@127.0.0.1:{self.port}/{database}"

    def shown(self, database: str = "catalogue") -> str:
        """The address as dsv may show it."""
        return f"postgresql://127.0.0.1:{self.port}/{database}"


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server with the database `catalogue`; tests are skipped where there is no PostgreSQL, or nobody to run it."""
    programs = _programs()
    if programs is None:
        pytest.skip("needs PostgreSQL's server: apt-get install postgresql")
    directory = Path(tempfile.mkdtemp(prefix="dsv-postgres-", dir="/tmp"))
    try:
        who = _somebody()
        os.chown(directory, *who.values()) if who else None
        port = free_port()
        _make(programs, directory, who)
        with (directory / "log").open("ab") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", directory / "data", "-p", str(port), "-k", directory, "-F"],
                cwd=directory,
                stdout=log,
                stderr=log,
                **_as(who),
            )
        try:
            wait_for(port, process, log=directory / "log")
            _make_database(port)
            yield PostgresServer(port)
        finally:
            # "immediate": what it holds is thrown away
            process.send_signal(signal.SIGQUIT)
            process.wait(30)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _programs() -> Path | None:
    """The directory of initdb and postgres: the newest of Debian's, else that of the path."""
    found = sorted(Path("/").glob(f"{_PLACES[1:]}/initdb"), key=lambda each: each.parts[-3].zfill(4))
    named = shutil.which("initdb")
    both = [*found[::-1], *([Path(named)] if named else [])]
    return next((each.parent for each in both if (each.parent / "postgres").exists()), None)


def _somebody() -> dict[str, int]:
    """Who runs the server, which refuses root: nobody else than ourselves where we are not root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return {"user": found.pw_uid, "group": found.pw_gid}
    pytest.skip("PostgreSQL's server refuses to be run by root, and there is no other user")


def _as(who: dict[str, int]) -> dict[str, object]:
    return {**who, "extra_groups": []} if who else {}


def _make(programs: Path, directory: Path, who: dict[str, int]) -> None:
    secret = directory / "password"
    secret.write_text(PASSWORD)
    os.chmod(secret, 0o644)
    options = ["--auth=scram-sha-256", f"--pwfile={secret}", "--username=dsv", "--encoding=UTF8", "--locale=C"]
    done = subprocess.run(
        [programs / "initdb", "--pgdata", directory / "data", "--no-sync", "--no-instructions", *options],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        **_as(who),
    )
    assert done.returncode == 0, done.stderr


def _make_database(port: int) -> None:
    import psycopg

    def connect() -> psycopg.Connection[tuple[object, ...]]:
        """As soon as it answers, it says for a moment that it is starting up."""
        until = time.monotonic() + _WAIT
        while True:
            try:
                return psycopg.connect(PostgresServer(port).url("postgres"), autocommit=True)
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    with connect() as connection:
        have = connection.execute("SELECT 1 FROM pg_collation WHERE collname = 'en-US-x-icu'").fetchone()
        icu = " LOCALE_PROVIDER icu ICU_LOCALE 'en-US'" if have and connection.info.server_version >= 150000 else ""
        connection.execute(f"CREATE DATABASE catalogue TEMPLATE template0{icu}")
