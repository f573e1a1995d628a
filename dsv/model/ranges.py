"""Version ranges as npm writes them (`^1.2`, `~1.2.3`, `1.x`, `>=1.0,<2`, `1.0 - 2.0`, `||`), and `1.0..2.0`.

The meaning is that of https://github.com/npm/node-semver#ranges: every form is spelled out as sets of
primitive comparators, a version matches when one set admits it, and a pre-release matches only where a
comparator of that set names a pre-release of the same MAJOR.MINOR.PATCH. On top of npm, comparators may be
joined by a comma, and `A..B` is half open: from A on, below B, either end may be left out. Build metadata
is refused, as everywhere in dsv.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from dsv.model.version import Version

Operator = Literal["<", "<=", ">", ">=", "="]

_NUMBER = r"(?:0|[1-9][0-9]*)"
_IDENTIFIER = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_WILD = rf"(?:[xX*]|{_NUMBER})"
_PARTIAL = rf"v?{_WILD}(?:\.{_WILD}(?:\.{_WILD}(?:-{_IDENTIFIER}(?:\.{_IDENTIFIER})*)?)?)?"
_NUMBER_AFTER_WILD = re.compile(r"[xX*]\.[0-9]")
_COMPARATOR = re.compile(rf"(~>|[~^]|[<>]=?|=|)({_PARTIAL})")
_HYPHEN = re.compile(rf"({_PARTIAL})\s+-\s+({_PARTIAL})")
_HALF_OPEN = re.compile(rf"({_PARTIAL})?\.\.({_PARTIAL})?")
_SPACE_AFTER_OPERATOR = re.compile(r"(~>|[~^<>=])\s+")
_PARTS = 3


@dataclass(frozen=True)
class Comparator:
    """One bound, for instance `>=1.2.0`."""

    operator: Operator
    version: Version

    def admits(self, version: Version) -> bool:
        """Whether the version lies on this side of the bound."""
        if self.operator == "<":
            return version < self.version
        if self.operator == "<=":
            return version <= self.version
        if self.operator == ">":
            return version > self.version
        if self.operator == ">=":
            return version >= self.version
        return version == self.version


@dataclass(frozen=True)
class Range:
    """A set of versions: those that meet every comparator of at least one alternative.

    `text` is the range in one spelling, which parses to the same value.
    """

    text: str
    alternatives: tuple[tuple[Comparator, ...], ...]

    @classmethod
    def parse(cls, text: str) -> Range:
        """The range that the text spells; ValueError when it spells none."""
        if not text.strip() or not text.isascii():
            raise ValueError("not a range of versions")
        parsed = [_alternative(part.strip()) for part in text.split("||")]
        return cls("||".join(spelling for spelling, _ in parsed), tuple(bounds for _, bounds in parsed))

    def __str__(self) -> str:
        return self.text

    def admits(self, version: Version) -> bool:
        """Whether the version is in the range."""
        return any(_admits(bounds, version) for bounds in self.alternatives)


@dataclass(frozen=True)
class _Partial:
    """A version of which numbers from the right may be left out or be an `x`."""

    numbers: tuple[int, ...]
    prerelease: str = ""

    @classmethod
    def parse(cls, text: str) -> _Partial:
        core, _, prerelease = text.removeprefix("v").partition("-")
        numbers: list[int] = []
        for part in core.split("."):
            if part in ("x", "X", "*"):
                return cls(tuple(numbers))
            numbers.append(int(part))
        return cls(tuple(numbers), prerelease)

    def __str__(self) -> str:
        tail = f"-{self.prerelease}" if self.prerelease else ""
        return (".".join(map(str, self.numbers)) or "x") + tail

    @property
    def whole(self) -> bool:
        return len(self.numbers) == _PARTS

    @property
    def lowest(self) -> Version:
        """The version with 0 for every number left out."""
        major, minor, patch = (*self.numbers, 0, 0, 0)[:_PARTS]
        return Version(major, minor, patch, self.prerelease)

    def above(self, count: int) -> Version:
        """The first release whose first `count` numbers are higher."""
        raised = (*self.numbers[: count - 1], self.numbers[count - 1] + 1)
        major, minor, patch = (*raised, 0, 0)[:_PARTS]
        return Version(major, minor, patch)


_NOTHING = (Comparator("<", Version(0, 0, 0, "0")),)


def _admits(bounds: tuple[Comparator, ...], version: Version) -> bool:
    if not all(bound.admits(version) for bound in bounds):
        return False
    if not version.prerelease:
        return True
    return any(bound.version.prerelease and bound.version.core == version.core for bound in bounds)


def _alternative(text: str) -> tuple[str, tuple[Comparator, ...]]:
    """The spelling and the comparators of one part between `||`."""
    if not text:
        return "x", ()
    if match := _HYPHEN.fullmatch(text):
        first, last = (_Partial.parse(part) for part in match.groups())
        return f"{first} - {last}", (*_primitive(">=", first), *_primitive("<=", last))
    if text != ".." and (match := _HALF_OPEN.fullmatch(text)):
        return _half_open(*match.groups())
    spellings: list[str] = []
    bounds: list[Comparator] = []
    for part in _SPACE_AFTER_OPERATOR.sub(r"\1", text).split(","):
        words = part.split()
        if not words:
            raise ValueError("nothing stands beside a comma")
        for word in words:
            spelling, of_word = _comparators(word)
            spellings.append(spelling)
            bounds.extend(of_word)
    return ",".join(spellings), tuple(bounds)


def _half_open(first: str | None, last: str | None) -> tuple[str, tuple[Comparator, ...]]:
    lower, upper = (_Partial.parse(end) if end else None for end in (first, last))
    bounds: list[Comparator] = []
    if lower is not None and lower.numbers:
        bounds.append(Comparator(">=", lower.lowest))
    if upper is not None and upper.numbers:
        bounds.append(Comparator("<", upper.lowest))
    return f"{lower or ''}..{upper or ''}", tuple(bounds)


def _comparators(word: str) -> tuple[str, tuple[Comparator, ...]]:
    match = _COMPARATOR.fullmatch(word)
    # npm refuses `1.x.2` and `>x.2` but reads `~1.x.2` as `~1.x`
    if match is None or (match[1] not in ("~", "~>", "^") and _NUMBER_AFTER_WILD.search(word)):
        raise ValueError(f"{word[:60]!a} is not a comparator")
    operator, partial = match[1].replace("~>", "~"), _Partial.parse(match[2])
    spelling = f"{'' if operator == '=' else operator}{partial}"
    if operator in ("<", "<=", ">", ">="):
        return spelling, _primitive(operator, partial)
    if not partial.numbers:
        return spelling, ()
    if operator in ("", "="):
        if partial.whole:
            return spelling, (Comparator("=", partial.lowest),)
        fixed = len(partial.numbers)
    elif operator == "~":
        fixed = min(len(partial.numbers), 2)
    else:
        leftmost = next((i for i, number in enumerate(partial.numbers) if number), len(partial.numbers) - 1)
        fixed = leftmost + 1
    return spelling, (Comparator(">=", partial.lowest), _below(partial.above(fixed)))


def _primitive(operator: str, partial: _Partial) -> tuple[Comparator, ...]:
    """`<`, `<=`, `>` or `>=` before a version of which numbers may be missing."""
    if not partial.numbers:
        return _NOTHING if operator in ("<", ">") else ()
    if operator == ">=":
        return (Comparator(">=", partial.lowest),)
    if partial.whole:
        bound: Operator = "<" if operator == "<" else "<=" if operator == "<=" else ">"
        return (Comparator(bound, partial.lowest),)
    if operator == "<":
        return (_below(partial.lowest),)
    next_release = partial.above(len(partial.numbers))
    return (_below(next_release),) if operator == "<=" else (Comparator(">=", next_release),)


def _below(release: Version) -> Comparator:
    """Below a release and below all of its pre-releases."""
    return Comparator("<", Version(release.major, release.minor, release.patch, "0"))
