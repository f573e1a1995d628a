"""Rules that the lineage of manifests keeps together: parents that are there, and no version its own ancestor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dsv.checks.subject import Subject
from dsv.model.finding import Check, Finding, Status
from dsv.model.lineage import Edge, Lineage, Node
from dsv.model.manifest import Manifest

PARENT_IS_HERE = Check(
    "C601",
    "lineage",
    "The versions of this repository that a version was made from are here.",
    "Nobody can tell what went into it, or find it when a source turns out to be wrong.",
    "Somebody released with `--from raw@2.0.0`, and 2.0.0 is on a branch that was never merged.",
    "its parent {parent} is not here{more}",
    "merge or fetch what has the parent (git fetch --tags); where the name is wrong, dsv undo {ref}, and release it "
    "again",
)
PARENT_IS_THE_SAME = Check(
    "C602",
    "lineage",
    "A parent has the data that the version was made from.",
    "A version of the same number was released twice, and what was made from the other one is not made from this.",
    "A parent was taken back with `dsv undo` and released anew after others had been made from it.",
    "its parent {parent} has other data than this version was made from",
    "make {dataset} again from the parent that is here, and release that",
)
NO_CIRCLE = Check(
    "C603",
    "lineage",
    "No version is its own ancestor.",
    "One of the two cannot have been made from the other.",
    "Somebody wrote manifests by hand.",
    "is its own ancestor: {way}",
    "find the entry of lineage that is wrong; git checkout COMMIT -- {file} brings back what was released",
)

LINEAGE = (PARENT_IS_HERE, PARENT_IS_THE_SAME, NO_CIRCLE)


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
            yield subject.finding(
                PARENT_IS_HERE, status, f"its parent {parent.reference} is not here{more}", key="lineage"
            )
        elif recorded and parent.tree and recorded != parent.tree:
            said = f"its parent {parent.reference} has other data than this version was made from"
            yield subject.finding(
                PARENT_IS_THE_SAME, Status.WARNING, said, key="lineage", value=parent.tree, limit=recorded
            )
        else:
            continue
        problems += 1
    if circle := circles.get(descent.name):
        way = " <- ".join([*circle, circle[0]])
        yield subject.finding(NO_CIRCLE, Status.FAILED, f"is its own ancestor: {way}", key="lineage")
    elif not problems:
        yield subject.finding(PARENT_IS_HERE, Status.PASSED, "its parents are there", key="lineage")


def _graph(descents: Sequence[Descent]) -> Lineage:
    edges = [Edge(each.name, parent.name, "") for each in descents for parent in each.parents if parent.name]
    refs = dict.fromkeys(end for each in edges for end in (each.child, each.parent))
    return Lineage({ref: Node(ref, *ref.partition("@")[::2]) for ref in refs}, edges)
