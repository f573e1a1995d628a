"""The `.gitignore` line that keeps DVC's data out of git, put in and taken out; all other text stays."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dsv.errors import UnsupportedFileError

_SPECIAL = frozenset("\\[]!*#?")


def gitignore_entry(name: str) -> str:
    """The line that DVC writes for a file or directory of this name beside the `.gitignore`."""
    if "\n" in name or "\r" in name:
        raise UnsupportedFileError(
            f"{name!a}: .gitignore cannot name a path with a line break",
            hint="rename it",
            details={"path": name},
        )
    line = "/" + "".join(f"\\{character}" if character in _SPECIAL else character for character in name)
    # git drops trailing blanks unless they are escaped, which DVC forgets.
    kept = line.rstrip(" ")
    return kept + "\\ " * (len(line) - len(kept))


def gitignore_with(text: str, name: str) -> str:
    """The text with the name's line: sorted among such lines, else at the end; as it was when it has it."""
    entry = gitignore_entry(name)
    lines = text.splitlines(keepends=True)
    if any(line.rstrip("\r\n") == entry for line in lines):
        return text
    ending = "\r\n" if "\r\n" in text else "\n"
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += ending
    lines.insert(_position(lines, entry), entry + ending)
    return "".join(lines)


def gitignore_without(text: str, name: str) -> str:
    """The text without the name's line; empty when nothing else was in it."""
    entry = gitignore_entry(name)
    return "".join(line for line in text.splitlines(keepends=True) if line.rstrip("\r\n") != entry)


def gitignore_lacks(text: str, names: Iterable[str]) -> list[str]:
    """Those of the names that have no line."""
    lines = set(text.splitlines())
    return [name for name in names if gitignore_entry(name) not in lines]


def gitignore_in_order(text: str, names: Iterable[str]) -> str:
    """The text with the lines of these names in order, in the places that they have, and each once."""
    own = {gitignore_entry(name) for name in names}
    lines: list[str] = []
    seen: set[str] = set()
    for line in text.splitlines(keepends=True):
        entry = line.rstrip("\r\n")
        if entry not in seen:
            lines.append(line)
        if entry in own:
            seen.add(entry)
    places = [number for number, line in enumerate(lines) if line.rstrip("\r\n") in own]
    ending = "\r\n" if "\r\n" in text else "\n"
    for place, entry in zip(places, sorted(seen), strict=True):
        lines[place] = entry + ending
    return "".join(lines)


def gitignored_names(text: str) -> list[str]:
    """The names that lines of DVC's kind keep out of git."""
    plain = (line[1:] for line in text.splitlines() if line.startswith("/") and not line.endswith("/"))
    unescaped = (re.sub(r"\\(.)", r"\1", name) for name in plain if not re.search(r"(?<!\\)[*?\[]", name))
    return [name for name in unescaped if "/" not in name]


def _position(lines: list[str], entry: str) -> int:
    plain = [number for number, line in enumerate(lines) if line.startswith("/")]
    smaller = [number for number in plain if lines[number].rstrip("\r\n") < entry]
    if not plain:
        return len(lines)
    position = smaller[-1] + 1 if smaller else plain[0]
    # The last matching line counts: a later "!" line could let the data into git again.
    if any(line.startswith("!") for line in lines[position:]):
        return len(lines)
    return position
