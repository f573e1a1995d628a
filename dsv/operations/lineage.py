"""`dsv lineage`: what a version was made from, and what was made from it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dsv.errors import NotFoundError, NoVersionError, UsageError
from dsv.model.lineage import BOTH, ELSEWHERE, Direction, Lineage, Node, Statistics
from dsv.model.reference import Candidate, Exact, GitRevision, Ref, Work, choose
from dsv.model.source import Located
from dsv.model.standing import Status
from dsv.model.version import parse_version
from dsv.repository import Repository
from dsv.repository.elsewhere.added import address_of, name_of_repository
from dsv.repository.known.catalog import find, versions_of
from dsv.repository.known.lineage_graph import identity_of, lineage_graph
from dsv.repository.known.runs import UseByRun, uses_of


@dataclass(frozen=True)
class Traced:
    """A version, and the graph of those that it is related to; `circles` are versions that descend from themselves."""

    ref: str
    lineage: Lineage
    directions: frozenset[Direction] = BOTH
    circles: Sequence[Sequence[str]] = ()

    @property
    def statistics(self) -> Statistics:
        """The graph in numbers."""
        return self.lineage.statistics()

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "ref": self.ref,
            "nodes": [each.document() for each in self.lineage.nodes.values()],
            "edges": [each.document() for each in self.lineage.edges],
            "circles": [list(each) for each in self.circles],
            "cut": [each for each in self.lineage.nodes if each in self.lineage.cut],
        }

    def text(self) -> list[str]:
        """The lines of a tree."""
        from dsv.exports.lineage_tree import tree_lines

        return list(tree_lines(self.lineage, self.ref, directions=self.directions))

    def mermaid(self) -> str:
        """A flowchart of Mermaid's."""
        from dsv.exports.lineage_graphs import mermaid

        return mermaid(self.lineage, self.ref)

    def dot(self) -> str:
        """A graph for Graphviz."""
        from dsv.exports.lineage_graphs import dot

        return dot(self.lineage, self.ref)


@dataclass(frozen=True)
class Affected:
    """A version that descends from another: in how many steps, and from which of the affected ones at once."""

    node: Node
    depth: int
    parents: Sequence[tuple[str, str]]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        parents = [{"parent": parent, "relation": relation} for parent, relation in self.parents]
        return {**self.node.document(), "depth": self.depth, "made_from": parents}


@dataclass(frozen=True)
class Impact:
    """All versions that descend from one, the nearest first, and the runs that used one of them, or it itself."""

    ref: str
    lineage: Lineage
    versions: Sequence[Affected] = ()
    runs: Sequence[UseByRun] = field(default_factory=tuple)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "ref": self.ref,
            "versions": [each.document() for each in self.versions],
            "runs": [each.document() for each in self.runs],
            "nodes": [each.document() for each in self.lineage.nodes.values()],
            "edges": [each.document() for each in self.lineage.edges],
        }


def lineage(
    repository: Repository,
    reference: Located,
    *,
    directions: frozenset[Direction] = BOTH,
    depth: int | None = None,
    everything: bool = False,
) -> Traced:
    """The version with its ancestors and descendants, so many steps far; with `everything` on other branches too.

    Errors: NoDatasetError, NoVersionError.
    """
    graph, ref = _asked(repository, reference, everything=everything)
    found = graph.around(ref, directions or BOTH, depth=depth)
    circles = found.circles()
    for circle in circles:
        repository.tell(f"{circle[0]} descends from itself: {' <- '.join([*circle, circle[0]])}")
    return Traced(ref, found, directions or BOTH, circles)


def impact(repository: Repository, reference: Located, *, depth: int | None = None, everything: bool = False) -> Impact:
    """Every version that descends from this one, and every run that used one of them. Errors: as for `lineage`."""
    graph, ref = _asked(repository, reference, everything=everything)
    distances = graph.distances(ref, Direction.DOWN, depth=depth)
    found = graph.only(distances)
    affected = []
    for node in sorted(found.nodes.values(), key=lambda each: distances[each.ref]):
        if node.ref != ref:
            parents = [(each.parent, each.relation) for each in found.steps(node.ref, Direction.UP)]
            affected.append(Affected(node, distances[node.ref], parents))
    numbered = [(node, parse_version(node.version)) for node in found.nodes.values()]
    used = {(node.repository, node.dataset, version) for node, version in numbered if version is not None}
    return Impact(ref, found, affected, uses_of(repository, used))


def _asked(repository: Repository, reference: Located, *, everything: bool) -> tuple[Lineage, str]:
    """The graph, without what is only on other branches unless everything is asked for, and the version in it."""
    if isinstance(reference.reference.selector, Work):
        raise UsageError(f"{reference} has no lineage yet", hint="lineage takes a released version")
    if not reference.repository:
        repository = repository.home_of(reference.reference)
    graph = lineage_graph(repository)
    if not everything:
        named = {each.parent for each in graph.edges if graph.nodes[each.child].known}
        graph = graph.only(ref for ref, node in graph.nodes.items() if node.known or ref in named)
    place = _place(graph, repository, reference.repository)
    ref = _ref_elsewhere(graph, reference, place) if place else _ref_here(graph, repository, reference.reference)
    return graph, ref


def _ref_here(graph: Lineage, repository: Repository, reference: Ref) -> str:
    """The node of a version of this repository: one that is known, or that other branches or manifests name."""
    try:
        if isinstance(reference.selector, GitRevision):
            from dsv.repository.comparing.revision import version_at

            known = version_at(repository, reference.dataset, reference.selector)
            return f"{versions_of(repository, known.dataset).dataset}@{known.version}"
        known, versions = find(repository, replace(reference, prefix=repository.layout.prefix))
    except NotFoundError:
        named = f"{reference.dataset}@{reference.selector}"
        if isinstance(reference.selector, Exact) and named in graph.nodes:
            return named
        raise
    return f"{versions.dataset}@{known.version}"


def _place(graph: Lineage, repository: Repository, text: str) -> str:
    """What the nodes of a repository have as theirs: "" for this one, the name of an added one, else an address."""
    if not text or any(node.repository == text for node in graph.nodes.values()):
        return text
    address = address_of(text, directory=os.getcwd())
    name = name_of_repository(repository, address.text)
    if name is not None:
        return name
    for place in sorted({node.repository for node in graph.nodes.values() if node.status == ELSEWHERE}):
        if identity_of(place, directory=repository.git.root) == address.identity:
            return place
    return text


def _ref_elsewhere(graph: Lineage, reference: Located, place: str) -> str:
    """The node of a version of another repository; NoVersionError where nothing here knows of it."""
    asked = reference.reference
    there = {
        node.version: node for node in graph.nodes.values() if (node.repository, node.dataset) == (place, asked.dataset)
    }
    if not there:
        raise NoVersionError(
            f"nothing here was made from {asked.dataset} of {place}, and its versions are not known here",
            hint="dsv index add URL makes another repository's versions known",
        )
    candidates = []
    for text, node in there.items():
        version = parse_version(text)
        if version is not None:
            withdrawn = {"yanked": node.status == Status.YANKED.value, "removed": node.status == Status.REMOVED.value}
            stages = tuple(node.stages)
            candidates.append(Candidate(version, node.created_at, node.tree, stages=stages, **withdrawn))
    return there[str(choose(asked, candidates).version)].ref
