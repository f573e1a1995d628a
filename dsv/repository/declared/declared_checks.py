"""What a dataset's versions are held against, as it is declared: its own rules and those of the project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dsv.checks.rules.check import Check, RecordCheck, RuleCheck
from dsv.checks.rules.metadata import RequiredMetadata
from dsv.checks.rules.plugins import installed
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
    """Every check of the dataset; BadManifestError where a rule has a function that nobody knows.

    A protected dataset is one whose records must be in no other: a rule of each of the others says so.
    """
    rules = settings.rules
    problems = [_unknown(repository, settings, number) for number, rule in enumerate(rules) if not _is_known(rule)]
    if problems:
        refuse(problems)
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
    """What a look at the data is to note for the checks; nothing for rules whose function nobody knows."""
    schema = record_schema_of(repository, settings)
    checks = [RuleCheck(rule, key=settings.key) for rule in settings.rules if _is_known(rule)]
    found = {each.identity: each for check in checks for each in check.inspections()}
    return (*([schema] if schema else ()), *found.values())


def _is_known(rule: Rule) -> bool:
    return rule.call.function in FUNCTIONS or rule.call.function in installed()


def _unknown(repository: Repository, settings: DatasetSettings, number: int) -> Problem:
    """The problem, at the function's name in dataset.yaml."""
    rule = settings.rules[number]
    names = sorted({*FUNCTIONS, *installed()})
    file = repository.layout.dataset_file(settings.name)
    message = f"there is no check {shown(rule.call.function)}{nearest(rule.call.function, names)}"
    if not nearest(rule.call.function, names):
        message += f"; known: {', '.join(names)}"
    text = repository.text(file)
    path = ("checks", number)
    return (
        Problem(0, 0, f"checks[{number}]", message, file)
        if text is None
        else parse(text, file=file).problem(path, message, offset=rule.offsets[0])
    )


def _protecting(repository: Repository, settings: DatasetSettings) -> Sequence[Rule]:
    names = [name for name in repository.settings().protected if name.lower() != settings.name.lower()]
    return [
        Rule(Call("overlap", (Text(f"{name}@*"),), parentheses=True), Compared("==", Quantity("0")))
        for name in dict.fromkeys(names)
    ]
