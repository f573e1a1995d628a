"""Which version was made from which: a graph of versions, and walks in it.

A node is a version, or what some manifest calls one; an edge leads from the child to the parent that its manifest
names. What people wrote may be anything, a circle too, so every walk looks at a node once.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from dsv.model.source import PREVIOUS

MISSING = "missing"
"""The status of a parent that its repository does not have."""

ELSEWHERE = "elsewhere"
"""The status of a parent in a repository whose versions are not known here."""


@dataclass(frozen=True)
class Node:
    """A version: `ref` is how it is written from here, which no other node shares.

    `repository` is "" for this one, else the name or the address of the one that it is in. `status` is that of the
    version, or MISSING, or ELSEWHERE; `known` is false for one that is only on other branches.
    """

    ref: str
    dataset: str
    version: str
    repository: str = ""
    records: int | None = None
    status: str = "active"
    stages: Sequence[str] = ()
    known: bool = True
    created_at: str = ""
    tree: str = ""

    @property
    def mark(self) -> str:
        """What is to be said of the version beside its name; "" for one of which nothing is."""
        if self.status != "active":
            return self.status
        return "" if self.known else "other branch"

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "ref": self.ref,
            "dataset": self.dataset,
            "version": self.version,
            "repository": self.repository,
            "records": self.records,
            "status": self.status,
            "stages": list(self.stages),
            "created_at": self.created_at or None,
            "known": self.known,
        }


@dataclass(frozen=True)
class Edge:
    """A child and a parent, both by `ref`, and what became of the parent's records; None where that is not known."""

    child: str
    parent: str
    relation: str
    inherited: int | None = None
    new: int | None = None
    modified: int | None = None
    removed: int | None = None
    produced_by: str | None = None

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "child": self.child,
            "parent": self.parent,
            "relation": self.relation,
            "inherited": self.inherited,
            "new": self.new,
            "modified": self.modified,
            "removed": self.removed,
            "produced_by": self.produced_by,
        }


class Direction(Enum):
    """Where a walk goes."""

    UP = "up"
    """To what a version was made from."""
    DOWN = "down"
    """To what was made from it."""


BOTH = frozenset(Direction)


@dataclass(frozen=True)
class Statistics:
    """A lineage in numbers; records are summed over all edges, `uncounted` of which do not know theirs."""

    total_versions: int
    root_versions: int
    leaf_versions: int
    max_depth: int
    relations: Mapping[str, int]
    inherited: int
    new: int
    modified: int
    removed: int
    uncounted: int

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "total_versions": self.total_versions,
            "root_versions": self.root_versions,
            "leaf_versions": self.leaf_versions,
            "max_depth": self.max_depth,
            "relations": dict(self.relations),
            "inherited": self.inherited,
            "new": self.new,
            "modified": self.modified,
            "removed": self.removed,
            "uncounted": self.uncounted,
        }


