"""dataset.yaml: what a dataset is, as people declare it; a release reads it and never changes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from dsv.model.csv_reading import CsvReading
from dsv.model.documents import SCHEMA, Loaded, Part, dump, load, plain
from dsv.model.reading import Reading
from dsv.model.reading_section import CsvEntry
from dsv.model.rule import Rule
from dsv.model.rule_text import parse_rule
from dsv.model.settings import PolicyChoice
from dsv.model.texts import (
    CheckLine,
    Glob,
    Json,
    Label,
    Line,
    Name,
    Prose,
    RecordSchemaChoice,
    RelativePath,
    SplitName,
)
from dsv.model.yaml_lines import with_values
from dsv.model.yamlwriter import Layout, render

LAYOUT = Layout()


class DatasetSettings(Part):
    """The declaration of a dataset."""

    schema_number: Literal[1] = Field(default=1, alias="schema", description="The number of this file's format.")
    name: Name = Field(description="The dataset's name; its directory has the same.")
    path: RelativePath = Field(description="Where the data lies, relative to the root of the repository.")
    type: Line = Field(default="", description="What kind of dataset it is.")
    description: Prose = Field(default="", description="What the dataset is about.")
    owners: tuple[Label, ...] = Field(default=(), description="Who answers for it.")
    format: Label = Field(default="auto", description="The format of the records; `auto` follows suffix and content.")
    key: tuple[Label, ...] = Field(
        default=(), description="The fields that identify a record; without, its content does."
    )
    splits: dict[SplitName, Glob] = Field(
        default_factory=dict, description="Which files belong to each split, as a glob."
    )
    records: dict[Glob, Label] = Field(
        default_factory=dict,
        description="Where the records are in a JSON object, by glob: the member that lists them, or {} for a map.",
    )
    csv: CsvEntry | None = Field(default=None, description="How CSV files are spelled, where it is not found rightly.")
    record_schema: RecordSchemaChoice | None = Field(
        default=None,
        description="A JSON Schema that every record keeps: a file beside this one, as a path from here, or itself.",
    )
    checks: tuple[CheckLine, ...] = Field(
        default=(), description="Rules that every version keeps, such as: missing(score) <= 1%."
    )
    metadata: dict[str, Json] = Field(
        default_factory=dict, description="Facts that hold for every version; --meta adds to them and goes before them."
    )
    metadata_required: tuple[Label, ...] = Field(
        default=(), description="The facts that every version has to state, by name."
    )
    tokenizer: RelativePath | None = Field(
        default=None,
        description="A tokenizer.json (Hugging Face) that counts tokens, from the root; else words are counted.",
    )
    label_fields: tuple[Label, ...] = Field(default=(), description="Fields whose value counts are kept.")
    facets: tuple[Label, ...] = Field(
        default=(), description="Columns of scores, or fields, by whose values scores are summed up too."
    )
    policy: PolicyChoice | None = Field(
        default=None, description="The bump policy of this dataset, in place of the project's: a name, or a mapping."
    )

    @property
    def schema_file(self) -> str | None:
        """The file that holds the JSON Schema of the records, as seen from dataset.yaml; None where there is none."""
        return self.record_schema if isinstance(self.record_schema, str) else None

    def metadata_with(self, stated: Mapping[str, Any]) -> dict[str, Any]:
        """The facts that hold for every version, and those that are stated of one, which go before them."""
        return {**self.metadata, **stated}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The checks as values."""
        return tuple(map(parse_rule, self.checks))

    @property
    def counted_fields(self) -> frozenset[str]:
        """The fields whose values are counted: those that are declared, and those whose drift a rule watches."""
        watched = [rule.call.names[0] for rule in self.rules if rule.call.function == "drift"]
        return frozenset((*self.label_fields, *watched))

    @property
    def reading(self) -> Reading:
        """How the files are read, as a value."""
        return Reading(
            format=self.format,
            splits=tuple(self.splits.items()),
            records=tuple(self.records.items()),
            csv=self.csv.value if self.csv else CsvReading(),
        )


def load_dataset(data: bytes, *, file: str) -> Loaded[DatasetSettings]:
    """The declaration in the bytes of a file; BadManifestError lists everything that is wrong with it."""
    return load(DatasetSettings, data, file=file)


def dump_dataset(settings: DatasetSettings) -> bytes:
    """The bytes of dataset.yaml; what was not set stays unwritten, but for the format's number."""
    value = {"schema": SCHEMA, **plain(settings, only_set=True)}
    what = f"dataset.yaml of {settings.name}"
    return dump(value, schema="../.schemas/dataset-1.json", layout=LAYOUT, what=what)


def edited_dataset(text: bytes, settings: DatasetSettings, *, file: str) -> bytes:
    """The user's text of dataset.yaml saying what the settings say: comments, order and all other lines stay.

    Where the text leaves no place for a line, it is written anew.
    """
    before, after = plain(load_dataset(text, file=file).value, only_set=True), plain(settings, only_set=True)
    differing = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    what = f"dataset.yaml of {settings.name}"
    order = [field.alias or name for name, field in DatasetSettings.model_fields.items()]
    values = {
        key: render({key: after[key]}, layout=LAYOUT, what=what).splitlines() if key in after else None
        for key in differing
    }
    changed = with_values(text.decode(), values, order=[*order, *differing])
    if changed is not None and load_dataset(changed.encode(), file=file).value == settings:
        return changed.encode()
    return dump_dataset(settings)
