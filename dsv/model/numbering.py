"""The number of the next version: from the base, the level of the change and what was asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from dsv.errors import ExistsError, LevelTooLowError, UsageError
from dsv.model.policy import Verdict
from dsv.model.version import Level, Version

FIRST = Version(1, 0, 0)


@dataclass(frozen=True)
class NumberRequest:
    """What a person asks of the number; nothing asked means: as computed."""

    level: Level | None = None
    version: Version | None = None
    pre: str = ""
    allow_lower: str = ""


@dataclass(frozen=True)
class Number:
    """The version to release, and the level of its step."""

    version: Version
    level: Level


def base_for(request: NumberRequest, candidates: Collection[Version]) -> Version | None:
    """The version to compare with: the highest candidate, below the requested version when one is named.

    So a version named 1.0.1 after 2.0.0 continues from 1.0.0. None when there is no candidate at all.
    """
    if request.version is None or not candidates:
        return max(candidates, default=None)
    below = [each for each in candidates if each < request.version]
    _refuse_taken(request.version, candidates, base=max(below, default=None))
    if not below:
        lowest = min(candidates)
        raise ExistsError(
            f"{request.version} lies below {lowest}, the first version there is",
            hint=f"name a version above {lowest}",
        )
    return max(below)


def first_number(request: NumberRequest, *, foreign: Collection[Version], taken: Collection[Version]) -> Number:
    """The number of a first version: the one asked for, or the next major above tags that exist already."""
    above = max(foreign, default=None)
    version = request.version or (FIRST if above is None else above.core.bump(Level.MAJOR))
    if request.pre:
        version = _pre_release(version, request.pre, taken)
    _refuse_taken(version, {*taken, *foreign}, base=None)
    return Number(version, Level.MAJOR)


def next_number(base: Version, verdict: Verdict, request: NumberRequest, *, taken: Collection[Version]) -> Number:
    """The number after the base; a level below the computed one needs a reason to be allowed."""
    computed = verdict.level or Level.PATCH
    if request.version is not None:
        _refuse_taken(request.version, taken, base=base)
        version, level = request.version, request.version.level_above(base)
    else:
        level = request.level or computed
        version = base.bump(level)
        if request.pre:
            version = _pre_release(version, request.pre, taken)
    if level < computed and not request.allow_lower:
        asked = f"{request.version} is a {level.word} step" if request.version else f"level {level.word} was asked for"
        raise LevelTooLowError(
            f"{asked}, but the change since {base} is {computed.word}: {verdict.reasons[0]}",
            hint=f"release it as {base.bump(computed)}, or give --allow-lower a reason",
            details={"computed": computed.word, "asked": level.word, "reasons": list(verdict.reasons)},
        )
    _refuse_taken(version, taken, base=base)
    return Number(version, level)


def free_number(base: Version, verdict: Verdict, request: NumberRequest, *, taken: Collection[Version]) -> Number:
    """The number after the base as `next_number` gives it, or the next one of its level where that is taken."""
    try:
        return next_number(base, verdict, request, taken=taken)
    except ExistsError:
        level = max(request.level or Level.PATCH, verdict.level or Level.PATCH)
        return Number(_free(base, level, taken), level)


def _pre_release(core: Version, label: str, taken: Collection[Version]) -> Version:
    if not label.isascii() or not label.replace("-", "").isalnum() or label.isdigit():
        raise UsageError(f"{label!a} is no pre-release label", hint="a word such as rc or beta")
    counters = [
        int(words[1])
        for each in taken
        if each.core == core
        and (words := each.prerelease.split("."))[0] == label
        and len(words) > 1
        and words[1].isdigit()
    ]
    return Version.parse(f"{core}-{label}.{max(counters, default=0) + 1}")


def _refuse_taken(version: Version, taken: Collection[Version], *, base: Version | None) -> None:
    if version not in taken:
        alike = next((each for each in taken if str(each).lower() == str(version).lower()), None)
        if alike is not None:
            raise ExistsError(
                f"version {version} differs from {alike} only in case, which some systems' file names cannot",
                hint=f"go on as {alike} is spelled",
            )
        return
    free = [max(taken).core.bump(Level.MAJOR)] if base is None else [_free(base, level, taken) for level in Level]
    names = ", ".join(dict.fromkeys(str(each) for each in free))
    raise ExistsError(f"version {version} exists already", hint=f"free: {names} (choose with --version)")


def _free(base: Version, level: Level, taken: Collection[Version]) -> Version:
    version = base.bump(level)
    while version in taken:
        version = version.bump(level)
    return version
