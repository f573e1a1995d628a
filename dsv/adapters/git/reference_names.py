"""What git takes for the name of a branch or a tag."""

from __future__ import annotations

import re

_BAD_REF = re.compile(r"(?:^|/)\.|\.\.|[\x00-\x20\x7f~^:?*\[\\]|@\{|//|/$|\.$|\.lock(?:/|$)")


def names_a_reference(name: str) -> bool:
    """Whether git takes the name, in full or behind `refs/tags/`."""
    return not _BAD_REF.search(name)
