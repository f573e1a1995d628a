"""`dsv report`: one version as a page to look at in a browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dsv.errors import UsageError
from dsv.exports.site.version_page import version_report
from dsv.model.reference import GitRevision, Ref, Work
from dsv.repository import Repository
from dsv.repository.known.catalog import find, warn
from dsv.repository.presenting.catalogue import catalogue
from dsv.repository.presenting.page_file import write_page


@dataclass(frozen=True)
class Report:
    """The page of a version; `with_records` is whether records of it are in the page."""

    ref: str
    html: str
    with_records: bool

    @property
    def file_name(self) -> str:
        """What its file is called where nobody says otherwise."""
        return f"{self.ref.replace('@', '-')}.html"

    def write(self, path: str) -> None:
        """Put the page there, in place of an earlier report. Errors: ExistsError for any other file."""
        write_page(path, self.html)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"ref": self.ref, "bytes": len(self.html.encode()), "with_records": self.with_records}


def report(repository: Repository, reference: Ref, *, content: bool = True) -> Report:
    """What the version is, how it came to be and what is said of it; without `content` no record is in it.

    Errors: NoDatasetError, NoVersionError.
    """
    if isinstance(reference.selector, Work | GitRevision):
        raise UsageError(f"{reference} is no released version", hint="report takes one; see dsv status and dsv diff")
    # gather
    repository = repository.home_of(reference)
    known, versions = find(repository, reference)
    warn(repository, known, versions.standing)
    held = catalogue(repository, with_records=content, only=[versions.dataset])
    dataset = held.dataset(versions.dataset, about=known.version)
    version = next(each for each in dataset.versions if each.version == known.version)
    # decide
    return Report(
        version.ref, version_report(version, dataset, held.graph), with_records=bool(version.samples or version.changed)
    )
