"""Values of score columns as files spell them, as the values that are kept; what cannot be a score is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from dsv.model.scores import COLUMNS, Kind
from dsv.records.canonical import Number, encode

LARGEST = 1e100
"""A score beyond is a mistake; and sums of scores stay what doubles can hold."""

_LARGEST_EXACT = 1 << 53
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*")
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_TRUTH = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


class BadValueError(ValueError):
    """A value that is no score; its text says why."""


def number_of(value: Any) -> float | None:
    """A score that is a number."""
    kind = type(value)
    if kind is float or kind is int:
        if not -LARGEST <= value <= LARGEST:
            raise BadValueError(f"is {'NaN' if value != value else 'beyond 1e100'}")  # noqa: PLR0124 - which only NaN is
        return float(value)
    if value is None or value == "":
        return None
    if kind is str and _NUMBER.fullmatch(value):
        return number_of(float(value))
    if isinstance(value, Number) or (kind is str and value.strip().lower() in ("nan", "inf", "-inf", "infinity")):
        raise BadValueError(f"is {value.text if isinstance(value, Number) else value.strip()}")
    raise BadValueError("is no number")


def truth_of(value: Any) -> bool | None:
    """A verdict."""
    if value is None or value == "":
        return None
    if value in (0, 1):
        return bool(value)
    if isinstance(value, str) and value.strip().lower() in _TRUTH:
        return _TRUTH[value.strip().lower()]
    if isinstance(value, float) and math.isnan(value):
        raise BadValueError("is NaN")
    raise BadValueError("is neither true nor false")


def words_of(value: Any) -> str | None:
    """A text; what is no text stands as JSON."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _whole(value)
    return json_of(value)


def json_of(value: Any) -> str:
    """The value as JSON on one line."""
    return _whole(encode(value).decode())


def _whole(text: str) -> str:
    """The text, if UTF-8 can carry it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadValueError("is text that UTF-8 cannot carry") from None
    return text


KNOWN: dict[str, Callable[[Any], Any]] = {
    name: {Kind.NUMBER: number_of, Kind.BOOLEAN: truth_of, Kind.TEXT: words_of}[kind] for name, kind in COLUMNS.items()
}
"""How the values of the columns whose names mean something are read."""


class FurtherColumn:
    """A column with a name of its own: what its values turn out to be decides what it is.

    `cells` says that they are cells of CSV: these are texts, and count as what all of them spell.
    """

    def __init__(self, *, cells: bool) -> None:
        self._cells = cells
        self._may_be = {Kind.NUMBER, Kind.BOOLEAN}
        self._any = False

    def see(self, value: Any) -> Any:
        """Take a value, and give back what is to be kept of it until all are known."""
        if value is None or value == "":
            return None
        self._any = True
        kind = type(value)
        if kind is bool:
            self._may_be.discard(Kind.NUMBER)
        elif kind is float or kind is int:
            self._may_be.discard(Kind.BOOLEAN)
            if kind is float and not math.isfinite(value):
                raise BadValueError(f"is {value}")
            if not -_LARGEST_EXACT <= value <= _LARGEST_EXACT:
                self._may_be.clear()
        elif kind is str:
            if not (self._cells and _PLAIN_NUMBER.fullmatch(value)):
                self._may_be.discard(Kind.NUMBER)
            if not (self._cells and value in ("true", "false")):
                self._may_be.discard(Kind.BOOLEAN)
            return _whole(value)
        elif isinstance(value, Number) and value.text.lower() in ("nan", "infinity", "-infinity"):
            raise BadValueError(f"is {value.text}")
        else:
            self._may_be.clear()
            return json_of(value)
        return value

    @property
    def kind(self) -> Kind:
        """What the column is."""
        if not self._any or len(self._may_be) != 1:
            return Kind.TEXT
        return next(iter(self._may_be))

    def reader(self) -> Callable[[Any], Any]:
        """What makes of a kept value the one that is stored."""
        kind = self.kind
        if kind is Kind.NUMBER:
            return lambda value: None if value is None else float(value)
        if kind is Kind.BOOLEAN:
            return lambda value: None if value is None else value in (True, "true")
        return lambda value: value if value is None or isinstance(value, str) else json_of(value)
