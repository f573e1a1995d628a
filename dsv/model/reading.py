"""How the files of a dataset are read: the declarations on which its records depend.

Two versions with equal bytes but other declarations may hold other records, so these are written into
each manifest and compared when the next one is released.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

RECOGNISED_SPLITS = frozenset({"train", "valid", "validation", "dev", "test", "eval"})
"""Split names that are seen without a declaration: as file stem, its first word, or a directory."""

_DOCUMENTATION = re.compile(r"(?i)(?:\.[^/]*|(?:readme|licen[cs]e|notice|changelog|citation)(?:[._-][^/]*)?)")


@dataclass(frozen=True)
class Reading:
    """Format name (`auto` follows suffix and content) and splits as (name, glob) pairs in their order."""

    format: str = "auto"
    splits: tuple[tuple[str, str], ...] = ()
    _patterns: tuple[tuple[str, re.Pattern[str]], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        compiled = tuple((name, glob_pattern(glob)) for name, glob in self.splits)
        object.__setattr__(self, "_patterns", compiled)

    def split_of(self, path: str) -> str | None:
        """The split a file belongs to, None for the unnamed rest; the path is relative, with slashes.

        Declared splits replace the recognised ones; of several that match, the first declared counts.
        """
        if self.splits:
            return next((name for name, pattern in self._patterns if pattern.fullmatch(path)), None)
        *directories, file = path.split("/")
        stem = file.lstrip(".").split(".", 1)[0].lower()
        first_word = re.split(r"[^a-z0-9]+", stem, maxsplit=1)[0]
        for word in (stem, first_word, *(directory.lower() for directory in reversed(directories))):
            if word in RECOGNISED_SPLITS:
                return word
        return None


def is_documentation(path: str) -> bool:
    """Whether a file without a reader is about the data rather than data (README, LICENSE, dot-files)."""
    return _DOCUMENTATION.fullmatch(path.rsplit("/", 1)[-1]) is not None


def glob_pattern(glob: str) -> re.Pattern[str]:
    """A glob as pattern for `fullmatch` on a relative path.

    Without a slash it matches a file name in any directory; `*` and `?` stay inside one path part,
    `**` crosses them.
    """
    translated = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    tokens = re.findall(r"\*\*/|\*\*|\*|\?|\[!?[^\]/]+\]|.", glob, re.DOTALL)
    parts = []
    for token in tokens:
        if token in translated:
            parts.append(translated[token])
        elif token.startswith("[") and len(token) > 2:  # noqa: PLR2004 - a set holds something
            inside = token[1:-1].replace("\\", "\\\\")
            parts.append("[" + ("^" + inside[1:] if inside.startswith("!") else inside) + "]")
        else:
            parts.append(re.escape(token))
    prefix = "" if "/" in glob else "(?:.*/)?"
    return re.compile(prefix + "".join(parts), re.DOTALL)
