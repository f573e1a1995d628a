"""Where the pages of a site lie, and how one of them leads to another in a file system."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

FRONT = "index.html"
LINEAGE = "lineage.html"
STYLE = "assets/style.css"
SCRIPT = "assets/site.js"
SEARCH = "assets/search.js"


def dataset_file(dataset: str) -> str:
    """The page of a dataset."""
    return f"datasets/{dataset}/index.html"


def version_file(dataset: str, version: str) -> str:
    """The page of a version."""
    return f"datasets/{dataset}/versions/{_told_apart(version)}.html"


def change_file(dataset: str, version: str) -> str:
    """The page of what changed with a version."""
    return f"datasets/{dataset}/changes/{_told_apart(version)}.html"


def _told_apart(version: str) -> str:
    """The version as a name of a file, also where names that differ only in case are one."""
    if version == version.lower():
        return version
    return f"{version}_{hashlib.sha256(version.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Places:
    """The pages that there are, as seen from one that lies `depth` directories deep.

    `versions` has each dataset's versions, each with whether there was one before.
    """

    versions: Mapping[str, Mapping[str, bool]]
    depth: int = 0

    def at(self, file: str) -> str:
        """The way to a file of the site."""
        return "../" * self.depth + file

    def version(self, dataset: str, version: str) -> str:
        """The page of a version."""
        return self.at(version_file(dataset, version)) if version in self.versions.get(dataset, ()) else ""

    def dataset(self, dataset: str) -> str:
        """The page of a dataset."""
        return self.at(dataset_file(dataset)) if dataset in self.versions else ""

    def change(self, dataset: str, version: str) -> str:
        """The page of what changed with a version."""
        there = self.versions.get(dataset, {}).get(version, False)
        return self.at(change_file(dataset, version)) if there else ""
