"""`dsv site build`: all datasets as pages that one opens in a browser, from a file system or any web server."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.exports.site.front import Listed, Searched, front_page, lineage_page, search_index
from dsv.exports.site.pages import dataset_pages
from dsv.exports.site.places import (
    FRONT,
    LINEAGE,
    SCRIPT,
    SEARCH,
    STYLE,
    Places,
    change_file,
    dataset_file,
    version_file,
)
from dsv.exports.site.script import SCRIPT as SCRIPT_TEXT
from dsv.exports.style import STYLE as STYLE_TEXT
from dsv.repository import Repository
from dsv.repository.presenting.catalogue import Catalogue, catalogue
from dsv.repository.presenting.relations import between_datasets, keys_of
from dsv.repository.presenting.site_directory import SiteDirectory

if TYPE_CHECKING:
    from dsv.adapters.index import DatasetEntry, VersionRow
    from dsv.model.lineage import Lineage


@dataclass(frozen=True)
class Site:
    """What was built: so many pages of datasets, versions and changes in all, of which some were written now."""

    path: str
    datasets: int
    versions: int
    pages: int
    written: int
    removed: int

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "path": self.path,
            "pages": self.pages,
            "datasets": self.datasets,
            "versions": self.versions,
            "written": self.written,
            "removed": self.removed,
        }


def site_build(repository: Repository, directory: str, *, content: bool = True, title: str = "") -> Site:
    """The site of all datasets in the directory; pages that would be the same as before are not made again.

    Without `content` no record of any data is in it. Errors: ExistsError where the directory holds something else.
    """
    # gather
    place = SiteDirectory.open(directory)
    believed = {} if _is_in_git(repository, directory) else place.keys
    held = catalogue(repository, with_records=content)
    # decide
    planned = _planned(held)
    keys = keys_of(held)
    fresh = {name for name, files in planned.items() if believed.get(name) == keys[name] and place.holds(name, files)}
    # record
    place.begin({name: keys[name] for name in fresh})
    listed = _write_pages(held, place, planned, fresh=fresh, title=title or os.path.basename(repository.layout.root))
    place.finish(keys)
    pages = sum(map(len, planned.values())) + 2
    return Site(
        directory, len(listed), sum(len(each) for each in held.versions.values()), pages, place.written, place.removed
    )


def _is_in_git(repository: Repository, directory: str) -> bool:
    """Whether git keeps the site, so that a clone may have brought it, with whatever pages: then all are made anew."""
    inside = os.path.relpath(os.path.realpath(directory), os.path.realpath(repository.git.root))
    if inside.split(os.sep)[0] == os.pardir:
        return False
    return bool(repository.git.staged(inside.replace(os.sep, "/")))


def _planned(held: Catalogue) -> dict[str, list[str]]:
    """The files of each dataset's pages."""
    found = {}
    for name in held.entries:
        rows = held.versions.get(name, ())
        found[name] = [dataset_file(name), *(version_file(name, str(row.version)) for row in rows)]
        found[name] += [change_file(name, str(row.version)) for row in rows if row.previous is not None]
    return found


def _write_pages(
    held: Catalogue, place: SiteDirectory, planned: Mapping[str, Sequence[str]], *, fresh: set[str], title: str
) -> list[Listed]:
    places = Places(
        {name: {str(row.version): row.previous is not None for row in held.versions.get(name, ())} for name in planned}
    )
    between = between_datasets(held)
    for name, files in planned.items():
        if name not in fresh:
            for file, page in dataset_pages(held.dataset(name), graph=held.graph, between=between, places=places):
                place.write(file, page)
            place.keep_only(name, files)
    place.drop_others(planned)
    listed = [_listed(entry, held.versions.get(name, ())) for name, entry in held.entries.items()]
    for file, text in _shared(held, listed, between, places, title=title):
        place.write_if_other(file, text)
    return listed


def _shared(
    held: Catalogue, listed: Sequence[Listed], between: Lineage, places: Places, *, title: str
) -> Iterator[tuple[str, str]]:
    """The files that are about all datasets."""
    yield FRONT, front_page(listed, title=title, places=places)
    yield LINEAGE, lineage_page(between, places=places)
    yield STYLE, STYLE_TEXT
    yield SCRIPT, SCRIPT_TEXT
    yield SEARCH, search_index(listed, {name: list(map(_searched, rows)) for name, rows in held.versions.items()})


def _listed(entry: DatasetEntry, rows: Sequence[VersionRow]) -> Listed:
    names = {name for row in rows for name in row.field_names}
    return Listed(
        name=entry.name,
        type=entry.type,
        description=entry.description,
        status=entry.status,
        tags=entry.tags,
        stages=entry.stages,
        words=[*entry.owners, *entry.tags, *sorted(names)],
        latest="" if entry.latest is None else str(entry.latest),
        versions=entry.versions,
        records=entry.records,
        bytes=entry.bytes,
        quality=entry.quality_score,
        released=entry.updated_at or "",
        course=[row.records for row in rows],
    )


def _searched(row: VersionRow) -> Searched:
    version = str(row.version)
    return Searched(version, version_file(row.dataset, version), row.summary, row.tags)
