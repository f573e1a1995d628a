"""Globs, by which declarations name files: as patterns that no glob, however made, can turn into endless work."""

from __future__ import annotations

import re

LONGEST = 1_000
MOST_CROSSING = 2
"""How many `**` a glob may hold; each may end at any slash of a path, so many of them would take for ever."""

_PIECE = re.compile(r"\*\*/|\*+|\?|\[!?[^\]/]+\]|.", re.DOTALL)
_ANY = "[^/]"
_NOTHING = "(?!)"


def glob_pattern(glob: str) -> re.Pattern[str]:
    """A glob as pattern for `fullmatch` on a relative path; ValueError where it is too long or has too many `**`.

    Without a slash it matches a file name in any directory; `*` and `?` stay inside one path part,
    `**` crosses them.
    """
    if len(glob) > LONGEST:
        raise ValueError(f"a glob has at most {LONGEST:,} characters")
    pieces = _PIECE.findall(glob)
    if sum(piece.startswith("**") for piece in pieces) > MOST_CROSSING:
        raise ValueError(f"a glob holds at most {MOST_CROSSING} **")
    parts = ["" if "/" in glob else "(?:.*/)?"]
    stars = 0
    while pieces:
        piece = pieces.pop(0)
        if piece == "*" and (count := _up_to_next_star(pieces)):
            # Up to the next star of the same part the nearest place is as good as any: look ahead, and stay there.
            stars += 1
            fixed = "".join(map(_one, pieces[:count]))
            parts.append(f"(?=(?P<s{stars}>{_ANY}*?{fixed}))(?P=s{stars})")
            del pieces[:count]
        else:
            parts.append({"**/": "(?:.*/)?", "*": f"{_ANY}*"}.get(piece) or _one(piece))
    return re.compile("".join(parts), re.DOTALL)


def _up_to_next_star(pieces: list[str]) -> int:
    """How many pieces stand ahead of a `*` in the same part of the path; 0 where none follows."""
    for number, piece in enumerate(pieces):
        if piece == "*":
            return number
        if piece == "/" or piece.startswith("**"):
            return 0
    return 0


def _one(piece: str) -> str:
    """The pattern for one character, or for a `**` that is no part of its own."""
    if piece.startswith("**"):
        return ".*"
    if piece == "?":
        return _ANY
    if piece.startswith("[") and piece.endswith("]") and len(piece) > 2:  # noqa: PLR2004 - a set holds something
        return _set(piece[1:-1])
    return re.escape(piece)


def _set(inside: str) -> str:
    """`[a-z_]` or `[!a-z_]`; a range the wrong way round holds nothing, and no set holds a slash."""
    negated = inside.startswith("!")
    ranges = re.findall(r"(.)-(.)|(.)", inside[negated:], re.DOTALL)
    held = [
        f"{re.escape(first)}-{re.escape(last)}" if not single else re.escape(single)
        for first, last, single in ranges
        if single or first <= last
    ]
    if negated:
        return f"[^/{''.join(held)}]"
    return f"(?!/)[{''.join(held)}]" if held else _NOTHING
