"""Rules read from their lines; the grammar is in docs/rules.md.

rule       = call [ condition ] ;
call       = name [ "(" [ argument { "," argument } ] ")" ] ;
argument   = [ name "=" ] ( word | string | number ) ;
condition  = operator limit | "between" limit "and" limit | [ "not" ] "in" list ;
operator   = "==" | "!=" | "<=" | ">=" | "<" | ">" ;
limit      = number [ "%" ] ;
list       = "[" value { "," value } "]" ;
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn

from dsv.model.problems import shown
from dsv.model.rule import NUMBER, Argument, Between, Call, Compared, Condition, OneOf, Quantity, Rule, Text
from dsv.model.rule_functions import FUNCTIONS, Function, Kind

OPERATORS = ("==", "!=", "<=", ">=", "<", ">")
MOST_CHARACTERS = 4_000
_LARGEST_EXPONENT = 400
_LONGEST_NUMBER = 100

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<operator>[=<>!]+)
      | (?P<mark>[,()\[\]%])
      | (?P<word>[^\s,()\[\]=<>!"'%]+)
      | (?P<wrong>["'])
      | (?P<end>$)
    )""",
    re.VERBOSE,
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
_SLIPS = {"=": "==", "=>": ">=", "=<": "<=", "<>": "!=", "===": "==", "!": "!="}


