"""Pages to look at in a browser, made from Python."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsv.operations.report import Report
    from dsv.operations.site import Site
    from dsv.repository import Repository


@dataclass(frozen=True)
class Looking:
    """A version, or the whole catalogue, to look at; the methods are those of `dsv.api.Repo`."""

    repository: Repository

    def report(self, reference: str, *, content: bool = True) -> Report:
        """A version as a page: `.html`, and `.write(path)`. Without `content` no record of the data is in it."""
        from dsv.model.reference import parse_reference
        from dsv.operations.report import report

        return report(self.repository, parse_reference(reference), content=content)

    def site(self, directory: str | os.PathLike[str] = "site", *, title: str = "", content: bool = True) -> Site:
        """The catalogue of all datasets in a directory, made if absent; built again, only what changed is written.

        Errors: ExistsError where the directory holds something else.
        """
        from dsv.operations.site import site_build

        return site_build(self.repository, os.fspath(directory), content=content, title=title)