@dataclass(frozen=True)
class Lineage:
    """A graph of versions; `cut` are those of which some parents or children were left out."""

    nodes: Mapping[str, Node]
    edges: Sequence[Edge]
    cut: frozenset[str] = frozenset()
    _parents: dict[str, list[Edge]] = field(default_factory=dict, compare=False, repr=False)
    _children: dict[str, list[Edge]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for edge in self.edges:
            self._parents.setdefault(edge.child, []).append(edge)
            self._children.setdefault(edge.parent, []).append(edge)

    def steps(self, ref: str, direction: Direction) -> Sequence[Edge]:
        """The edges from a node to its parents, or to its children."""
        return (self._parents if direction is Direction.UP else self._children).get(ref, ())

    def distances(self, ref: str, direction: Direction, *, depth: int | None = None) -> dict[str, int]:
        """Every node that a walk from this one meets, itself too, with the fewest steps to it."""
        found, waiting = {ref: 0}, deque([ref])
        while waiting:
            here = waiting.popleft()
            if found[here] == depth:
                continue
            for edge in self.steps(here, direction):
                there = other_end(edge, direction)
                if there not in found:
                    found[there] = found[here] + 1
                    waiting.append(there)
        return found

    def around(self, ref: str, directions: Iterable[Direction], *, depth: int | None = None) -> Lineage:
        """The node with what it was made from and what was made from it, and all edges among these."""
        inside: dict[str, int] = {ref: 0}
        cut: set[str] = set()
        for direction in sorted(directions, key=lambda each: each.value):
            found = self.distances(ref, direction, depth=depth)
            inside |= found
            ends = (each for each, distance in found.items() if distance == depth)
            cut |= {
                each for each in ends if any(other_end(e, direction) not in found for e in self.steps(each, direction))
            }
        return self.only(inside, cut=cut)

    def nearest(self, ref: str, *, most: int, widest: int) -> list[str]:
        """The node and so many others at most that it descends from or that descend from it, the nearest first.

        Of those that are as many steps away in one direction there are `widest`, the first ones. It looks at no more
        of the graph than that, however large it is.
        """
        found = {ref: ref}
        rings = {direction: [ref] for direction in Direction}
        met = {direction: {ref} for direction in Direction}
        while any(rings.values()) and len(found) <= most:
            for direction, ring in rings.items():
                edges = self._parents if direction is Direction.UP else self._children
                seen, further = met[direction], []
                for here in ring:
                    for edge in edges.get(here, ()):
                        there = edge.parent if direction is Direction.UP else edge.child
                        if there not in seen:
                            seen.add(there)
                            further.append(there)
                rings[direction] = further[:widest]
                for each in rings[direction][: most + 1 - len(found)]:
                    found[each] = each
        return list(found)

    def near(self, ref: str, *, most: int, widest: int) -> Lineage:
        """The graph of `nearest`; what has further parents or children is `cut`."""
        found = dict.fromkeys(self.nearest(ref, most=most, widest=widest))
        kept = [edge for here in found for edge in self.steps(here, Direction.UP) if edge.parent in found]
        beyond = (
            here
            for here in found
            for direction in Direction
            if any(other_end(edge, direction) not in found for edge in self.steps(here, direction))
        )
        return Lineage({each: self.nodes[each] for each in found}, kept, frozenset(beyond))

    def only(self, refs: Iterable[str], *, cut: Iterable[str] = ()) -> Lineage:
        """These nodes, in the order that they have here, and the edges among them."""
        inside = set(refs)
        return Lineage(
            {ref: node for ref, node in self.nodes.items() if ref in inside},
            [each for each in self.edges if each.child in inside and each.parent in inside],
            frozenset(cut),
        )

    def circles(self) -> list[list[str]]:
        """Nodes that are their own ancestors: each circle from its first node on, child before parent."""
        left = self._unordered()
        found: list[list[str]] = []
        seen: set[str] = set()
        for ref in (each for each in self.nodes if each in left):
            if ref in seen:
                continue
            way = self.way_up(ref, ref)[:-1]
            found += [way] if way else []
            seen.update(way)
        return found

    def way_up(self, ref: str, ancestor: str) -> list[str]:
        """The shortest way from a node to an ancestor, both ends included, in one step at least; empty for none."""
        came: dict[str, str] = {}
        waiting = deque([ref])
        while waiting:
            here = waiting.popleft()
            for edge in self.steps(here, Direction.UP):
                if edge.parent in came:
                    continue
                came[edge.parent] = here
                if edge.parent == ancestor:
                    way = [ancestor, here]
                    while way[-1] != ref:
                        way.append(came[way[-1]])
                    return way[::-1]
                waiting.append(edge.parent)
        return []

    def statistics(self) -> Statistics:
        """The graph in numbers. A version in a circle has no depth."""
        counted = [each for each in self.edges if each.inherited is not None]
        relations = Counter(each.relation for each in self.edges)
        return Statistics(
            total_versions=len(self.nodes),
            root_versions=sum(not self.steps(ref, Direction.UP) for ref in self.nodes),
            leaf_versions=sum(not self.steps(ref, Direction.DOWN) for ref in self.nodes),
            max_depth=max(self._depths().values(), default=0),
            relations=dict(sorted(relations.items(), key=lambda each: (-each[1], each[0]))),
            inherited=sum(each.inherited or 0 for each in counted),
            new=sum(each.new or 0 for each in counted),
            modified=sum(each.modified or 0 for each in counted),
            removed=sum(each.removed or 0 for each in counted),
            uncounted=len(self.edges) - len(counted),
        )

    def _depths(self) -> dict[str, int]:
        """The longest way to each node from one without parents; those behind a circle have none."""
        waits = {ref: len(self.steps(ref, Direction.UP)) for ref in self.nodes}
        ready = deque(ref for ref, number in waits.items() if number == 0)
        depths = dict.fromkeys(ready, 0)
        done: dict[str, int] = {}
        while ready:
            ref = ready.popleft()
            done[ref] = depths[ref]
            for edge in self.steps(ref, Direction.DOWN):
                depths[edge.child] = max(depths.get(edge.child, 0), depths[ref] + 1)
                waits[edge.child] -= 1
                if waits[edge.child] == 0:
                    ready.append(edge.child)
        return done

    def _unordered(self) -> set[str]:
        """The nodes in circles or between circles: those that no order of ancestors first, or last, can hold."""
        left = set(self.nodes) - self._depths().keys()
        waits = {ref: sum(each.child in left for each in self.steps(ref, Direction.DOWN)) for ref in left}
        ready = deque(ref for ref, number in waits.items() if number == 0)
        while ready:
            ref = ready.popleft()
            left.discard(ref)
            for edge in self.steps(ref, Direction.UP):
                if edge.parent in waits and edge.parent in left:
                    waits[edge.parent] -= 1
                    if waits[edge.parent] == 0:
                        ready.append(edge.parent)
        return left


def other_end(edge: Edge, direction: Direction) -> str:
    """The node that an edge leads to."""
    return edge.parent if direction is Direction.UP else edge.child


@dataclass(frozen=True)
class Run:
    """Versions that follow on one another with nothing else beside them, oldest first; often one."""

    nodes: Sequence[Node]

    @property
    def first(self) -> Node:
        """The oldest."""
        return self.nodes[0]

    @property
    def last(self) -> Node:
        """The newest."""
        return self.nodes[-1]


SHORTEST_RUN = 3
"""Fewer versions in a row are shown one by one."""


def contracted(lineage: Lineage, *, keep: Callable[[str], bool]) -> tuple[dict[str, Run], list[Edge]]:
    """The graph with long runs of plain versions as one node, by the ref of their oldest; edges between those.

    A version is plain when it is the next of one version, has one next and is in no other relation.
    """
    plain = {ref for ref in lineage.nodes if not keep(ref) and _is_plain(lineage, ref)}
    runs: dict[str, Run] = {}
    home: dict[str, str] = {}
    for ref in lineage.nodes:
        if ref in home:
            continue
        members = _run_of(lineage, ref, plain) if ref in plain else [ref]
        parts = [members] if len(members) >= SHORTEST_RUN else [[each] for each in members]
        for part in parts:
            runs[part[0]] = Run([lineage.nodes[each] for each in part])
            home.update(dict.fromkeys(part, part[0]))
    edges = [each for each in lineage.edges if home[each.child] != home[each.parent]]
    return runs, [_moved(each, home) for each in edges]


def _moved(edge: Edge, home: Mapping[str, str]) -> Edge:
    counts = (edge.inherited, edge.new, edge.modified, edge.removed)
    return Edge(home[edge.child], home[edge.parent], edge.relation, *counts, produced_by=edge.produced_by)


def _is_plain(lineage: Lineage, ref: str) -> bool:
    up, down = lineage.steps(ref, Direction.UP), lineage.steps(ref, Direction.DOWN)
    return len(up) <= 1 and len(down) <= 1 and all(each.relation == PREVIOUS for each in (*up, *down))


def _run_of(lineage: Lineage, ref: str, plain: set[str]) -> list[str]:
    """The plain versions in a row of which this is one, oldest first."""
    members, seen = deque([ref]), {ref}
    for direction, add in ((Direction.UP, members.appendleft), (Direction.DOWN, members.append)):
        here = ref
        while steps := lineage.steps(here, direction):
            here = other_end(steps[0], direction)
            if here not in plain or here in seen:
                break
            seen.add(here)
            add(here)
    return list(members)
