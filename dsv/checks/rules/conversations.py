"""The function of conversations: how many records are none that a model could learn from."""

from __future__ import annotations

from fractions import Fraction

from dsv.checks.chat import ChatRules, Spelling
from dsv.checks.rules.measured import Measured
from dsv.checks.rules.version import CheckedVersion
from dsv.model.rule import Rule
from dsv.records.inspection import Inspection


def inspections_of(rule: Rule) -> tuple[Inspection, ...]:
    """What it wants to know of each record."""
    return (_rules(rule),)


def chat(rule: Rule, version: CheckedVersion) -> Measured:
    """Records that are no sound conversation."""
    found = version.noted(_rules(rule))
    told = f"{found.count:,} of {version.records:,} records are no sound conversation"
    return Measured(Fraction(found.count), told, version.records, found.count, lambda: found.first)


def _rules(rule: Rule) -> ChatRules:
    return ChatRules(Spelling(next(iter(rule.call.names), Spelling.AUTO.value)))
