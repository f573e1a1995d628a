"""The canonical form of a record, the parser that feeds it, and the fingerprints made from it.

Two records are equal when their canonical forms are. The rules are written down, with vectors, in
docs/records.md; msgspec follows them where it can, a plain encoder where it cannot, and a check at import
refuses a release of msgspec that spells otherwise.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from decimal import MAX_EMAX, MIN_EMIN, Decimal, localcontext
from hashlib import sha256
from typing import Any

import msgspec

from dsv.errors import UnsupportedError

RECORD_FORM = "dsv-rec-1"
FINGERPRINT_SIZE = 16
SMALLEST_FIXED_EXPONENT = -5

_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
_ESCAPED = re.compile('["\\\\\x00-\x1f\ud800-\udfff]')
_SHORT_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}


class MalformedError(ValueError):
    """A text that is no record; `reason` says why, `line` where in a text of several lines."""

    def __init__(self, reason: str, *, line: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class Number:
    """A number that is neither an integer Python reads nor a finite double, by its canonical text.

    Neither a dataclass nor a subclass of str or int: msgspec must refuse it, not write it as something else.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and other.text == self.text

    def __hash__(self) -> int:
        return hash((Number, self.text))

    def __repr__(self) -> str:
        return f"Number({self.text!r})"


def decode(line: bytes | bytearray) -> Any:
    """The value of one JSON text; MalformedError when it is none.

    Numbers keep what the text says: integers exact, others as doubles, and as Number what fits neither.
    """
    try:
        return _decode_fast(line)
    except (ValueError, RecursionError):  # msgspec's errors, and those of UTF-8, are ValueErrors
        return _decode_with_care(line)


def decode_all(lines: Sequence[bytes | memoryview]) -> list[Any] | None:
    """The values of many JSON texts at once, None where one of them needs a closer look."""
    try:
        return [*map(_decode_fast, lines)]
    except (ValueError, RecursionError):
        return None


def encode(value: Any) -> bytes:
    """The canonical form of None, bool, int, float, str, Number, and lists and dicts of them."""
    # msgspec writes NaN and the infinities as null, so they must not reach it.
    return _encode_with_care(value) if _holds_infinite(value) else encode_parsed(value)


def encode_parsed(value: Any) -> bytes:
    """The canonical form of a value in which every float is finite, as in all that `decode` returns."""
    try:
        return _encode_fast(value)
    except (TypeError, ValueError):  # a Number, a lone surrogate, an integer of thousands of digits
        return _encode_with_care(value)


def digests_of(values: list[Any]) -> list[bytes]:
    """The SHA-256 of the canonical form of each value, whose first 16 bytes are its fingerprint; floats are finite."""
    try:
        return [sha256(text).digest() for text in map(_encode_fast, values)]
    except (TypeError, ValueError):
        return [sha256(encode_parsed(value)).digest() for value in values]


def fingerprint(value: Any) -> bytes:
    """The 16 bytes that stand for a record's content."""
    return sha256(encode(value)).digest()[:FINGERPRINT_SIZE]


def key_fingerprint(values: list[Any]) -> bytes:
    """The 16 bytes that stand for the values of a record's key fields, in the key's order."""
    return fingerprint(values)


def _decode_with_care(line: bytes | bytearray) -> Any:
    try:
        # Decoded here: given bytes, json would guess UTF-16 and let encoded surrogates pass.
        return _decode_slow(line.decode())
    except UnicodeDecodeError as error:
        raise MalformedError(f"invalid UTF-8 at byte offset {error.start}") from None
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:]
        raise MalformedError(f"not JSON: {reason} (column {error.colno})", line=error.lineno) from None
    except RecursionError:
        raise MalformedError("nested too deeply") from None


def _integer(literal: str) -> int | Number:
    try:
        return int(literal)
    except ValueError:  # more digits than Python converts; the literal is its own canonical text
        return Number(literal)


def _decimal(literal: str) -> float | Number:
    number = float(literal)
    return number if math.isfinite(number) else Number(_beyond_range(literal))


