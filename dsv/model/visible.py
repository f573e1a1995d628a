"""Text from outside made safe to look at: what would act on a terminal or hide in a line is shown as an escape."""

from __future__ import annotations

import re
import unicodedata

_DIRECTION = frozenset(
    "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
# What of both JSON itself does not escape.
_ACTING_IN_JSON = f"[\x7f-\x9f\u2028\u2029\ud800-\udfff{''.join(sorted(_DIRECTION))}]"
_ESCAPED = frozenset({"Cc", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """The text with control, direction and zero-width characters and lone surrogates shown as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def visible_lines(text: str) -> str:
    """The same, with line feeds and tabs left as they are."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if character in "\n\t" else _shown(character) for character in text)


def visible_json(text: str) -> str:
    """A JSON text that means the same, in which nothing acts on a terminal or hides; its line feeds stay."""
    if text.isascii() and "\x7f" not in text:
        return text
    return re.sub(_ACTING_IN_JSON, lambda found: f"\\u{ord(found[0]):04x}", text)


def _shown(character: str) -> str:
    if character in _DIRECTION or unicodedata.category(character) in _ESCAPED:
        return character.encode("unicode_escape").decode()
    return character
