"""Numbers as people read them, in a terminal and on a page."""

from __future__ import annotations

_KIBI = 1024


def number(value: int) -> str:
    """With a comma every three digits."""
    return f"{value:,}"


def count(value: int, noun: str) -> str:
    """`1 record`, `2,000 records`."""
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s"


def size(value: int) -> str:
    """A number of bytes in the unit that keeps it short, of 1,024 each: `12.3 MiB`."""
    if value < _KIBI:
        return count(value, "byte")
    units = ("KiB", "MiB", "GiB", "TiB", "PiB")
    power = min((value.bit_length() - 1) // 10, len(units))
    return f"{value / _KIBI**power:.1f} {units[power - 1]}"
