"""Which elements of two sequences are the same, by the shortest edit that leads from one to the other.

The algorithm is the greedy one of E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986). Its work is
bounded: what lies behind the place to which the steps led, up to the common end, counts as replaced.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

STEPS = 200_000
"""How many comparisons an alignment may take; about a twentieth of a second."""


@dataclass(frozen=True)
class Stretch:
    """Elements `old_start` to `old_end` of the old sequence beside `new_start` to `new_end` of the new one.

    They are `same`, element by element, or the new ones stand in place of the old ones; either may be none.
    """

    old_start: int
    old_end: int
    new_start: int
    new_end: int
    same: bool


def align(old: Sequence[Hashable], new: Sequence[Hashable], *, steps: int = STEPS) -> list[Stretch]:
    """The two sequences as stretches in their order, those that are the same and the others by turns."""
    start = 0
    limit = min(len(old), len(new))
    while start < limit and old[start] == new[start]:
        start += 1
    end = 0
    while end < limit - start and old[-1 - end] == new[-1 - end]:
        end += 1
    inner_old, inner_new = old[start : len(old) - end], new[start : len(new) - end]
    inner = _matches(inner_old, inner_new, steps=steps) if inner_old and inner_new else []
    matches = [(0, 0, start), *((a + start, b + start, size) for a, b, size in inner)]
    matches.append((len(old) - end, len(new) - end, end))
    return _stretches(matches)


def _stretches(matches: Sequence[tuple[int, int, int]]) -> list[Stretch]:
    found: list[Stretch] = []
    old_at = new_at = 0
    for a, b, size in matches:
        if a > old_at or b > new_at:
            found.append(Stretch(old_at, a, new_at, b, same=False))
        if size and found and found[-1].same:
            before = found.pop()
            found.append(Stretch(before.old_start, a + size, before.new_start, b + size, same=True))
        elif size:
            found.append(Stretch(a, a + size, b, b + size, same=True))
        old_at, new_at = a + size, b + size
    return found


def _matches(old: Sequence[Hashable], new: Sequence[Hashable], *, steps: int) -> list[tuple[int, int, int]]:
    """The runs of equal elements as (start in old, start in new, length), as far as the steps lead."""
    numbers: dict[Hashable, int] = {}
    a = [numbers.setdefault(each, len(numbers)) for each in old]
    b = [numbers.setdefault(each, len(numbers)) for each in new]
    history: list[list[int]] = []
    reached: list[int] = []
    work = 0
    for edits in range(len(a) + len(b) + 1):
        work += edits + 1
        row = []
        # Diagonal k = 2 * i - edits; `reached` holds how far the diagonals came with one edit less.
        for i in range(edits + 1):
            x = _start(reached, i, edits)
            y = x - 2 * i + edits
            first = x
            while x < len(a) and y < len(b) and a[x] == b[y]:
                x += 1
                y += 1
            work += x - first
            row.append(x)
            if x >= len(a) and y >= len(b):
                return _way_back(history, i, edits, end=(len(a), len(b)))
        if work > steps:
            ends = [(x, x - 2 * i + edits) for i, x in enumerate(row)]
            farthest = max((i for i, end in enumerate(ends) if _inside(*end, a, b)), key=lambda i: sum(ends[i]))
            return _way_back(history, farthest, edits, end=ends[farthest])
        history.append(row)
        reached = row
    return []


def _inside(x: int, y: int, old: Sequence[int], new: Sequence[int]) -> bool:
    return x <= len(old) and y <= len(new)


def _start(reached: Sequence[int], i: int, edits: int) -> int:
    """Where diagonal i starts with this many edits: by an insertion from the one above, or a deletion from below."""
    if not edits:
        return 0
    if i == 0 or (i < edits and reached[i - 1] < reached[i]):
        return reached[i]
    return reached[i - 1] + 1


def _way_back(
    history: Sequence[Sequence[int]], i: int, edits: int, *, end: tuple[int, int]
) -> list[tuple[int, int, int]]:
    """The runs on the way from the start to this end of diagonal i."""
    found = []
    x, y = end
    while True:
        reached = history[edits - 1] if edits else ()
        first = _start(reached, i, edits)
        size = x - first
        if size:
            found.append((first, y - size, size))
        if not edits:
            return found[::-1]
        inserted = i == 0 or (i < edits and reached[i - 1] < reached[i])
        i = i if inserted else i - 1
        x = reached[i]
        edits -= 1
        y = x - 2 * i + edits
