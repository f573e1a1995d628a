"""Rules that the lineage of manifests keeps together: parents that are there, and no version its own ancestor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dsv.checks.finding import Finding, Status
from dsv.checks.manifests import Subject
from dsv.model.lineage import Edge, Lineage, Node
from dsv.model.manifest import Manifest

_CHECK = "lineage"


@dataclass(frozen=True)
class Parent:
    """A parent that a manifest of this repository names, by its reference there.

    `name` is `NAME@X.Y.Z` by the dataset's name today, None where there is no such version; `tree` is the digest in
    its manifest, where that was read.
    """

    reference: str
    name: str | None
    tree: str | None = None


@dataclass(frozen=True)
class Descent:
    """A manifest that was read, its `NAME@X.Y.Z` by the dataset's name today, and its parents in this repository."""

    subject: Subject
    name: str
    manifest: Manifest
    parents: Sequence[Parent]


def check_lineage(descents: Sequence[Descent], *, complete: bool) -> list[Finding]:
    """What there is to say about these; `complete` is whether the clone has all tags, so that nothing is missed."""
    circles = {ref: circle for circle in _graph(descents).circles() for ref in circle}
    return [finding for each in descents for finding in _findings(each, circles, complete=complete)]


def _findings(descent: Descent, circles: Mapping[str, Sequence[str]], *, complete: bool) -> Iterable[Finding]:
    subject, problems = descent.subject, 0
    digests = {each.ref: each.digest for each in descent.manifest.lineage if each.repository is None}
    for parent in descent.parents:
        recorded = digests.get(parent.reference)
        if parent.name is None:
            status, more = (Status.FAILED, "") if complete else (Status.WARNING, "; this clone lacks tags or history")
            yield subject.finding(_CHECK, status, f"its parent {parent.reference} is not here{more}", key="lineage")
        elif recorded and parent.tree and recorded != parent.tree:
            said = f"its parent {parent.reference} has other data than this version was made from"
            yield subject.finding(_CHECK, Status.WARNING, said, key="lineage", value=parent.tree, limit=recorded)
        else:
            continue
        problems += 1
    if circle := circles.get(descent.name):
        way = " <- ".join([*circle, circle[0]])
        yield subject.finding(_CHECK, Status.FAILED, f"is its own ancestor: {way}", key="lineage")
    elif not problems:
        yield subject.finding(_CHECK, Status.PASSED, "its parents are there", key="lineage")


def _graph(descents: Sequence[Descent]) -> Lineage:
    edges = [Edge(each.name, parent.name, "") for each in descents for parent in each.parents if parent.name]
    refs = dict.fromkeys(end for each in edges for end in (each.child, each.parent))
    return Lineage({ref: Node(ref, *ref.partition("@")[::2]) for ref in refs}, edges)
