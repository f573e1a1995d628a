r"""Values of the index as PostgreSQL can hold them.

It stores every text but one with a NUL character, and every JSON document but one that names such a character or half
of a surrogate pair; both are spelled out: `\u0000`, `\ud83d`. NaN and the infinities, which JSON lacks, become texts.
"""

from __future__ import annotations

import re
from typing import Any

_NUL = "\0"
_SUSPICIOUS = re.compile(r"\\u(?:0000|[dD][89a-fA-F])|NaN|Infinity|\0")
_STRING_OR_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|-?Infinity|NaN', re.DOTALL)
_ESCAPE = re.compile(r"\\(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_REFUSED = re.compile(r"u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})")


def text(value: str) -> str:
    """The text, with what cannot be stored spelled out."""
    if value.isascii() and _NUL not in value:
        return value
    return value.encode("utf-8", "backslashreplace").decode("utf-8").replace(_NUL, r"\u0000")


def document(value: str) -> str:
    """The JSON text, with what cannot be stored spelled out."""
    return _STRING_OR_NUMBER.sub(_stored, text(value)) if _SUSPICIOUS.search(value) else text(value)


def _stored(found: re.Match[str]) -> str:
    whole = found[0]
    return _ESCAPE.sub(_spelled, whole) if whole.startswith('"') else f'"{whole}"'


def _spelled(found: re.Match[str]) -> str:
    return f"\\\\{found[1]}" if _REFUSED.fullmatch(found[1]) else found[0]


def plain(value: Any) -> Any:
    """The value of a column that is not JSON."""
    return text(value) if isinstance(value, str) else value


def from_json(value: Any) -> Any:
    """The value of a column that is JSON."""
    return document(value) if isinstance(value, str) else value
