"""What a function came to, and whether that is what a rule asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from dsv.checks.rules.outcome import Example, Outcome, Result
from dsv.model.rule import OneOf, Rule
from dsv.model.rule_functions import FUNCTIONS, Kind

VALUE = "{value}"
"""Where the value belongs in what is told of it."""

_MOST_DIGITS = 12


def _no_examples() -> tuple[Example, ...]:
    return ()


@dataclass(frozen=True)
class Measured:
    """The value of a function, in words too; `whole` is what a count is a share of.

    `count` is how many records it speaks of, and `examples` finds the first of them, which may mean to read them.
    `strange` tells why the value does not count at all, such as texts among the numbers of a mean.
    """

    value: Fraction
    told: str
    whole: int | None = None
    count: int = 0
    examples: Callable[[], tuple[Example, ...]] = _no_examples
    strange: str = ""


@dataclass(frozen=True)
class Vacuous:
    """There is nothing to measure, and why."""

    why: str


def outcome_of(rule: Rule, measured: Measured | Vacuous) -> Outcome:
    """How the rule comes out."""
    name, condition = str(rule), rule.condition
    function = FUNCTIONS.get(rule.call.function)
    if isinstance(measured, Vacuous):
        return Outcome(name, Result.VACUOUS, measured.why, limit=str(condition))
    if function is not None and function.kind is Kind.EACH:
        passed, value, limit = not measured.count, number_text(measured.value), f"each {condition}"
    elif isinstance(condition, OneOf):  # the grammar allows it for values(...) alone
        raise TypeError(name)
    else:
        found = measured.value
        if condition.percent and measured.whole is not None:
            found = found / measured.whole if measured.whole else Fraction()
        passed, limit = condition.holds(found), str(condition)
        value = percent_text(found, beside=limit) if condition.percent else number_text(found, beside=limit)
    message = measured.told.replace(VALUE, value)
    if value.endswith("%") and measured.whole is not None:
        message += f" ({value})"
    if measured.strange:
        passed, message = False, measured.strange
    if passed:
        return Outcome(name, Result.PASSED, message, value=value, limit=limit)
    first = measured.examples()
    return Outcome(name, Result.FAILED, message, value=value, limit=limit, count=measured.count, first=first)


def percent_text(share: Fraction, *, beside: str = "") -> str:
    """The share in percent, with as many digits as tell it from the limit beside it."""
    return number_text(share * 100, beside=beside.replace("%", "")) + "%"


def number_text(number: Fraction, *, beside: str = "") -> str:
    """The number in few digits, but so many that one that is not the limit does not look like it."""
    if number.denominator == 1:
        return str(number.numerator)
    for digits in range(4, _MOST_DIGITS):
        text = f"{float(number):.{digits}g}"
        if text not in beside.split() and float(text) not in _numbers(beside):
            return text
    return f"{float(number)!r}"


def _numbers(text: str) -> set[float]:
    found = set()
    for word in text.split():
        try:
            found.add(float(word))
        except ValueError:
            continue
    return found
