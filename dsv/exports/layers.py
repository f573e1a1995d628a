"""Where the boxes of a graph stand: in layers from left to right, with as few crossing lines as a few sweeps find."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 4


@dataclass(frozen=True)
class Placed:
    """Layer and row of each box, counted from 0, and the way of each line: the rows at which it passes each layer.

    Rows may lie between two whole ones. A way begins at the layer of its parent and ends at that of its child; a line
    that leads back, in a circle, has none.
    """

    boxes: Mapping[str, tuple[int, float]]
    ways: Mapping[tuple[str, str], Sequence[float]]

    @property
    def layers(self) -> int:
        """How many there are."""
        return 1 + max((layer for layer, _ in self.boxes.values()), default=-1)

    @property
    def rows(self) -> float:
        """How many rows the largest layer takes."""
        ends = [row for way in self.ways.values() for row in way]
        return 1 + max([row for _, row in self.boxes.values()] + ends, default=-1)


def placed(boxes: Sequence[str], lines: Iterable[tuple[str, str]]) -> Placed:
    """The places of the boxes that lines, (parent, child), connect; the same for the same boxes in the same order."""
    pairs = [pair for pair in dict.fromkeys(lines) if pair[0] != pair[1]]
    layer = _layers(boxes, pairs)
    onward = [(parent, child) for parent, child in pairs if layer[parent] < layer[child]]
    # A line that passes layers has a place in each of them, so that no box stands in its way.
    points: list[list[tuple[str, str | int]]] = [[] for _ in range(1 + max(layer.values(), default=0))]
    for box in boxes:
        points[layer[box]].append((box, ""))
    ways: dict[tuple[str, str], list[tuple[int, tuple[str, str | int]]]] = {}
    for number, (parent, child) in enumerate(onward):
        between = [(at, ("", number)) for at in range(layer[parent] + 1, layer[child])]
        for at, point in between:
            points[at].append(point)
        ways[parent, child] = [(layer[parent], (parent, "")), *between, (layer[child], (child, ""))]
    rows = _ordered(points, ways.values())
    return Placed(
        {box: (layer[box], rows[layer[box]][box, ""]) for box in boxes},
        {pair: [rows[at][point] for at, point in way] for pair, way in ways.items()},
    )


def _layers(boxes: Sequence[str], pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Each box behind all it is made from, and as near to what is made from it as that allows; circles are cut."""
    children: dict[str, list[str]] = {box: [] for box in boxes}
    waits = dict.fromkeys(boxes, 0)
    for parent, child in pairs:
        children[parent].append(child)
        waits[child] += 1
    layer = dict.fromkeys(boxes, 0)
    left = dict.fromkeys(boxes)
    ready = [box for box in boxes if not waits[box]]
    while left:
        here = ready.pop() if ready else next(iter(left))  # of a circle the first one begins
        if here not in left:
            continue
        del left[here]
        for child in children[here]:
            if child in left:
                layer[child] = max(layer[child], layer[here] + 1)
                waits[child] -= 1
                if not waits[child]:
                    ready.append(child)
    parents = {child for _, child in pairs}
    for box in boxes:
        after = [layer[child] for child in children[box] if layer[child] > layer[box]]
        if box not in parents and after:
            layer[box] = min(after) - 1
    first = min(layer.values(), default=0)
    return {box: number - first for box, number in layer.items()}


def _ordered(
    points: Sequence[Sequence[tuple[str, str | int]]], ways: Iterable[Sequence[tuple[int, tuple[str, str | int]]]]
) -> list[dict[tuple[str, str | int], float]]:
    """The row of each point: near the mean of those that it is connected with, and in the middle of its layer."""
    before: dict[tuple[int, object], list[tuple[str, str | int]]] = {}
    after: dict[tuple[int, object], list[tuple[str, str | int]]] = {}
    for way in ways:
        for (at, point), (_, following) in pairwise(way):
            after.setdefault((at, point), []).append(following)
            before.setdefault((at + 1, following), []).append(point)
    order = [{point: float(row) for row, point in enumerate(layer)} for layer in points]
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        linked, step = (before, -1) if forth else (after, 1)
        for at in range(1, len(order)) if forth else range(len(order) - 2, -1, -1):
            there = order[at + step]
            wanted = {}
            for point, row in order[at].items():
                rows = [there[each] for each in linked.get((at, point), ())]
                wanted[point] = sum(rows) / len(rows) if rows else row
            ranked = sorted(order[at], key=lambda point: (wanted[point], order[at][point]))
            order[at] = {point: float(row) for row, point in enumerate(ranked)}
    most = max((len(layer) for layer in order), default=0)
    return [{point: row + (most - len(layer)) / 2 for point, row in layer.items()} for layer in order]
