"""A lineage as a tree for a terminal.

The versions of a dataset follow on one another at one depth, however many they are; only another relation goes
deeper. Plain versions in a row share a line. What was shown before is named again, but not what lies behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsv.model.lineage import BOTH, SHORTEST_RUN, Direction, Edge, Lineage, Node, other_end
from dsv.model.source import PREVIOUS
from dsv.model.visible import visible

_HEADINGS = {Direction.UP: "made from", Direction.DOWN: "made into"}
_NEXT = "next"
_NAMED = 5


@dataclass(frozen=True)
class _Entry:
    """One line below a version: how it is related, the versions it stands for, and what lies below it."""

    relation: str
    edge: Edge
    versions: Sequence[str]
    inner: Sequence[Edge] = ()
    seen_before: bool = False
    cut: bool = False


def tree_lines(lineage: Lineage, ref: str, *, directions: frozenset[Direction] = BOTH) -> Iterator[str]:
    """The version, and below it what it was made from and what was made from it."""
    node = lineage.nodes[ref]
    yield _version(node)
    for direction in (each for each in Direction if each in directions):
        steps = lineage.steps(ref, direction)
        if steps or len(directions) == 1:
            yield ""
            yield f"{_HEADINGS[direction]}{'' if steps else ' nothing that is known'}"
            yield from _Tree(lineage, direction).lines(ref)


class _Tree:
    """One direction of a lineage, walked with a stack of its own: a tree may be deeper than Python's."""

    def __init__(self, lineage: Lineage, direction: Direction) -> None:
        self._lineage = lineage
        self._direction = direction
        self._shown: set[str] = set()

    def lines(self, ref: str) -> Iterator[str]:
        """All that lies in this direction of the version."""
        self._shown.add(ref)
        waiting = [("", self._entries(self._lineage.steps(ref, self._direction)))]
        while waiting:
            indent, entries = waiting[-1]
            if not entries:
                waiting.pop()
                continue
            entry = entries.pop(0)
            last = not entries
            yield f"{indent}{'└── ' if last else '├── '}{self._text(entry)}"
            inner = self._entries(entry.inner) if entry.inner else []
            if inner:
                waiting.append((indent + ("    " if last else "│   "), inner))

    def _entries(self, edges: Sequence[Edge]) -> list[_Entry]:
        """The lines for these steps: other relations first, then the versions before or after, one after another."""
        found = []
        for edge in sorted(edges, key=lambda each: each.relation == PREVIOUS):
            found += self._line(edge) if edge.relation == PREVIOUS else [self._single(edge, edge.relation)]
        return found

    def _single(self, edge: Edge, relation: str) -> _Entry:
        there = other_end(edge, self._direction)
        if there in self._shown:
            return _Entry(relation, edge, [there], seen_before=bool(self._lineage.steps(there, self._direction)))
        self._shown.add(there)
        inner = self._lineage.steps(there, self._direction)
        return _Entry(relation, edge, [there], inner, cut=there in self._lineage.cut)

    def _line(self, edge: Edge) -> list[_Entry]:
        """The versions that follow one another from this step on, those in a row without anything else together."""
        word = PREVIOUS if self._direction is Direction.UP else _NEXT
        entries: list[_Entry] = []
        row: list[tuple[Edge, str]] = []
        step: Edge | None = edge
        while step is not None:
            there = other_end(step, self._direction)
            if there in self._shown:
                entries += [*self._rows(word, row), self._single(step, word)]
                return entries
            self._shown.add(there)
            onward = self._lineage.steps(there, self._direction)
            following = next((each for each in onward if each.relation == PREVIOUS), None)
            others = [each for each in onward if each is not following]
            if others or there in self._lineage.cut:
                entries += self._rows(word, row)
                row = []
                entries.append(_Entry(word, step, [there], others, cut=there in self._lineage.cut))
            else:
                row.append((step, there))
            step = following
        return [*entries, *self._rows(word, row)]

    def _rows(self, word: str, row: Sequence[tuple[Edge, str]]) -> list[_Entry]:
        if len(row) < SHORTEST_RUN:
            return [_Entry(word, edge, [there]) for edge, there in row]
        return [_Entry(word, row[0][0], [there for _, there in row])]

    def _text(self, entry: _Entry) -> str:
        nodes = [self._lineage.nodes[each] for each in entry.versions]
        if len(nodes) > 1:
            return f"{visible(entry.relation)}  {_several(nodes)}"
        end = "  (shown above)" if entry.seen_before else "  (more is left out)" if entry.cut else ""
        counts = _counts(entry.edge)
        return f"{visible(entry.relation)}  {_version(nodes[0])}{f': {counts}' if counts else ''}{end}"


def _version(node: Node) -> str:
    """The version with its records, where it stands, and what is to be said of it."""
    parts = [visible(node.ref)]
    if node.stages:
        parts.append(f"({visible(', '.join(node.stages))})")
    if node.mark:
        parts.append(f"[{visible(node.mark)}]")
    if node.records is not None:
        parts.append(f" {node.records:,} {'record' if node.records == 1 else 'records'}")
    return " ".join(parts)


def _several(nodes: Sequence[Node]) -> str:
    """Versions in a row: the first and the last, how many, and those of which something is to be said."""
    first, last = nodes[0], nodes[-1]
    told = []
    for mark, number in sorted(Counter(each.mark for each in nodes if each.mark).items()):
        names = [each.version for each in nodes if each.mark == mark]
        told.append(f"{visible(mark)}: {visible(', '.join(names)) if number <= _NAMED else f'{number:,}'}")
    told += [f"{visible(each.version)} ({visible(', '.join(each.stages))})" for each in nodes if each.stages][:_NAMED]
    end = visible(last.version if last.dataset == first.dataset else last.ref)
    return f"{visible(first.ref)} .. {end}  {len(nodes):,} versions{''.join(f', {each}' for each in told)}"


def _counts(edge: Edge) -> str:
    counts = {"inherited": edge.inherited, "new": edge.new, "modified": edge.modified, "removed": edge.removed}
    return ", ".join(f"{number:,} {word}" for word, number in counts.items() if number)
