"""Which commit brought which text of a manifest or an event: all of git's history once, then only what came since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters.index import Arrival, Walk
from dsv.model.standing import kind_in
from dsv.model.version import parse_version

if TYPE_CHECKING:
    from dsv.repository.layout import Layout
    from dsv.repository.repository import Repository

EVERYTHING = ("--all", "HEAD")


@dataclass(frozen=True)
class _Ends:
    """What git's references lead to: all of them, those that are branches or HEAD, and where history is cut off."""

    all: frozenset[str]
    branches: frozenset[str]
    shallow: frozenset[str]


def look(repository: Repository, references: str, *, earlier: Walk | None) -> Walk:
    """The walk to where the references are, since the earlier one.

    Where history was rewritten since, so that what was met then may be gone, it begins anew.
    """
    if earlier is not None:
        before, now = _ends(earlier.references), _ends(references)
        lost = sorted(before.all - now.all)
        ends = sorted(now.branches)
        if before.shallow == now.shallow and (not lost or repository.git.leads_to(ends, commits=lost)):
            fresh = sorted(now.all - before.all)
            arrivals = _arrivals(repository, fresh, without=sorted(before.branches)) if fresh else []
            return Walk(references, arrivals, since=earlier.references)
    return Walk(references, _arrivals(repository, EVERYTHING))


def _ends(references: str) -> _Ends:
    rows = [line.partition(" ") for line in references.split("\n") if line]
    shallow = frozenset([end for end, _, name in rows if name == "shallow"])
    branches = [end for end, _, name in rows if name == "HEAD" or name.startswith(("refs/heads/", "refs/remotes/"))]
    every = frozenset([end for end, _, name in rows if name != "shallow"])
    return _Ends(every, frozenset(branches), shallow)


def _arrivals(repository: Repository, revisions: Sequence[str], *, without: Sequence[str] = ()) -> list[Arrival]:
    """What came below the manifests' directory and has the name of a manifest or of an event."""
    git, layout = repository.git, repository.layout
    found = []
    for entry in git.history(layout.in_git(layout.manifests), revisions=revisions, without=without):
        if entry.blob is not None and _counts(layout, layout.from_git(entry.path)):
            found.append(Arrival(entry.path, entry.blob, entry.commit, entry.committed, entry.author))
    return found


def _counts(layout: Layout, path: str) -> bool:
    if named := layout.parse_manifest_path(path):
        return parse_version(named[1]) is not None
    event = layout.parse_event_path(path)
    return event is not None and bool(kind_in(event[1]))
