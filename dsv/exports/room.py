"""A report made to fit: its least important parts are written shorter, or not at all, until the rest has room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Shorter:
    """A shorter form of a part, "" to leave it out, and the rank of what is lost: lower ranks go first."""

    rank: int
    text: str


@dataclass(frozen=True)
class Part:
    """A part of a report in full, and what it may be cut to, by ascending rank; `name` says what is lost then."""

    text: str
    name: str = ""
    shorter: Sequence[Shorter] = ()


def fitted(parts: Sequence[Part], *, room: int) -> tuple[list[str], dict[str, int]]:
    """The parts as far as there is room, and the names of those that were cut, with how many have each.

    What has a low rank goes first, and of one rank what stands further below. Lengths are those of `length_of`.
    """
    texts = [part.text for part in parts]
    left = room - sum(map(length_of, texts))
    cut: set[int] = set()
    for rank in sorted({each.rank for part in parts for each in part.shorter}):
        for at in reversed(range(len(parts))):
            for each in parts[at].shorter:
                if left >= 0:
                    return texts, _named(parts[at] for at in sorted(cut))
                if each.rank == rank and length_of(each.text) < length_of(texts[at]):
                    left += length_of(texts[at]) - length_of(each.text)
                    texts[at] = each.text
                    cut.add(at)
    return texts, _named(parts[at] for at in sorted(cut))


def length_of(text: str) -> int:
    """How long services that count characters take a text to be: one beyond the first 65,536 of Unicode may be two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _named(parts: Iterable[Part]) -> dict[str, int]:
    return dict(Counter(part.name for part in parts))
