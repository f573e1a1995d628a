"""The derived index: filled from git's manifests by whoever knows git, asked by everyone."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from dsv.adapters.index import listing
from dsv.adapters.index.database import Database
from dsv.adapters.index.folding import storable
from dsv.adapters.index.rows import OWN, Arrival, IndexStatus, Outcome, RepositoryRow, Text, Walk
from dsv.adapters.index.schema import SCHEMA
from dsv.model.filters import Filter, Page

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from typing_extensions import Self

    from dsv.adapters.index.graph import GraphEdge, GraphVersion, RunRow
    from dsv.adapters.index.querying import Answer, Receive
    from dsv.adapters.index.rows import (
        DatasetEntry,
        DatasetRow,
        EventRow,
        ExampleRow,
        Found,
        SearchHit,
        TrailRow,
        VersionRow,
    )
    from dsv.adapters.index.snapshot import Snapshot
    from dsv.adapters.index.trail import Asked
    from dsv.model.filters import Shown
    from dsv.model.version import Version

_EVERYTHING = Filter()
_THIS = RepositoryRow()
_ONE_PAGE = Page()


class Index:
    """The index in one file; close it, or use it in a `with`."""

    def __init__(self, path: str) -> None:
        """Open the index, empty where there was none that can be used."""
        self._database = Database(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    @property
    def stamp(self) -> str | None:
        """The key of the refs that this repository's rows were made from; None when there are none yet."""
        return self.stamp_of(OWN)

    def stamp_of(self, repository: str) -> str | None:
        """The same for the repository of this name."""
        with self._database.reading() as connection:
            return _stamp(connection, repository)

    def stamps(self) -> dict[str, str]:
        """The same for every repository that the index holds, by its name."""
        with self._database.reading() as connection:
            return dict(connection.execute("SELECT name, stamp FROM repositories").fetchall())

    def status(self) -> IndexStatus:
        """What the index is, and holds of this repository; versions that are only on other branches count too."""
        with self._database.reading() as connection:
            datasets, versions, events = connection.execute(
                "SELECT (SELECT count(*) FROM datasets WHERE repository = ''),"
                " (SELECT count(*) FROM dataset_versions WHERE repository = ''),"
                " (SELECT count(*) FROM events WHERE repository = '')"
            ).fetchone()
            read = connection.execute("SELECT stamp, read_at FROM repositories WHERE name = ''").fetchone()
            marked = {
                mark: connection.execute(
                    f"SELECT released_as || '@' || version FROM dataset_versions"  # noqa: S608 - our own names
                    f" WHERE repository = '' AND {mark} = 1 ORDER BY released_as, sort_key"
                ).fetchall()
                for mark in ("edited", "deleted")
            }
        stamp, moment = read or (None, None)
        return IndexStatus(
            self._database.path,
            SCHEMA,
            datasets,
            versions,
            stamp,
            moment,
            events=events,
            edited=tuple(name for (name,) in marked["edited"]),
            deleted=tuple(name for (name,) in marked["deleted"]),
        )

    def repositories(self) -> list[RepositoryRow]:
        """The repositories that the index holds, this one first."""
        with self._database.reading() as connection:
            found = connection.execute("SELECT name, url, head FROM repositories ORDER BY name").fetchall()
        return [RepositoryRow(*each) for each in found]

    def sizes(self) -> dict[str, tuple[int, int]]:
        """How many datasets and versions it holds of each repository, by its name."""
        asked = (
            "SELECT name, (SELECT count(*) FROM datasets WHERE repository = r.name),"
            " (SELECT count(*) FROM dataset_versions WHERE repository = r.name) FROM repositories AS r"
        )
        with self._database.reading() as connection:
            return {name: (datasets, versions) for name, datasets, versions in connection.execute(asked).fetchall()}

    def sources(self, repository: str = OWN) -> dict[str, str]:
        """Each dataset's source, by its name."""
        with self._database.reading() as connection:
            asked = "SELECT name, source FROM datasets WHERE repository = ?"
            return dict(connection.execute(asked, (repository,)).fetchall())

    def walk(self, repository: str = OWN) -> Walk | None:
        """The looks through git's history so far, as one; None before the first."""
        with self._database.reading() as connection:
            references = connection.execute("SELECT refs FROM walks WHERE repository = ?", (repository,)).fetchone()
            found = connection.execute(
                "SELECT path, blob_id, commit_id, committed, author FROM file_history WHERE repository = ?",
                (repository,),
            ).fetchall()
        return None if references is None else Walk(references[0], [Arrival(*each) for each in found])

    def replace(
        self,
        stamp: str,
        *,
        datasets: Iterable[DatasetRow],
        versions: Iterable[VersionRow],
        events: Iterable[EventRow] = (),
        walk: Walk | None = None,
        repository: RepositoryRow = _THIS,
    ) -> None:
        """Make the index hold exactly these datasets, versions and events of the repository, in one transaction.

        Every version's dataset must be among the datasets, each version once. Only what differs from what the
        index holds is written, so one new version among ten thousand costs little. Other repositories stay.
        """
        from dsv.adapters.index import filling

        contents = filling.Contents(datasets, versions, events)
        with self._database.writing() as connection:
            filling.fill(connection, repository, stamp=stamp, contents=contents)
            if walk is not None:
                filling.remember_walk(connection, walk, repository=repository.name)

    def refresh(
        self,
        stamp: str,
        *,
        since: str | None,
        unchanged: Collection[str],
        datasets: Iterable[DatasetRow],
        versions: Iterable[VersionRow],
        walk: Walk,
        events: Iterable[EventRow] = (),
        repository: RepositoryRow = _THIS,
    ) -> Outcome:
        """As `replace`, but the unchanged datasets stay with their versions and events.

        Nothing is written when the repository's rows no longer have the stamp `since` (None: when there are some):
        then `unchanged` may be wrong.
        """
        from dsv.adapters.index import filling

        contents = filling.Contents(datasets, versions, events)
        with self._database.writing() as connection:
            if _stamp(connection, repository.name) != since:
                return Outcome.OVERTAKEN
            filling.fill(connection, repository, stamp=stamp, contents=contents, unchanged=unchanged)
            filling.remember_walk(connection, walk, repository=repository.name)
        return Outcome.WRITTEN

    def forget(self, repository: str) -> None:
        """Hold nothing of the repository of this name any more."""
        from dsv.adapters.index import filling

        with self._database.writing() as connection:
            filling.forget(connection, RepositoryRow(repository))

    def keep_examples(
        self, dataset: str, version: Version, *, scorer: str, rows: Iterable[ExampleRow], repository: str = OWN
    ) -> int | None:
        """Hold what a scorer said of each record of a version, instead of what was held of it; how many those are.

        The rows go with the version, or with the index. None, and nothing is held, where the index has no such version.
        """
        from dsv.adapters.index import examples

        with self._database.writing() as connection:
            return examples.keep(connection, repository, dataset, version, scorer=scorer, rows=rows)

    def drop_examples(
        self, dataset: str, version: Version, *, scorer: str | None = None, repository: str = OWN
    ) -> None:
        """Hold no rows of single records of the version any more, of one scorer or of all."""
        from dsv.adapters.index import examples

        with self._database.writing() as connection:
            examples.drop(connection, repository, dataset, version, scorer=scorer)

    def cached(
        self, blob_ids: Iterable[str], *, kind: Text = Text.MANIFEST, members: Sequence[str] = ()
    ) -> dict[str, str]:
        """The remembered documents of those blobs that are remembered, by blob id.

        With `members`, of each document that is an object only these, null where it has none: all of it takes longer.
        """
        asked = json.dumps(list(blob_ids))
        parts = ", ".join(["?, json_extract(document, ?)"] * len(members))
        names = [each for name in members for each in (name, f"$.{name}")]
        document = f"iif(json_type(document) = 'object', json_object({parts}), document)" if members else "document"
        with self._database.reading() as connection:
            found = connection.execute(
                f"SELECT blob_id, {document} FROM manifest_blobs"  # noqa: S608 - values are bound
                " WHERE kind = ? AND blob_id IN (SELECT value FROM json_each(?)) ORDER BY blob_id",
                (*names, kind.value, asked),
            )
            return dict(found.fetchall())

    def remember(self, documents: Mapping[str, str], *, kind: Text = Text.MANIFEST) -> None:
        """Keep the JSON document of each blob that was parsed as something of this kind."""
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO manifest_blobs (kind, blob_id, document) VALUES (?, ?, ?)",
                [(kind.value, blob_id, storable(documents[blob_id])) for blob_id in sorted(documents)],
            )

    def datasets(self, *, where: Filter = _EVERYTHING, page: Page = _ONE_PAGE) -> Found[DatasetEntry]:
        """The datasets that fit, by name unless the page says otherwise; one without a release is in it too."""
        with self._looking_back(where) as connection:
            return listing.datasets(connection, where=where, page=page)

    def versions(
        self,
        dataset: str | None = None,
        *,
        limit: int | None = None,
        shown: Shown | None = None,
        repository: str | None = OWN,
    ) -> list[VersionRow]:
        """The known versions of a dataset, highest first; of all datasets, last created first.

        They are those of the repository of this name; without one, those of all repositories.
        """
        with self._database.reading() as connection:
            return listing.versions(connection, dataset, limit=limit, shown=shown, repository=repository)

    def released(
        self,
        dataset: str | None = None,
        version: Version | None = None,
        *,
        where: Filter = _EVERYTHING,
        page: Page = _ONE_PAGE,
    ) -> Found[VersionRow]:
        """The versions that fit: of a dataset highest first, of all last created first, unless the page says otherwise.

        The dataset is named as today, also where it is looked back to a time at which it had another name.
        """
        with self._looking_back(where) as connection:
            return listing.released(connection, dataset, version, where=where, page=page)

    def trail(self, asked: Asked, *, page: Page = _ONE_PAGE) -> Found[TrailRow]:
        """What happened, releases too, the last first."""
        with self._database.reading() as connection:
            from dsv.adapters.index.trail import trail

            return trail(connection, asked, page=page)

    def search(self, text: str, *, where: Filter = _EVERYTHING, page: Page = _ONE_PAGE) -> Found[SearchHit]:
        """The versions in which every word of the text is found, the best first; see dsv.adapters.index.searching."""
        from dsv.adapters.index import searching

        with self._looking_back(where) as connection:
            return searching.search(connection, text, where=where, page=page)

    @contextlib.contextmanager
    def snapshot(self, *, origin: str = "") -> Iterator[Snapshot]:
        """What is published of the index, in one state of it; `origin` is where this repository can be cloned from."""
        from dsv.adapters.index.snapshot import Snapshot

        with self._database.reading() as connection:
            yield Snapshot(connection, origin=origin)

    @contextlib.contextmanager
    def _looking_back(self, where: Filter) -> Iterator[sqlite3.Connection]:
        with self._database.reading() as connection:
            if where.at is None:
                yield connection
                return
            from dsv.adapters.index.looking_back import looking_back

            with looking_back(connection, where.at):
                yield connection

    def graph(self) -> tuple[list[GraphVersion], list[GraphEdge]]:
        """Every version, and what each was made from; see graph.py."""
        from dsv.adapters.index.graph import graph

        with self._database.reading() as connection:
            return graph(connection)

    def runs(self) -> list[RunRow]:
        """What runs used; see graph.py."""
        from dsv.adapters.index.graph import runs

        with self._database.reading() as connection:
            return runs(connection)

    def query(self, statement: str, receive: Receive[Answer], *, seconds: float | None = None) -> Answer:
        """What `receive` makes of the columns and rows that a statement in SQL finds; see querying.py."""
        with self._database.read_only() as connection:
            from dsv.adapters.index.querying import query

            return query(connection, statement, receive, seconds=seconds)


def _stamp(connection: sqlite3.Connection, repository: str) -> str | None:
    found = connection.execute("SELECT stamp FROM repositories WHERE name = ?", (repository,)).fetchone()
    return None if found is None else str(found[0])
