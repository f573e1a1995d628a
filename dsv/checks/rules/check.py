"""A check of a release: what it wants to know of each record, and how it comes out for a version."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from dsv.checks.rules import conversations, fields, near, overlaps, plugins, two_fields, whole
from dsv.checks.rules.inspections import Asked
from dsv.checks.rules.measured import Measured, Vacuous, outcome_of
from dsv.checks.rules.outcome import Outcome, Result
from dsv.checks.rules.version import CheckedVersion
from dsv.model.rule import Call, Rule
from dsv.model.rule_functions import FUNCTIONS, Over
from dsv.records.inspection import Inspection

Measure = Callable[[Rule, CheckedVersion], "Measured | Vacuous"]


class Check(Protocol):
    """Something that a version is held against before it is released."""

    @property
    def name(self) -> str:
        """What `--waive` and manifests call it."""

    def inspections(self) -> Sequence[Inspection]:
        """What is to be noted while the records are read anyway."""

    def outcome(self, version: CheckedVersion) -> Outcome:
        """How it comes out."""


@dataclass(frozen=True)
class RecordCheck:
    """Something that may be wrong with a record and must be with none: whatever the inspection counts.

    `what` says in a few words what is wrong with the records that it counts: "do not fit schema.json".
    """

    name: str
    inspection: Inspection
    what: str

    def inspections(self) -> Sequence[Inspection]:
        """Its only one."""
        return (self.inspection,)

    def outcome(self, version: CheckedVersion) -> Outcome:
        """FAILED where there is such a record."""
        found = version.noted(self.inspection)
        records = f"{found.count:,} of {version.records:,} records"
        return Outcome(
            check=self.name,
            result=Result.FAILED if found.count else Result.PASSED,
            message=f"{records} {self.what}" if found.count else "nothing is wrong with any record",
            value=str(found.count),
            limit="== 0",
            count=found.count,
            first=found.first,
        )


@dataclass(frozen=True)
class RuleCheck:
    """A line of `checks`; `key` are the fields of the dataset's key, whose duplicates the record index tells."""

    rule: Rule
    key: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The line, in one spelling."""
        return str(self.rule)

    @property
    def over_change(self) -> bool:
        """Whether it is about what changed since the version before, and not about the version."""
        function = FUNCTIONS.get(self.rule.call.function)
        return function is not None and function.over is Over.CHANGE

    def inspections(self) -> Sequence[Inspection]:
        """What the profile of the fields will not tell."""
        function = self.rule.call.function
        if function in ASKS:
            return ASKS[function](self.rule)
        if function in FUNCTIONS:
            return fields.inspections_of(self.rule, key=self.key)
        return (record_inspection(self.rule.call),)

    def outcome(self, version: CheckedVersion) -> Outcome:
        """Whether the rule is kept."""
        measure = MEASURES.get(self.rule.call.function, self._counted)
        return outcome_of(self.rule, measure(self.rule, version))

    @staticmethod
    def _counted(rule: Rule, version: CheckedVersion) -> Measured:
        """The records that a function finds something wrong with."""
        found = version.noted(record_inspection(rule.call))
        told = f"{rule.call} finds something wrong in {found.count:,} of {version.records:,} records"
        return Measured(Fraction(found.count), told, version.records, found.count, lambda: found.first)


def record_inspection(call: Call) -> Inspection:
    """What a function that judges records one by one wants to know of them."""
    return Asked(call.function, call.names, plugins.version_of(call.function), plugins.judge)


ASKS: Mapping[str, Callable[[Rule], tuple[Inspection, ...]]] = {
    "chat": conversations.inspections_of,
    "dangling": two_fields.references_of,
    "out_of_order": two_fields.order_of,
}
"""What functions that always look at records want to know of them."""

MEASURES: Mapping[str, Measure] = {
    "records": whole.records,
    "files": whole.files,
    "bytes": whole.size,
    "tokens": whole.tokens,
    "bad_records": whole.bad_records,
    "duplicates": fields.duplicates,
    "missing": fields.missing,
    "distinct": fields.different,
    "values": fields.values,
    "length": fields.length,
    "avg": whole.average,
    "judge_pass_rate": whole.pass_rate,
    "coverage": whole.coverage,
    "overlap": overlaps.overlap,
    "near_overlap": near.near_overlap,
    "dangling": two_fields.dangling,
    "out_of_order": two_fields.out_of_order,
    "chat": conversations.chat,
    "added": whole.changes,
    "removed": whole.changes,
    "modified": whole.changes,
    "moved": whole.changes,
    "changed": whole.changes,
    "unchanged": whole.changes,
    "drift": whole.drift,
}
"""What each function of dsv's own comes to."""
