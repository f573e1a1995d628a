"""Which runs used which versions: the events that HEAD's tree holds of them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.model.version import Version
from dsv.repository.known.catalog import versions_of
from dsv.repository.known.search_index import parsed_events

if TYPE_CHECKING:
    from dsv.repository.repository import Repository

_RUN_FILE = re.compile(r".*-run-[^/]*\.yaml")


@dataclass(frozen=True)
class Run:
    """A run that used a version: its id, when that was recorded, and what was."""

    id: str
    dataset: str
    version: Version
    at: str
    data: dict[str, Any]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "id": self.id,
            "dataset": self.dataset,
            "version": str(self.version),
            "at": self.at,
            "data": self.data,
        }


def runs_of(repository: Repository, versions: Collection[tuple[str, Version]]) -> list[Run]:
    """The runs that used these versions, given as (dataset, version), under any name of the dataset: newest first.

    An event that cannot be read is told of, and left out.
    """
    git, layout = repository.git, repository.layout
    head = git.head()
    names = {name: versions_of(repository, name).names for name in sorted({name for name, _ in versions})}
    wanted = {(other, version) for name, version in versions for other in names[name]}
    directories = [layout.in_git(layout.events(name)) for name in sorted({name for name, _ in wanted})]
    if head is None or not directories:
        return []
    files = {path: entry.blob for path, entry in git.tree(head, *directories).items() if _RUN_FILE.fullmatch(path)}
    events = parsed_events(repository, files.values())
    found = []
    for path, blob in files.items():
        event = events.get(blob)
        if event is None or not isinstance(event["data"].get("id"), str):
            repository.tell(f"{layout.from_git(path)} is no event of a run that can be read, and is left out")
        elif event["event"] == "run" and event["version"] is not None:
            version = Version.parse(event["version"])
            if (event["dataset"], version) in wanted:
                found.append(Run(event["data"]["id"], event["dataset"], version, event["at"], event["data"]))
    found.sort(key=lambda run: (run.dataset, run.version, run.id))
    return sorted(found, key=lambda run: run.at, reverse=True)