def _beyond_range(literal: str) -> str:
    """One spelling for each value: `d.ddde400`, no zeros at either end, an exponent without plus or padding."""
    match = _NUMBER.fullmatch(literal)
    if match is None:
        raise MalformedError(f"not a number: {literal[:40]}")
    sign, whole, fraction, exponent = match.groups(default="")
    digits = whole + fraction
    leading = len(digits) - len(digits.lstrip("0"))
    significant = digits.strip("0")
    shift = len(whole) - 1 - leading
    with localcontext() as context:  # an exponent may itself have more digits than int() takes
        context.prec, context.Emax, context.Emin = len(literal) + 25, MAX_EMAX, MIN_EMIN
        power = format(Decimal(exponent or "0") + shift, "f")
    point = "." if len(significant) > 1 else ""
    return f"{sign}{significant[0]}{point}{significant[1:]}e{power}"


def _holds_infinite(value: Any) -> bool:
    kind = type(value)
    if kind is float:
        return not math.isfinite(value)
    if kind is dict:
        return any(map(_holds_infinite, value.values()))
    return kind is list and any(map(_holds_infinite, value))


def _encode_with_care(value: Any) -> bytes:
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts).encode()


def _write(value: Any, parts: list[str]) -> None:
    if isinstance(value, str):
        parts.append(_string_text(value))
    elif isinstance(value, dict):
        separator = "{"
        for key in sorted(value):
            parts += (separator, _string_text(key), ":")
            _write(value[key], parts)
            separator = ","
        parts.append("}" if value else "{}")
    elif isinstance(value, list):
        separator = "["
        for item in value:
            parts.append(separator)
            _write(item, parts)
            separator = ","
        parts.append("]" if value else "[]")
    else:
        parts.append(_scalar_text(value))


def _scalar_text(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _integer_text(value)
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, Number):
        return value.text
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _string_text(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return _SHORT_ESCAPES.get(character) or f"\\u{ord(character):04x}"


def _integer_text(number: int) -> str:
    try:
        return str(number)
    except ValueError:  # Decimal knows no limit of digits
        return format(Decimal(number), "f")


def _float_text(number: float) -> str:
    """Python's shortest digits in msgspec's notation: fixed from 1e-5 up to 1e16, no plus and no padding."""
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    text = repr(number)
    mantissa, mark, power = text.partition("e")
    if not mark:
        return text
    exponent = int(power)
    if exponent != SMALLEST_FIXED_EXPONENT:
        return f"{mantissa}e{exponent}"
    sign = "-" if number < 0 else ""
    return f"{sign}0.0000{mantissa.lstrip('-').replace('.', '')}"


_decode_fast = msgspec.json.Decoder().decode
_encode_fast = msgspec.json.Encoder(order="sorted").encode
_decode_slow = json.JSONDecoder(parse_float=_decimal, parse_int=_integer, parse_constant=Number).decode

_SELF_CHECK = (
    (b'{"b":1,"a":{"d":[],"c":{}}}', b'{"a":{"c":{},"d":[]},"b":1}'),
    (b'{"\\ud83d\\ude00":1,"\\uffff":2,"\\u0000":3}', b'{"\\u0000":3,"\xef\xbf\xbf":2,"\xf0\x9f\x98\x80":1}'),
    (b'"\\u0022\\\\\\/\\b\\f\\n\\r\\t\\u001F\\u007f\\u2028"', b'"\\"\\\\/\\b\\f\\n\\r\\t\\u001f\x7f\xe2\x80\xa8"'),
    (b"[1.0,1e0,100E-2]", b"[1.0,1.0,1.0]"),
    (b"[1e16,1e15,123456789012345680]", b"[1e16,1000000000000000.0,123456789012345680]"),
    (b"[1e-5,0.00001234,1.5e-6,1e-7]", b"[0.00001,0.00001234,1.5e-6,1e-7]"),
    (b"[-0,-0.0,0.1,5e-324,1.7976931348623157e308]", b"[0,-0.0,0.1,5e-324,1.7976931348623157e308]"),
    (b"[18446744073709551616,-9223372036854775809]", b"[18446744073709551616,-9223372036854775809]"),
    (b'{"a":1,"a":null}', b'{"a":null}'),
    (b'[NaN,10e399,"\\uD800"]', b'[NaN,1e400,"\\ud800"]'),
)


def _check_spelling() -> None:
    for text, expected in _SELF_CHECK:
        value = decode(text)
        if encode_parsed(value) != expected or _encode_with_care(value) != expected:
            raise UnsupportedError(
                f"msgspec {msgspec.__version__} does not spell {RECORD_FORM}: {text!r}",
                hint="install a release of msgspec that this version of dsv was tested with",
            )


_check_spelling()
