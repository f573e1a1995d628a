"""Which elements of two lists belong together: equal ones first, then those that are alike, in their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from dsv.records.alignment import align
from dsv.records.canonical import encode_parsed
from dsv.records.word_diff import words_of

Pair = tuple["int | None", "int | None"]
"""The places of an element in the old and the new list; None where it is not."""

LARGEST_TABLE = 1_000
"""Pairs of elements of two lists that are compared for likeness; beyond that they pair by their order."""

_LEAST_LIKENESS = 0.3
_LOOKED_AT = 2_000
_DEEPEST = 4


def pairs_of(
    old: Sequence[Any], new: Sequence[Any], *, likeness: Callable[[Any, Any], float] | None = None
) -> list[Pair]:
    """The elements in reading order, each once: with its partner, or alone where it went or came."""
    found: list[Pair] = []
    left = LARGEST_TABLE
    for each in align([encode_parsed(value) for value in old], [encode_parsed(value) for value in new]):
        before, after = range(each.old_start, each.old_end), range(each.new_start, each.new_end)
        if each.same:
            found += zip(before, after, strict=True)
        elif not before or not after:
            found += [*((place, None) for place in before), *((None, place) for place in after)]
        elif len(before) == len(after) == 1 or len(before) * len(after) > left:
            found += _by_order(before, after)
        else:
            left -= len(before) * len(after)
            alike = likeness or similarity
            table = [[_weight(alike(old[a], new[b])) for b in after] for a in before]
            best = _best(table)
            none_alike = len(best) == len(before) + len(after)
            if none_alike and len(before) == len(after):
                found += _by_order(before, after)
                continue
            found += [(None if a is None else before[a], None if b is None else after[b]) for a, b in best]
    return found


def similarity(old: Any, new: Any, *, depth: int = 0) -> float:
    """How much two values have in common, from 0 to 1; long ones by their beginning."""
    if isinstance(old, str) and isinstance(new, str):
        return _overlap(words_of(old[:_LOOKED_AT]), words_of(new[:_LOOKED_AT]))
    if type(old) is not type(new):
        return 0.0
    if isinstance(old, dict) and depth < _DEEPEST:
        names = sorted(old.keys() | new.keys())[:_LOOKED_AT]
        alike = [similarity(old[name], new[name], depth=depth + 1) for name in names if name in old and name in new]
        return sum(alike) / len(names) if names else 1.0
    if isinstance(old, list):
        return _overlap(*([encode_parsed(each) for each in side[:_LOOKED_AT]] for side in (old, new)))
    return float(encode_parsed(old) == encode_parsed(new))


def _overlap(old: Sequence[str] | Sequence[bytes], new: Sequence[str] | Sequence[bytes]) -> float:
    before, after = (Counter(each for each in side if not each.isspace()) for side in (old, new))
    total = before.total() + after.total()
    return 2 * (before & after).total() / total if total else 1.0


def _weight(likeness: float) -> float:
    """What a pair counts for; those that have little in common are none."""
    return likeness if likeness >= _LEAST_LIKENESS else 0.0


def _by_order(old: range, new: range) -> list[Pair]:
    shorter = min(len(old), len(new))
    alone: list[Pair] = [*((place, None) for place in old[shorter:]), *((None, place) for place in new[shorter:])]
    return [*zip(old, new, strict=False), *alone]


def _best(table: Sequence[Sequence[float]]) -> list[Pair]:
    """The pairs, in order, that have most in common together."""
    height, width = len(table), len(table[0])
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for a in range(height - 1, -1, -1):
        for b in range(width - 1, -1, -1):
            paired = best[a + 1][b + 1] + table[a][b] if table[a][b] else 0.0
            best[a][b] = max(best[a + 1][b], best[a][b + 1], paired)
    found: list[Pair] = []
    a = b = 0
    while a < height and b < width:
        if table[a][b] and best[a][b] == best[a + 1][b + 1] + table[a][b]:
            found.append((a, b))
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            found.append((a, None))
            a += 1
        else:
            found.append((None, b))
            b += 1
    return [*found, *((a, None) for a in range(a, height)), *((None, b) for b in range(b, width))]