class RuleError(ValueError):
    """A line that is no rule; `offset` is the character in it where reading stopped, from 0."""

    def __init__(self, message: str, *, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    offset: int

    @property
    def said(self) -> str:
        return "the end of the line" if self.kind == "end" else shown(self.text)


def parse_rule(line: str) -> Rule:
    """The rule that the line spells; RuleError tells what was expected, and where."""
    if len(line) > MOST_CHARACTERS:
        raise RuleError(f"must have at most {MOST_CHARACTERS:,} characters", offset=MOST_CHARACTERS)
    return _Reader(line).rule()


def check_rule(line: str) -> None:
    """RuleError where the line is no rule."""
    parse_rule(line)


def nearest(name: str, known: list[str]) -> str:
    """A question for what was meant, empty where nothing is near."""
    near = difflib.get_close_matches(name[:60], known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


class _Reader:
    def __init__(self, line: str) -> None:
        self._tokens = _tokens(line)
        self._at = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def _refuse(self, wanted: str, *, at: _Token | None = None, more: str = "") -> NoReturn:
        token = at or self._next
        raise RuleError(f"expected {wanted}, got {token.said}{more}", offset=token.offset)

    def _is(self, text: str) -> bool:
        return self._next.kind in ("mark", "word", "operator") and self._next.text == text

    def rule(self) -> Rule:
        start = self._take()
        if start.kind != "word" or not _NAME.fullmatch(start.text):
            self._refuse("the name of a check, as in records >= 1000", at=start)
        function = FUNCTIONS.get(start.text)
        call, offsets = self._call(start)
        _check_arguments(call, function, offsets)
        if self._next.kind == "end":
            return Rule(call, self._implied(call, function), implied=True, offsets=offsets)
        condition = self._condition(call, function)
        if self._next.kind != "end":
            self._refuse("the end of the line")
        return Rule(call, condition, offsets=offsets)

    def _implied(self, call: Call, function: Function | None) -> Condition:
        if function is not None and function.needs_condition:
            also = " or in [" if function.takes_list else ""
            self._refuse(f"what {call} must be: one of {' '.join(OPERATORS)}, between{also}")
        return Compared("==", Quantity("0"))

    def _call(self, start: _Token) -> tuple[Call, tuple[int, ...]]:
        offsets = [start.offset]
        arguments: list[Argument] = []
        options: list[tuple[str, Argument]] = []
        if not self._is("("):
            return Call(start.text), tuple(offsets)
        self._take()
        while not self._is(")"):
            token = self._next
            value = self._value(f"an argument of {start.text}, or )")
            if isinstance(value, Text) and not value.quoted and self._is("="):
                self._take()
                options.append((value.text, self._value(f"the value of {value.text}")))
            elif options:
                self._refuse("the options behind all other arguments", at=token)
            else:
                arguments.append(value)
            offsets.append(token.offset)
            if not self._is(")"):
                if not self._is(","):
                    self._refuse(", or )")
                self._take()
                if self._is(")"):
                    self._refuse(f"an argument of {start.text}")
        self._take()
        return Call(start.text, tuple(arguments), tuple(options), parentheses=True), tuple(offsets)

    def _value(self, wanted: str) -> Argument:
        token = self._take()
        if token.kind == "string":
            return Text(re.sub(r"\\(.)", r"\1", token.text[1:-1]), quoted=True)
        if token.kind != "word":
            self._refuse(wanted, at=token)
        if NUMBER.fullmatch(token.text):
            return _quantity(token)
        return Text(token.text)

    def _condition(self, call: Call, function: Function | None) -> Condition:
        token = self._take()
        if token.kind == "word" and token.text in ("in", "not"):
            return self._one_of(token, call, function)
        if token.kind == "word" and token.text == "between":
            low = self._limit(call, function)
            if not self._is("and"):
                self._refuse("and")
            self._take()
            start = self._next
            high = self._limit(call, function)
            if low.percent != high.percent:
                self._refuse("two percentages or two numbers", at=start)
            if low.value > high.value:
                self._refuse(f"at least {low}", at=start)
            return Between(low, high)
        if token.kind == "operator" and token.text in OPERATORS:
            return Compared(token.text, self._limit(call, function))
        return self._refuse_condition(token, function)

    def _refuse_condition(self, token: _Token, function: Function | None) -> NoReturn:
        slip = f"; did you mean {_SLIPS[token.text]}?" if token.text in _SLIPS else ""
        lists = ", in [" if function is not None and function.takes_list else ""
        self._refuse(f"one of {' '.join(OPERATORS)}, between{lists}", at=token, more=slip)

    def _one_of(self, token: _Token, call: Call, function: Function | None) -> OneOf:
        if function is None or not function.takes_list:
            raise RuleError(f"a list is for values(...), and {call} is a number", offset=token.offset)
        negated = token.text == "not"
        if negated:
            if not self._is("in"):
                self._refuse("in")
            self._take()
        if not self._is("["):
            self._refuse("[")
        self._take()
        values = [self._value("a value")]
        while self._is(","):
            self._take()
            values.append(self._value("a value"))
        if not self._is("]"):
            self._refuse(", or ]")
        self._take()
        return OneOf(tuple(values), negated)

    def _limit(self, call: Call, function: Function | None) -> Quantity:
        token = self._take()
        if token.kind != "word" or not NUMBER.fullmatch(token.text):
            self._refuse("a number", at=token)
        quantity = _quantity(token)
        if not self._is("%"):
            return quantity
        percent = self._take()
        if function is not None and function.kind in (Kind.NUMBER, Kind.EACH):
            raise RuleError(f"{call} has no whole that % could be a share of", offset=percent.offset)
        if function is not None and function.name == "records" and not call.arguments:
            raise RuleError("records are the whole; a split has a share of them: records(test)", offset=percent.offset)
        return Quantity(quantity.written, percent=True)


def _tokens(line: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while not found or found[-1].kind != "end":
        match = _TOKEN.match(line, at)
        if match is None or match.lastgroup is None:  # every character begins some token
            raise RuleError(f"cannot be read here: {shown(line[at : at + 20])}", offset=at)
        start = match.start(match.lastgroup)
        if match.lastgroup == "wrong":
            raise RuleError(f"expected the {match['wrong']} that ends this text, got the end of the line", offset=start)
        found.append(_Token(match.lastgroup, match[match.lastgroup], start))
        at = match.end()
    return found


def _quantity(token: _Token) -> Quantity:
    exponent = re.search(r"[eE]([-+]?[0-9]+)$", token.text)
    if len(token.text) > _LONGEST_NUMBER or (exponent and abs(int(exponent[1])) > _LARGEST_EXPONENT):
        raise RuleError(f"{shown(token.text)} is beyond what can be compared", offset=token.offset)
    return Quantity(token.text)


def _check_arguments(call: Call, function: Function | None, offsets: tuple[int, ...]) -> None:
    if function is None:
        return
    count, most = len(call.arguments), function.most
    if count < function.least:
        wanted = f"a {function.argument}, as in {function.name}({function.argument.split()[0]})"
        raise RuleError(f"{function.name} needs {wanted}", offset=offsets[0])
    if most is not None and count > most:
        takes = {0: "nothing", 1: f"one {function.argument}"}.get(most, f"{most} of: {function.argument}")
        raise RuleError(f"{function.name} takes {takes}", offset=offsets[most + 1])
    for name, offset in zip(call.names, offsets[1:], strict=False):
        if function.choices and name not in function.choices:
            wanted = f"expected one of {', '.join(function.choices)}, got {shown(name)}"
            raise RuleError(wanted + nearest(name, [*function.choices]), offset=offset)
    for (name, value), offset in zip(call.options, offsets[count + 1 :], strict=True):
        if name not in function.options:
            known = f"its options: {', '.join(function.options)}" if function.options else "it has no options"
            raise RuleError(
                f"{function.name} has no option {shown(name)} ({known}){nearest(name, [*function.options])}",
                offset=offset,
            )
        number = isinstance(value, Quantity)
        if function.options[name] == "number" and not (number and 0 < Fraction(str(value)) <= 1):
            raise RuleError(f"{name} must be a number above 0 and at most 1", offset=offset)
    if function.argument == "split or dataset" and len(set(call.names)) < count:
        raise RuleError(f"{function.name} needs two different things", offset=offsets[count])
