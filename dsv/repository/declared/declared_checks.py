"""What a dataset's versions are held against, as it is declared: its own rules and those of the project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dsv.checks.rules.check import Check, RecordCheck, RuleCheck, record_inspection
from dsv.checks.rules.metadata import RequiredMetadata
from dsv.checks.rules.plugins import installed
from dsv.errors import UnsupportedError, UsageError
from dsv.model.problems import Problem, refuse, shown
from dsv.model.rule import Call, Compared, Quantity, Rule, Text
from dsv.model.rule_functions import FUNCTIONS
from dsv.model.rule_text import nearest
from dsv.model.yamltext import parse
from dsv.repository.declared.record_schemas import record_schema_of

if TYPE_CHECKING:
    from dsv.model.dataset import DatasetSettings
    from dsv.records.inspection import Inspection
    from dsv.repository.repository import Repository


def declared_checks(repository: Repository, settings: DatasetSettings) -> tuple[Check, ...]:
    """Every check of the dataset; BadManifestError for functions that nobody knows, or that refuse their arguments.

    A protected dataset is one whose records must be in no other: a rule of each of the others says so.
    """
    rules = settings.rules
    faults = [(number, fault) for number, rule in enumerate(rules) if (fault := _fault(rule))]
    if faults:
        refuse(_problem(repository, settings, number, fault) for number, fault in faults)
    all_rules = dict.fromkeys([*rules, *_protecting(repository, settings)])
    schema = record_schema_of(repository, settings)
    return (
        *(
            [RecordCheck("record_schema", schema, f"do not fit {settings.schema_file or 'the schema'}")]
            if schema
            else ()
        ),
        *(RuleCheck(rule, key=settings.key) for rule in all_rules),
        *([RequiredMetadata(settings.metadata_required)] if settings.metadata_required else ()),
    )


def inspections_of(repository: Repository, settings: DatasetSettings) -> tuple[Inspection, ...]:
    """What a look at the data is to note for the checks; nothing for those that a release would refuse."""
    schema = record_schema_of(repository, settings)
    checks = [RuleCheck(rule, key=settings.key) for rule in settings.rules if _is_usable(rule)]
    found = {each.identity: each for check in checks for each in check.inspections()}
    return (*([schema] if schema else ()), *found.values())


def _is_usable(rule: Rule) -> bool:
    try:
        return not _fault(rule)
    except UnsupportedError:
        return False


def _fault(rule: Rule) -> str:
    """What is wrong with the function of the rule, empty where nothing is; UnsupportedError for a broken package."""
    name = rule.call.function
    if name in FUNCTIONS:
        return ""
    if name not in installed():
        names = sorted({*FUNCTIONS, *installed()})
        known = f"; known: {', '.join(names)}"
        return f"there is no check {shown(name)}{nearest(name, names) or known}"
    try:
        record_inspection(rule.call).begin()
    except UsageError as error:
        return error.headline
    return ""


def _problem(repository: Repository, settings: DatasetSettings, number: int, message: str) -> Problem:
    """The problem, at the function's name in dataset.yaml."""
    file = repository.layout.dataset_file(settings.name)
    text = repository.text(file)
    if text is None:
        return Problem(0, 0, f"checks[{number}]", message, file)
    return parse(text, file=file).problem(("checks", number), message, offset=settings.rules[number].offsets[0])


def _protecting(repository: Repository, settings: DatasetSettings) -> Sequence[Rule]:
    names = [name for name in repository.settings().protected if name.lower() != settings.name.lower()]
    return [
        Rule(Call("overlap", (Text(f"{name}@*"),), parentheses=True), Compared("==", Quantity("0")))
        for name in dict.fromkeys(names)
    ]
