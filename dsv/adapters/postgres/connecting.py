"""A connection to a PostgreSQL database, of which no message tells more than where it is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from dsv.errors import (
    ConflictError,
    CredentialsError,
    DeadlineError,
    DiskError,
    DsvError,
    LockedError,
    NetworkError,
    RemoteError,
    UnsupportedError,
    UsageError,
)

SCHEMES = ("postgresql://", "postgres://")
_OLDEST = 130000
_PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "60000",
    "application_name": "dsv",
}
"""How long to wait for a server that says nothing, unless the address or the environment says so."""
_ENVIRONMENT = {"connect_timeout": "PGCONNECT_TIMEOUT", "application_name": "PGAPPNAME"}
_SPELLING = "postgresql://USER@HOST/DATABASE, with %40 for @ and %2F for / in a name or password"
_ROLE = "docs/sharing-the-index.md and docs/migrating.md say what the role needs"
_PASSWORDS = "the password comes from PGPASSWORD or from ~/.pgpass"


@dataclass(frozen=True)
class Address:
    """Where a database is, and how to get in; `shown` holds neither user nor password."""

    shown: str
    parameters: dict[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return self.shown


def parse_address(url: str) -> Address:
    """The address in a URL as libpq takes it; UsageError, which does not repeat it, where it cannot be one."""
    psycopg = _driver()
    authority, _, path = url.partition("://")[2].partition("?")[0].partition("/")
    # a password with such a character in it would be taken for a host, and told
    if authority.count("@") > 1 or "@" in path:
        raise UsageError("the database's address has an @ too many", hint=_SPELLING)
    try:
        parameters = psycopg.conninfo.conninfo_to_dict(url)
        places = _places(str(parameters.get("host", "")), str(parameters.get("port", "")))
    except (psycopg.ProgrammingError, ValueError):
        raise UsageError("the database's address cannot be read", hint=_SPELLING) from None
    place = ",".join(f"{host}:{port}" if port else host for host, port in places)
    return Address(f"postgresql://{place}/{parameters.get('dbname', '')}", parameters)


@contextlib.contextmanager
def connected(address: Address) -> Iterator[Any]:
    """A connection in one transaction, which is committed at the end, or rolled back when anything fails."""
    psycopg = _driver()
    parameters = {**_patient(address.parameters), "client_encoding": "utf8"}
    with _translated(psycopg, address), psycopg.connect(**parameters, prepare_threshold=None) as connection:
        yield connection


def refuse_unsupported(connection: Any, address: Address) -> None:
    """UnsupportedError where the database is too old to be published to, or keeps its texts otherwise."""
    info = connection.info
    if info.server_version < _OLDEST:
        version = info.parameter_status("server_version")
        raise UnsupportedError(f"{address} is PostgreSQL {version}", hint="13 and newer are supported")
    encoding = info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise UnsupportedError(f"{address} keeps its texts as {encoding}", hint="make a database with ENCODING 'UTF8'")


def _driver() -> Any:
    try:
        import psycopg
        import psycopg.conninfo
    except ImportError as error:
        raise UnsupportedError("PostgreSQL needs the package psycopg", hint="pip install 'dsv[postgres]'") from error
    return psycopg


def _places(hosts: str, ports: str) -> list[tuple[str, str]]:
    """Each host with its port; ValueError where a port is no number."""
    each = hosts.split(",")
    given = ports.split(",") if "," in ports else [ports] * len(each)
    return [(host, str(int(port)) if port else "") for host, port in zip(each, given, strict=False)]


def _patient(parameters: dict[str, Any]) -> dict[str, Any]:
    import os

    unset = {name: value for name, value in _PATIENCE.items() if _ENVIRONMENT.get(name, "") not in os.environ}
    return {**unset, **parameters}


@contextlib.contextmanager
def _translated(psycopg: Any, address: Address) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        told = _statement_error(error, address) if error.sqlstate else _connection_error(psycopg, error, address)
        if told is None:
            raise
        raise told from None


def _connection_error(psycopg: Any, error: Any, address: Address) -> DsvError | None:
    """What a failure comes to that has no code: the server was not reached, turned us away, or is gone."""
    said = _said(error, address)
    if isinstance(error, psycopg.errors.ConnectionTimeout) or "timeout expired" in said:
        return DeadlineError(f"{address} did not answer in time", hint="is the server there, and may it be reached?")
    if not isinstance(error, psycopg.OperationalError):
        return None
    asked = getattr(error, "pgconn", None)
    missing = f'database "{address.parameters.get("dbname", "")}" does not exist'
    if missing in said:
        return RemoteError(f"{address}: there is no such database", hint="createdb makes one")
    refused = asked is not None and (asked.needs_password or asked.used_password)
    if refused or any(words in said for words in ("authentication", "pg_hba.conf", 'role "', "no password supplied")):
        return CredentialsError(f"{address} does not let us in: {said}", hint=_PASSWORDS)
    return NetworkError(f"{address} cannot be reached: {said}", hint="is the server running, and the address right?")


def _statement_error(error: Any, address: Address) -> DsvError | None:
    """What a failure comes to that the server gave a code; None where it can only be a mistake of ours."""
    state, said = str(error.sqlstate), _said(error, address)
    kinds: list[tuple[str, type[DsvError], str, str]] = [
        (
            "42501",
            CredentialsError,
            "does not allow it",
            _ROLE,
        ),
        ("28", CredentialsError, "does not let us in", _PASSWORDS),
        ("3D000", RemoteError, "is not there", "createdb makes a database"),
        ("25006", RemoteError, "takes no changes", "publish to the primary server, not to a copy of it"),
        ("2BP01", ConflictError, "holds something of yours that needs the tables", _of_yours(error)),
        ("55P03", LockedError, "keeps the tables locked for somebody else", "try again when they are done"),
        ("40", LockedError, "is being changed by somebody else", "try again"),
        ("57014", DeadlineError, "stopped a statement that took too long", "is there a statement_timeout?"),
        ("53100", DiskError, "has no space left", "make room on the server"),
        ("53", NetworkError, "has no room for us", "try again later"),
        ("08", NetworkError, "is gone", "try again: nothing was changed"),
        ("57P", NetworkError, "is gone", "try again: nothing was changed"),
        ("54", RemoteError, "cannot hold that much", "a value is too large for PostgreSQL"),
        ("58", DiskError, "has trouble with its disk", "ask whoever runs the server"),
        ("XX", RemoteError, "is damaged or has a fault", "ask whoever runs the server"),
        ("0A000", UnsupportedError, "cannot do that", "PostgreSQL 13 and newer are supported"),
    ]
    for start, kind, words, hint in kinds:
        if state.startswith(start):
            return kind(f"{address} {words}: {said}", hint=hint)
    return None


def _of_yours(error: Any) -> str:
    detail = " ".join(str(error.diag.message_detail or "").split())
    return f"drop it first, or publish to another schema with --schema{f': {detail}' if detail else ''}"


def _said(error: Any, address: Address) -> str:
    """The first line of what the server or libpq says, in which a password cannot stand."""
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    first = next((line.strip() for line in str(primary or error).splitlines() if line.strip()), "no reason was given")
    secret = str(address.parameters.get("password") or "")
    return first.removeprefix("connection failed: ").replace(secret, "***") if secret else first
