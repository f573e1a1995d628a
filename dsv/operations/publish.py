"""`dsv index publish`: the index for others, in a PostgreSQL database or in a file that Datasette serves."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from dsv.errors import ConflictError, UsageError
from dsv.model.git_address import GitAddress
from dsv.repository import Repository
from dsv.repository.known.search_index import ask

if TYPE_CHECKING:
    from dsv.adapters.index import Index
    from dsv.adapters.postgres import Published

FILE_SUFFIXES = (".db", ".sqlite", ".sqlite3")
_SCHEMES = ("postgresql://", "postgres://")
_KEYWORDS = re.compile(r"\b(?:host|hostaddr|dbname|user|password|service)\s*=")


class Replacing(Enum):
    """What may be replaced that was published before."""

    OWN = "own"
    """What was published from this repository."""
    ANY = "any"
    """What was published from another one, too."""


@dataclass(frozen=True)
class PublishedRows:
    """A table as others see it now. `added` and `removed`, of which a changed row counts in both, are of a database."""

    name: str
    rows: int
    added: int | None = None
    removed: int | None = None


@dataclass(frozen=True)
class Publication:
    """Where the index is now, without what is secret of the address; `changed` when it was another one before.

    `schema` is that of a database; `trigrams` whether text can be looked up there without reading all of it.
    """

    target: str
    schema: str | None
    tables: Sequence[PublishedRows]
    changed: bool
    trigrams: bool

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "target": self.target,
            "schema": self.schema,
            "changed": self.changed,
            "trigrams": self.trigrams,
            "tables": [
                {"name": each.name, "rows": each.rows, "added": each.added, "removed": each.removed}
                for each in self.tables
            ],
        }


def index_publish(
    repository: Repository, target: str, *, schema: str | None = None, replacing: Replacing = Replacing.OWN
) -> Publication:
    """The index as git is now, published: to the schema of a database, or to a file.

    Readers see what was there before, or all of the new. Errors: UsageError for a target that is neither;
    ConflictError for one that holds something else; CredentialsError, NetworkError, DeadlineError, RemoteError,
    LockedError and UnsupportedError from a database; DiskError.
    """
    if target.startswith(_SCHEMES):
        return ask(repository, lambda index: _to_database(repository, index, target, schema or "dsv", replacing))
    if "://" in target or _KEYWORDS.search(target) or not target.endswith(FILE_SUFFIXES):
        raise UsageError(
            "the index is published to a database or to a file",
            hint=f"postgresql://USER@HOST/DATABASE, or a name that ends in {', '.join(FILE_SUFFIXES)}",
        )
    if schema is not None:
        raise UsageError("a file has no schemas", hint="leave --schema out")
    return ask(repository, lambda index: _to_file(repository, index, target, replacing))


def _to_database(repository: Repository, index: Index, url: str, schema: str, replacing: Replacing) -> Publication:
    from dsv.adapters.index import SCHEMA
    from dsv.adapters.index.snapshot import PUBLISHED
    from dsv.adapters.index.views import VIEWS
    from dsv.adapters.postgres import checked_schema, parse_address, publish

    checked_schema(schema)
    address = parse_address(url)
    with index.snapshot(origin=_origin(repository)) as snapshot:
        done: Published = publish(
            address,
            snapshot,
            tables=PUBLISHED,
            views=VIEWS,
            number=SCHEMA,
            schema=schema,
            accept=_accepting(f"the schema {schema} of {address}", snapshot.origin, replacing),
            progress=repository.progress,
        )
    if not done.trigrams:
        repository.tell(
            f"{address} does not have the extension pg_trgm: {schema}.search() works, and reads every row; "
            "an administrator can CREATE EXTENSION pg_trgm, and the next publication uses it"
        )
    rows = [PublishedRows(each.name, each.rows, each.added, each.removed) for each in done.tables]
    changed = done.made or any(each.added or each.removed for each in rows)
    return Publication(str(address), schema, rows, changed, done.trigrams)


def _to_file(repository: Repository, index: Index, path: str, replacing: Replacing) -> Publication:
    from dsv.adapters.index.served import write_served

    with index.snapshot(origin=_origin(repository)) as snapshot:
        accept = _accepting(path, snapshot.origin, replacing)
        done = write_served(path, snapshot, accept=accept, progress=repository.progress)
    rows = [PublishedRows(name, count) for name, count in done.rows.items()]
    return Publication(path, None, rows, done.changed, trigrams=True)


def _accepting(place: str, own: str, replacing: Replacing) -> Callable[[str], None]:
    """Raises ConflictError for what another repository published; one that is not known is nobody else's."""

    def accept(origin: str) -> None:
        if replacing is Replacing.OWN and own and origin and _identity(own) != _identity(origin):
            raise ConflictError(
                f"{place} was published from another repository, {origin}",
                hint="publish to another place, or say --replace",
            )

    return accept


def _origin(repository: Repository) -> str:
    """Where the repository can be cloned from: the remote that releases go to, else the only one."""
    from dsv.adapters.git.clone import configuration, remotes

    found = remotes(configuration(repository.git))
    name = repository.settings().release.remote
    return found.get(name) or (next(iter(found.values())) if len(found) == 1 else "")


def _identity(url: str) -> str:
    """A text that addresses of the same repository share."""
    try:
        return GitAddress.parse(url).identity
    except UsageError:
        return url
