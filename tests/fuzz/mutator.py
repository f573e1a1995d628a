"""Hostile input made from good input: a few small changes a time, the same ones for the same seed."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

LONGEST = 1 << 17
"""Bytes that an input grows to; what only a huge input shows is tried by tests of its own."""

TOKENS = (
    *(b"\0", b"\x1b[31m", b"\x7f", b"\xff", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc3", b"\xed\xa0\x80"),
    *(b"\r", b"\n", b"\r\n", b"\n\n", b"\t", b" ", "\u2028".encode(), "\u0085".encode(), "\u202e".encode(), b"\x0c"),
    *(b'"', b'""', b"'", b"\\", b"\\u", b"\\ud800", b"\\ud83d\\ude00", b"\\u0000", b"\\x", b"`"),
    *(b",", b";", b":", b": ", b"- ", b"? ", b"#", b"|", b"> ", b"%", b"@", b"&a ", b"*a", b"!!int ", b"! ", b"<<: "),
    *(b"{", b"}", b"[", b"]", b"[]", b"{}", b"[[[[[[[[", b"{" * 200, b"[" * 600, b'{"a":' * 600, b"- " * 200),
    *(b"null", b"true", b"False", b"NaN", b"-Infinity", b"~", b"=", b"-", b"--", b"+", b".", b"..", b"...", b"---\n"),
    *(b"0", b"-0", b"-0.0", b"1e5", b"1e400", b"-1e-400", b"1e" + b"9" * 400, b"9" * 5000, b"0x", b"0o8", b"1_000"),
    *(b"18446744073709551616", b"-9223372036854775809", b"2147483648", b"4294967295", b"0.1e401", b"1" + b"0" * 310),
    *(b"../", b"/etc/passwd", b"//", b"\\\\", b".git", b".dvc", b"-x", b"${HOME}", b"=1+1", b"con", b"latest", b"work"),
    *(b"x" * 3000, "é".encode() * 500, b"<<<<<<< HEAD\n", b"=======\n", b">>>>>>> theirs\n", b"!!python/object:os.x "),
    *(
        b"sha256:",
        b"git:",
        b"@",
        b"^",
        b"~",
        b">=",
        b"<",
        b"||",
        b"*",
        b"**",
        b"?",
        b"x",
        b"v",
        b"rc.1",
        b"1.0.0",
        b"+b",
    ),
    *(
        b"[z-a]",
        b"[!",
        b"[^]",
        b"*a" * 40,
        b"**/" * 20,
        b"(?P<",
        b"PAR1",
        b"ARROW1",
        b"\x1f\x8b",
        b"BZh9",
        b"\xfd7zXZ\0",
    ),
)
_NUMBER = re.compile(rb"[0-9]+")
_EXTREMES = ("00", "ff", "7f", "80", "ffffffff", "7fffffff", "80000000", "00000000", "ffffffffffffffff", "0100")


def mutate(good: bytes, *, others: Sequence[bytes], choose: random.Random) -> bytes:
    """The good input after one to six changes; `others` are good inputs to take pieces from."""
    data = good
    for _ in range(choose.choice((1, 1, 1, 2, 2, 3, 4, 6))):
        data = choose.choice(_CHANGES)(data, others, choose)[:LONGEST]
    return data


def _span(data: bytes, choose: random.Random) -> tuple[int, int]:
    """Where a piece begins and ends: mostly a short one."""
    start = choose.randint(0, len(data))
    length = (
        min(int(choose.expovariate(1 / 12)) + 1, len(data)) if choose.random() < 0.8 else choose.randint(0, len(data))
    )
    return start, min(start + length, len(data))


def _flip(data: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    if not data:
        return data
    place = choose.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << choose.randrange(8)]) + data[place + 1 :]


def _overwrite(data: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    start, _end = _span(data, choose)
    piece = choose.randbytes(choose.randint(1, 4)) if choose.random() < 0.5 else bytes.fromhex(choose.choice(_EXTREMES))
    return data[:start] + piece + data[start + len(piece) :]


def _truncate(data: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    return data[: choose.randint(0, len(data))]


def _delete(data: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    start, end = _span(data, choose)
    return data[:start] + data[end:]


def _repeat(data: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    start, end = _span(data, choose)
    return data[:end] + data[start:end] * choose.choice((1, 1, 2, 10, 300)) + data[end:]


def _move(data: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    start, end = _span(data, choose)
    rest = data[:start] + data[end:]
    place = choose.randint(0, len(rest))
    return rest[:place] + data[start:end] + rest[place:]


def _insert(data: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    start, end = _span(data, choose)
    end = start if choose.random() < 0.7 else end
    return data[:start] + choose.choice(TOKENS) + data[end:]


def _splice(data: bytes, others: Sequence[bytes], choose: random.Random) -> bytes:
    other = choose.choice(others) if others else data
    start, end = _span(other, choose)
    place, stop = _span(data, choose)
    return data[:place] + other[start:end] + data[choose.choice((place, stop)) :]


def _number(data: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    match = choose.choice(found)
    value = choose.choice((b"", b"0", b"-1", b"1.5", b"007", b"1e3", b"9223372036854775808", b"9" * 400))
    return data[: match.start()] + value + data[match.end() :]


_CHANGES = (_flip, _overwrite, _truncate, _delete, _repeat, _move, _insert, _insert, _insert, _splice, _number)
