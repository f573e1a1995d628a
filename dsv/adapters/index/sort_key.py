"""A text for each version that sorts, byte by byte, as the versions do by SemVer's precedence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsv.model.version import Version

_LENGTH_DIGITS = 3


def sort_key(version: Version) -> str:
    """The key, for instance `001100120010~` for 1.10.0 and `0012001000100-1rc!00011!` for 2.0.0-rc.1.

    A number is its digits after their count in three digits, so a longer number is a higher one. A release
    ends in `~`, a pre-release goes on with `-`, which is lower. Of its identifiers numbers begin with 0 and
    words with 1; each ends in `!`, which is lower than any character inside one.
    """
    core = "".join(map(_number, (str(version.major), str(version.minor), str(version.patch))))
    if not version.prerelease:
        return f"{core}~"
    identifiers = (f"0{_number(part)}!" if part.isdigit() else f"1{part}!" for part in version.prerelease.split("."))
    return f"{core}-{''.join(identifiers)}"


def _number(digits: str) -> str:
    return f"{len(digits):0{_LENGTH_DIGITS}d}{digits}"
