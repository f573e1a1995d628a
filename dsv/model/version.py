"""Semantic versions (https://semver.org, 2.0.0) without build metadata, and the level of a step between two."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import semver

from dsv.errors import BadVersionError

MAXIMUM_LENGTH = 256


class Level(IntEnum):
    """How much a release changes; a higher level compares greater."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def word(self) -> str:
        """The level as people and files write it."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Level:
        """The level that the word names; ValueError for any other word."""
        try:
            return cls[word.upper()] if word.islower() else cls["?"]
        except KeyError:
            raise ValueError(f"{word!r} is not a level: major, minor or patch") from None


@functools.total_ordering
@dataclass(frozen=True)
class Version:
    """One version; the order is SemVer's precedence, so `1.10.0 > 1.9.0` and `1.0.0 > 1.0.0-rc.1`."""

    major: int
    minor: int
    patch: int
    prerelease: str = ""

    @classmethod
    def parse(cls, text: str) -> Version:
        """The version that the text spells, exactly; BadVersionError says what is wrong with it."""
        shown = ascii(text[:60])
        problem = ""
        parsed: Any = None
        if len(text) > MAXIMUM_LENGTH:
            problem = f"has {len(text)} characters; at most {MAXIMUM_LENGTH} are allowed"
        elif not text.isascii() or text != text.strip() or not text.isprintable():
            problem = "is not a semantic version"
        else:
            try:
                parsed = semver.Version.parse(text)
            except ValueError:
                problem = "is not a semantic version"
            else:
                if parsed.build is not None:
                    problem = "has build metadata (+...), which dsv does not take"
        if problem:
            hint = "write MAJOR.MINOR.PATCH, for instance 1.2.0 or 2.0.0-rc.1"
            raise BadVersionError(f"version {shown} {problem}", hint=hint, details={"version": text})
        return cls(parsed.major, parsed.minor, parsed.patch, parsed.prerelease or "")

    def __str__(self) -> str:
        tail = f"-{self.prerelease}" if self.prerelease else ""
        return f"{self.major}.{self.minor}.{self.patch}{tail}"

    def __lt__(self, other: Version) -> bool:
        return self.precedence < other.precedence

    @property
    def precedence(self) -> tuple[Any, ...]:
        """A key that sorts as SemVer section 11 orders: core numbers, then release over pre-release."""
        identifiers = tuple(
            (0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.prerelease.split(".") if part
        )
        return (self.major, self.minor, self.patch, not self.prerelease, identifiers)

    @property
    def core(self) -> Version:
        """The version without its pre-release part."""
        return replace(self, prerelease="")

    def bump(self, level: Level) -> Version:
        """The next release at this level; what lies below the raised number starts again at 0."""
        if level is Level.MAJOR:
            return Version(self.major + 1, 0, 0)
        if level is Level.MINOR:
            return Version(self.major, self.minor + 1, 0)
        return Version(self.major, self.minor, self.patch + 1)

    def level_above(self, base: Version) -> Level:
        """The level of the step from the base to this version, by the first core number that differs."""
        if self.major != base.major:
            return Level.MAJOR
        return Level.MINOR if self.minor != base.minor else Level.PATCH


def parse_version(text: str) -> Version | None:
    """The version, or None for a text that is none: in file and tag names anything may stand."""
    try:
        return Version.parse(text)
    except BadVersionError:
        return None
