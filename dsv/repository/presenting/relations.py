"""How datasets come from one another, and what the pages of each are made from."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

from dsv.exports.lineage_drawing import NEAREST
from dsv.model.lineage import ELSEWHERE, Edge, Lineage, Node

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
    found = {}
    for name in held.entries:
        digest = hashlib.sha256(f"{how}\n{held.sources.get(name)}\n".encode())
        digest.update(json.dumps(held.records_here(name)).encode())
        for row in held.versions.get(name, ()):
            ref = f"{name}@{row.version}"
            if ref in held.graph.nodes:
                near = held.graph.near(ref, most=NEAREST)
                digest.update(repr((list(near.nodes.values()), near.edges)).encode())
        near = between.near(name, most=NEAREST)
        digest.update(repr((list(near.nodes.values()), near.edges)).encode())
        found[name] = digest.hexdigest()
    return found


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
