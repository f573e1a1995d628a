"""The lineage of all versions, as the index holds it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from dsv.errors import UsageError
from dsv.model.lineage import ELSEWHERE, MISSING, Edge, Lineage, Node
from dsv.model.source import located
from dsv.repository.elsewhere.added import address_of, name_of_repository
from dsv.repository.known.search_index import ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsv.adapters.index.graph import GraphEdge, GraphVersion
    from dsv.repository.repository import Repository

DELETED = "deleted"
"""The status of a version whose manifest HEAD's history had, and HEAD's tree has not."""


def lineage_graph(repository: Repository) -> Lineage:
    """Every version of this repository and of those that were added, and every parent that a manifest names.

    Versions that are only on other branches are in it, with `known` false.
    """
    versions, edges = ask(repository, lambda index: index.graph())
    return _Graph(repository, versions).with_edges(edges)


def identity_of(address: str, *, directory: str) -> str:
    """What addresses of one repository share; a text that is no address is its own."""
    try:
        return address_of(address, directory=directory).identity
    except UsageError:
        return address


@dataclass
class _Graph:
    repository: Repository
    versions: Sequence[GraphVersion]
    nodes: dict[str, Node] = field(default_factory=dict)
    _places: dict[str, str] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)

    def with_edges(self, edges: Sequence[GraphEdge]) -> Lineage:
        """The graph with these edges, and with nodes for parents that are not among the versions."""
        refs: dict[int, str] = {}
        homes: dict[int, str] = {}
        for each in self.versions:
            ref = located(f"{each.dataset}@{each.version}", each.repository)
            refs[each.id], homes[each.id] = ref, each.repository
            self.nodes[ref] = Node(
                ref,
                each.dataset,
                each.version,
                each.repository,
                each.records,
                DELETED if each.deleted and not each.known else each.status,
                tuple(json.loads(each.stages)) if each.stages != "[]" else (),
                bool(each.known),
                each.created_at,
                each.tree_digest,
            )
        found = []
        for edge in edges:
            parent = refs.get(edge.parent_id) if edge.parent_id is not None else None
            parent = parent or self._named(edge, home=homes[edge.version_id])
            counts = (edge.inherited, edge.new, edge.modified, edge.removed)
            found.append(Edge(refs[edge.version_id], parent, edge.relation, *counts, produced_by=edge.produced_by))
        return Lineage(self.nodes, found)

    def _named(self, edge: GraphEdge, *, home: str) -> str:
        """The ref of a parent by what its child's manifest says of it; a node is made where there is none."""
        place = self._place(edge.parent_repository) if edge.parent_repository else home
        ref = located(edge.parent, place)
        if ref not in self.nodes:
            status = MISSING if place in self._held else ELSEWHERE
            self.nodes[ref] = Node(ref, edge.parent_dataset, edge.parent_version, place, status=status)
        return ref

    @cached_property
    def _held(self) -> frozenset[str]:
        """The repositories whose versions the index holds."""
        return frozenset(["", *(each.repository for each in self.versions)])

    def _place(self, url: str) -> str:
        """How the repository of a manifest is called: by its name here, or by the first of its addresses."""
        if url not in self._places:
            name = name_of_repository(self.repository, url)
            if name is None:
                name = self._addresses.setdefault(identity_of(url, directory=self.repository.git.root), url)
            self._places[url] = name
        return self._places[url]
