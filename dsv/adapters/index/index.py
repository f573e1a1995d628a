"""The derived index: filled from git's manifests by whoever knows git, asked by everyone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dsv.adapters.index import filling, listing, querying, searching
from dsv.adapters.index.database import Database
from dsv.adapters.index.folding import storable
from dsv.adapters.index.rows import Arrival, Filter, IndexStatus, Outcome, Page, Walk
from dsv.adapters.index.schema import SCHEMA

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from typing_extensions import Self

    from dsv.adapters.index.querying import Answer, Receive
    from dsv.adapters.index.rows import DatasetEntry, DatasetRow, Found, SearchHit, Shown, VersionRow

_EVERYTHING = Filter()
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
        """The key of the refs that the index was built from; None when it is empty."""
        with self._database.reading() as connection:
            return _about(connection).get("stamp")

    def status(self) -> IndexStatus:
        """What the index is and holds; versions that are only on other branches count too."""
        with self._database.reading() as connection:
            about = _about(connection)
            datasets, versions = connection.execute(
                "SELECT (SELECT count(*) FROM datasets), (SELECT count(*) FROM dataset_versions)"
            ).fetchone()
        return IndexStatus(
            self._database.path, SCHEMA, datasets, versions, about.get("stamp"), about.get("refreshed_at")
        )

    def sources(self) -> dict[str, str]:
        """Each dataset's source, by its name."""
        with self._database.reading() as connection:
            return dict(connection.execute("SELECT name, source FROM datasets").fetchall())

    def walk(self) -> Walk | None:
        """The looks through git's history so far, as one; None before the first."""
        with self._database.reading() as connection:
            references = _about(connection).get("references")
            found = connection.execute("SELECT path, blob_id, commit_id, committed FROM manifest_history").fetchall()
        return None if references is None else Walk(references, [Arrival(*each) for each in found])

    def replace(
        self,
        stamp: str,
        *,
        datasets: Iterable[DatasetRow],
        versions: Iterable[VersionRow],
        walk: Walk | None = None,
    ) -> None:
        """Make the index hold exactly these datasets and versions, in one transaction.

        Every version's dataset must be among the datasets, each version once. Only what differs from what the
        index holds is written, so one new version among ten thousand costs little.
        """
        with self._database.writing() as connection:
            filling.fill(connection, stamp=stamp, datasets=datasets, versions=versions)
            if walk is not None:
                filling.remember_walk(connection, walk)

    def refresh(
        self,
        stamp: str,
        *,
        since: str,
        unchanged: Collection[str],
        datasets: Iterable[DatasetRow],
        versions: Iterable[VersionRow],
        walk: Walk,
    ) -> Outcome:
        """As `replace`, but the unchanged datasets stay with their versions.

        Nothing is written when the index no longer has the stamp `since`: then `unchanged` may be wrong.
        """
        with self._database.writing() as connection:
            if _about(connection).get("stamp") != since:
                return Outcome.OVERTAKEN
            filling.fill(connection, stamp=stamp, datasets=datasets, versions=versions, unchanged=unchanged)
            filling.remember_walk(connection, walk)
        return Outcome.WRITTEN

    def cached(self, blob_ids: Iterable[str], *, members: Sequence[str] = ()) -> dict[str, str]:
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
                " WHERE blob_id IN (SELECT value FROM json_each(?)) ORDER BY blob_id",
                (*names, asked),
            )
            return dict(found.fetchall())

    def remember(self, documents: Mapping[str, str]) -> None:
        """Keep the JSON document of each parsed blob."""
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO manifest_blobs VALUES (?, ?)",
                [(blob_id, storable(documents[blob_id])) for blob_id in sorted(documents)],
            )

    def datasets(self, *, where: Filter = _EVERYTHING, page: Page = _ONE_PAGE) -> Found[DatasetEntry]:
        """The datasets that fit, by name unless the page says otherwise; one without a release is in it too."""
        with self._database.reading() as connection:
            return listing.datasets(connection, where=where, page=page)

    def versions(
        self, dataset: str | None = None, *, limit: int | None = None, shown: Shown | None = None
    ) -> list[VersionRow]:
        """The known versions of a dataset, highest first; of all datasets, last created first."""
        with self._database.reading() as connection:
            return listing.versions(connection, dataset, limit=limit, shown=shown)

    def search(self, text: str, *, where: Filter = _EVERYTHING, page: Page = _ONE_PAGE) -> Found[SearchHit]:
        """The versions in which every word of the text is found, the best first; see dsv.adapters.index.searching."""
        with self._database.reading() as connection:
            return searching.search(connection, text, where=where, page=page)

    def query(self, statement: str, receive: Receive[Answer], *, seconds: float | None = None) -> Answer:
        """What `receive` makes of the columns and rows that a statement in SQL finds; see querying.py."""
        with self._database.read_only() as connection:
            return querying.query(connection, statement, receive, seconds=seconds)


def _about(connection: sqlite3.Connection) -> dict[str, str]:
    return dict(connection.execute("SELECT key, value FROM about").fetchall())
