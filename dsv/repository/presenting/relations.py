"""How datasets come from one another, and what the pages of each are made from."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from dsv.exports.lineage_drawing import NEAREST, WIDEST
from dsv.model.lineage import ELSEWHERE, Direction, Edge, Lineage, Node, other_end

if TYPE_CHECKING:
    from dsv.repository.presenting.catalogue import Catalogue


def between_datasets(held: Catalogue) -> Lineage:
    """A graph of datasets, each a node by its name; a dataset of another repository by its name and place."""
    graph = held.graph
    names = {ref: _name(node) for ref, node in graph.nodes.items()}
    nodes = {
        name: Node(name, name, "", records=entry.records, status=entry.status) for name, entry in held.entries.items()
    }
    edges: dict[tuple[str, str, str], Edge] = {}
    for each in graph.edges:
        child, parent = names[each.child], names[each.parent]
        if child != parent and graph.nodes[each.child].known:
            edges.setdefault((child, parent, each.relation), Edge(child, parent, each.relation))
    for pair in edges:
        for name in pair[:2]:
            nodes.setdefault(name, Node(name, name, "", repository=ELSEWHERE, status=ELSEWHERE))
    return Lineage(nodes, [edges[key] for key in sorted(edges)])


def keys_of(held: Catalogue) -> dict[str, str]:
    """For each dataset a digest of all that its pages are made from, and of how; it differs when any of that does."""
    how = f"{_program()} {held.with_records}"
    between = between_datasets(held)
    related, seen = _told(between), _told(held.graph)
    found = {}
    for name in held.entries:
        parts = [how, str(held.sources.get(name)), str(held.records_here(name))]
        parts += (related[each] for each in between.nearest(name, most=NEAREST, widest=WIDEST))
        for row in held.versions.get(name, ()):
            ref = f"{name}@{row.version}"
            if ref in seen:
                parts += (seen[each] for each in held.graph.nearest(ref, most=NEAREST, widest=WIDEST))
                for direction in Direction:
                    parts += (seen[other_end(edge, direction)] for edge in held.graph.steps(ref, direction))
        found[name] = hashlib.sha256("\n".join(parts).encode("utf-8", "backslashreplace")).hexdigest()
    return found


def _told(graph: Lineage) -> dict[str, str]:
    """What a drawing tells of each node: itself, and what it was made from."""
    return {
        ref: hashlib.sha256(f"{node} {graph.steps(ref, Direction.UP)}".encode("utf-8", "backslashreplace")).hexdigest()
        for ref, node in graph.nodes.items()
    }


def _program() -> str:
    """A digest of what makes pages: another dsv may make others of the same versions."""
    import dsv.exports

    digest = hashlib.sha256()
    for top in (os.path.dirname(str(dsv.exports.__file__)), os.path.dirname(__file__)):
        for directory, _, files in sorted(os.walk(top)):
            for name in sorted(files):
                if name.endswith(".py"):
                    with open(os.path.join(directory, name), "rb") as stream:
                        digest.update(stream.read())
    return digest.hexdigest()


def _name(node: Node) -> str:
    return f"{node.dataset} ({node.repository})" if node.repository else node.dataset
