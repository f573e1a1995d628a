"""What `dsv quality query --where` means: conditions on scores, and whether a row keeps them.

    expression  = conjunction { "or" conjunction }
    conjunction = negation { "and" negation }
    negation    = "not" negation | condition
    condition   = "(" expression ")" | column | column test
    test        = ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value
                | "between" value "and" value
                | [ "not" ] "in" "(" value { "," value } ")"
                | [ "not" ] "contains" text
                | "is" [ "not" ] "null"
    value       = number | text | "true" | "false"

A text stands in single or double quotes, which are doubled inside; a column whose name is no word in backquotes. Words
of the language may be in capitals. As in SQL, a comparison with nothing is neither true nor false, and such a row is
left out, also by `not`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsv.errors import UsageError
from dsv.model.problems import shown
from dsv.model.scores import Kind

Row = Mapping[str, Any]
Test = Callable[[Row], "bool | None"]
"""Whether a row keeps a condition; None where it has no value that would tell."""

MOST_LEVELS = 50

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?![\w.])
    | (?P<word>[^\W\d]\w*)
    | `(?P<name>[^`]+)`
    | '(?P<single>(?:[^']|'')*)'
    | "(?P<double>(?:[^"]|"")*)"
    | (?P<sign><=|>=|!=|<>|==|[=<>(),])
    )""",
    re.VERBOSE,
)
_SPACE = re.compile(r"\s*")
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_EQUALITY = frozenset({"=", "==", "!=", "<>"})
_RESERVED = frozenset({"and", "or", "not", "in", "is", "null", "contains", "between", "true", "false"})
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True)
class _Token:
    kind: str
    value: Any
    column: int
    text: str

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.value.lower() in words

    def is_sign(self, *signs: str) -> bool:
        return self.kind == "sign" and self.value in signs


def parse_expression(text: str, *, kinds: Mapping[str, Kind]) -> Test:
    """The condition that the text spells, over columns of these kinds.

    UsageError with the place in the text, and what was expected there.
    """
    parser = _Parser(text, kinds)
    test = parser.expression()
    if parser.now.kind != "end":
        raise parser.expected("and, or, or the end")
    return test


