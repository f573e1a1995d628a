"""Numbers of bytes as people write them."""

from __future__ import annotations

import re

from dsv.errors import UsageError

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(?:([kmgtp])(i?)b?|b)?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}


def parse_size(text: str) -> int:
    """The bytes of `500MB`, `1.5 GiB`, `2g` or `0`; UsageError for what is no size.

    `GB` and `G` are powers of 1000, `GiB` of 1024.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{text!a} is no size", hint="for instance 500MB, 20GB, 1.5GiB or 0")
    number, unit, binary = match.groups()
    return int(float(number) * (1024 if binary else 1000) ** _POWERS[(unit or "").lower()])