class _Parser:
    """One text on its way to a condition."""

    def __init__(self, text: str, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds
        self._tokens = _tokens(text)
        self._at = 0
        self._levels = 0

    @property
    def now(self) -> _Token:
        return self._tokens[self._at]

    def expression(self) -> Test:
        self._levels += 1
        if self._levels > MOST_LEVELS:
            raise _refused(self.now.column, f"more than {MOST_LEVELS} levels of brackets and nots")
        tests = [self._conjunction()]
        while self._took("or"):
            tests.append(self._conjunction())
        self._levels -= 1
        return tests[0] if len(tests) == 1 else _any(tests)

    def expected(self, what: str) -> UsageError:
        found = "the end" if self.now.kind == "end" else shown(self.now.text)
        return _refused(self.now.column, f"expected {what}, found {found}")

    def _conjunction(self) -> Test:
        tests = [self._negation()]
        while self._took("and"):
            tests.append(self._negation())
        return tests[0] if len(tests) == 1 else _all(tests)

    def _negation(self) -> Test:
        nots = 0
        while self._took("not"):
            nots += 1
        test = self._condition()
        return _not(test) if nots % 2 else test

    def _condition(self) -> Test:
        if self.now.is_sign("("):
            self._next()
            test = self.expression()
            self._sign(")")
            return test
        token = self.now
        if token.kind == "name" or (token.kind == "word" and token.value.lower() not in _RESERVED):
            return self._of_column(self._next())
        raise self.expected("a column, not or (")

    def _of_column(self, token: _Token) -> Test:
        name = token.value
        if name not in self._kinds:
            raise _refused(
                token.column, f"there is no column {shown(name)}", hint=f"there are {', '.join(self._kinds)}"
            )
        kind, get = self._kinds[name], operator.itemgetter(name)
        if self.now.is_sign(*_COMPARED):
            sign = self._next().value
            if kind is Kind.BOOLEAN and sign not in _EQUALITY:
                raise _refused(token.column, f"{name} is true or false, and has no order", hint=f"{name} = true")
            return _compared(get, _COMPARED[sign], self._value(name))
        if self._took("between"):
            low = self._value(name)
            if not self._took("and"):
                raise self.expected("and")
            return _all([_compared(get, operator.ge, low), _compared(get, operator.le, self._value(name))])
        if self._took("is"):
            negated = self._took("not")
            if not self._took("null"):
                raise self.expected("null")
            return _is_null(get, negated=negated)
        return self._membership(token, get)

    def _membership(self, token: _Token, get: Callable[[Row], Any]) -> Test:
        """What else may be said of a column: in, contains, or that it is true."""
        name = token.value
        kind = self._kinds[name]
        negated = self._took("not")
        if self._took("in"):
            test = _compared(get, operator.contains, self._values(name), turned=True)
        elif self._took("contains"):
            if kind is not Kind.TEXT:
                raise _refused(token.column, f"{name} holds no texts", hint="contains is for texts")
            test = _compared(get, _holds, self._value(name).casefold())
        elif negated:
            raise self.expected("in or contains")
        elif kind is Kind.BOOLEAN:
            return get
        else:
            raise self.expected("a comparison such as >= 0.5, in, contains or is null")
        return _not(test) if negated else test

    def _values(self, name: str) -> frozenset[Any]:
        self._sign("(")
        values = [self._value(name)]
        while self.now.is_sign(","):
            self._next()
            values.append(self._value(name))
        self._sign(")")
        return frozenset(values)

    def _value(self, name: str) -> Any:
        """The value that comes next, of the kind of a column."""
        token, kind = self.now, self._kinds[name]
        if kind is Kind.NUMBER and token.kind == "number":
            return self._next().value
        if kind is Kind.TEXT and token.kind == "text":
            return self._next().value
        if kind is Kind.BOOLEAN and token.is_word("true", "false"):
            return _TRUTH[self._next().value.lower()]
        wanted = {Kind.NUMBER: "a number", Kind.TEXT: "a text in quotes", Kind.BOOLEAN: "true or false"}[kind]
        raise self.expected(f"{wanted}, as {name} is {kind.value}")

    def _sign(self, sign: str) -> None:
        if not self.now.is_sign(sign):
            raise self.expected(sign)
        self._next()

    def _took(self, word: str) -> bool:
        taken = self.now.is_word(word)
        if taken:
            self._next()
        return taken

    def _next(self) -> _Token:
        token = self.now
        self._at += 1
        return token


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while (start := _start(text, at)) < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            said = "a text that does not end" if text[start] in "'\"`" else shown(text[start])
            raise _refused(start + 1, f"{said} means nothing here")
        kind, value = str(match.lastgroup), match[str(match.lastgroup)]
        if kind == "number":
            value = float(value)
        elif kind in ("single", "double"):
            quote = "'" if kind == "single" else '"'
            kind, value = "text", value.replace(quote * 2, quote)
        found.append(_Token(kind, value, start + 1, text[start : match.end()]))
        at = match.end()
    return [*found, _Token("end", "", len(text) + 1, "")]


def _start(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _refused(column: int, what: str, *, hint: str = "") -> UsageError:
    return UsageError(
        f"--where, character {column}: {what}",
        hint=hint or "for instance: quality_score < 0.5 and agent_type in ('buyer', 'seller')",
        details={"column": column},
    )


def _compared(get: Callable[[Row], Any], compare: Callable[..., bool], value: Any, *, turned: bool = False) -> Test:
    def test(row: Row) -> bool | None:
        found = get(row)
        if found is None:
            return None
        return compare(value, found) if turned else compare(found, value)

    return test


def _holds(text: str, part: str) -> bool:
    return part in text.casefold()


def _is_null(get: Callable[[Row], Any], *, negated: bool) -> Test:
    return lambda row: (get(row) is None) is not negated


def _not(test: Test) -> Test:
    def negation(row: Row) -> bool | None:
        found = test(row)
        return None if found is None else not found

    return negation


def _all(tests: Sequence[Test]) -> Test:
    def conjunction(row: Row) -> bool | None:
        known: bool | None = True
        for test in tests:
            found = test(row)
            if found is False:
                return False
            if found is None:
                known = None
        return known

    return conjunction


def _any(tests: Sequence[Test]) -> Test:
    def disjunction(row: Row) -> bool | None:
        known: bool | None = False
        for test in tests:
            found = test(row)
            if found:
                return True
            if found is None:
                known = None
        return known

    return disjunction
