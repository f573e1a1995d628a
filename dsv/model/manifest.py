"""The manifest: what one version of a dataset is, and what changed since the version before.

It is written once, by the release, and never edited. Its facts are computed; people type names, types,
summaries, tags, metadata, relations and waivers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import Field, field_validator, model_validator

from dsv.model import fields as schema
from dsv.model.change_section import ChangeEntry
from dsv.model.documents import SCHEMA, Loaded, Part, checked, dump, load, plain
from dsv.model.field_profile import FieldsProfile
from dsv.model.profile_section import ProfileEntry
from dsv.model.reading import Reading
from dsv.model.reading_section import ReadingEntry
from dsv.model.texts import (
    Count,
    DvcObject,
    Json,
    Label,
    Line,
    Name,
    Number,
    Prose,
    RelativePath,
    Sha256,
    SourceText,
    SplitName,
    Time,
    TypeWord,
    VersionText,
    Word,
)
from dsv.model.version import Version
from dsv.model.yamlwriter import FLOW, QUOTED, Layout, Style

LAYOUT = Layout(
    keys={
        "version": QUOTED,
        "data": FLOW,
        "digests": FLOW,
        "profile": Layout(Style.BLOCK, items=FLOW),
        "change": Layout(
            Style.BLOCK,
            keys={
                "policy": FLOW,
                "previous": QUOTED,
                "records": Layout(Style.FLOW, keys={"changed_share": Layout(decimals=6)}),
                "files": FLOW,
            },
        ),
        "lineage": Layout(Style.BLOCK, items=FLOW),
    }
)


class Tokens(Part):
    """How much text the records hold."""

    counter: Label = Field(description="How tokens are counted.")
    total: Count = Field(description="Tokens in all records together.")
    mean: Number = Field(ge=0, description="Tokens in a record, on average.")


class Data(Part):
    """What the data directory holds in this version."""

    path: RelativePath = Field(description="Where the data lies, relative to the root of the repository.")
    format: Label = Field(description="The format in which the records were found.")
    files: Count = Field(description="Number of files.")
    bytes: Count = Field(description="Size of all files together.")
    records: Count = Field(description="Number of records.")
    bad_records: Count = Field(description="Records that do not parse; they stay in their files and are not counted.")
    tokens: Tokens | None = Field(default=None, description="How much text the records hold, where there is a reader.")
    dialects: dict[Line, Count] | None = Field(
        default=None,
        description="How CSV files were found to be spelled, with the number of files; left out where that is usual.",
    )
    left_out: ClassVar[frozenset[str]] = frozenset({"tokens", "dialects"})


class Digests(Part):
    """What proves that data is this version's."""

    tree: Sha256 = Field(description="SHA-256 of the sorted `sha256sum` lines of all files: paths and bytes.")
    records: Sha256 = Field(description="SHA-256 over the sorted fingerprints: the records, blind to order and files.")
    record_form: Word = Field(description="The canonical form of records under the fingerprints.")
    dvc: DvcObject = Field(description="DVC's name of the data.")
    index: DvcObject = Field(description="DVC's name of the record index.")


class FieldEntry(Part):
    """A top-level field of the records."""

    name: str = Field(description="The field's name.")
    types: tuple[TypeWord, ...] = Field(
        description="The JSON types that its values have; none where a header names the field and no record follows."
    )
    counts: dict[TypeWord, Count] | None = Field(
        default=None, description="Records by type; left out where every record carries the field with one type."
    )
    left_out: ClassVar[frozenset[str]] = frozenset({"counts"})

    @model_validator(mode="after")
    def _counts_name_the_types(self) -> FieldEntry:
        if len(set(self.types)) != len(self.types):
            raise ValueError("types must differ from one another")
        if self.counts is None and len(self.types) > 1:
            raise ValueError("a field of several types needs counts")
        if self.counts is not None and set(self.counts) != set(self.types):
            raise ValueError("counts must have the types as keys")
        return self


class LineageEntry(Part):
    """A version that this one was made from."""

    ref: SourceText = Field(description="The source, NAME@VERSION.")
    relation: Word = Field(description="How this version came from it: `previous`, `filter`, `merge`, ...")
    inherited: Count | None = Field(description="Records taken over as they are; null where that is not known.")
    new: Count | None = Field(description="Records that the source does not have.")
    modified: Count | None = Field(description="Records of the source with other content.")
    removed: Count | None = Field(description="Records of the source that were left out.")
    produced_by: Label | None = Field(default=None, description="What made this version of it, KIND:ID.")
    repository: Label | None = Field(default=None, description="Where the source's repository is, if that is another.")
    digest: Sha256 | None = Field(default=None, description="The source's tree digest.")
    note: Prose | None = Field(default=None, description="What people said of it.")
    left_out: ClassVar[frozenset[str]] = frozenset({"produced_by", "repository", "digest", "note"})


class Quality(Part):
    """How good the records are, where somebody or something said so."""

    score: Number | None = Field(
        default=None, description="Mean of quality_score over scored records, else of the metadata."
    )
    source: Word | None = Field(default=None, description="Where the score comes from: `records` or `metadata`.")
    coverage: Number | None = Field(
        default=None, ge=0, le=1, description="The share of the records with a quality_score, by whoever gave most."
    )
    scorers: tuple[dict[str, Json], ...] = Field(default=(), description="Summaries by scorer.")
    left_out: ClassVar[frozenset[str]] = frozenset({"coverage"})


class Waiver(Part):
    """A check that was waived for this release."""

    check: Label = Field(description="The check.")
    reason: Prose = Field(description="Why it was waived.")


class Validation(Part):
    """What the checks said at the release."""

    status: Word = Field(default="passed", description="`passed`, or `waived` where a check found something.")
    checks: Count = Field(default=0, description="How many checks ran.")
    waived: tuple[Waiver, ...] = Field(default=(), description="Checks that were waived, with the reason.")
    findings: tuple[dict[str, Json], ...] = Field(
        default=(),
        description="What the waived checks found: `check`, `message`, `value`, `limit`, the `count` of records, and "
        "the `first` ten of them with `file`, `row` and `what`.",
    )


Named = TypeVar("Named", FieldEntry, ProfileEntry)


class Manifest(Part):
    """One version of a dataset."""

    schema_number: Literal[1] = Field(alias="schema", description="The number of this file's format.")
    dataset: Name = Field(description="The dataset's name.")
    version: VersionText = Field(description="The version, MAJOR.MINOR.PATCH with or without a pre-release part.")
    type: Line = Field(description="What kind of dataset it is.")
    created_at: Time = Field(description="When it was released, in UTC.")
    created_by: Label = Field(description="Who released it: the git author.")
    summary: Prose = Field(description="What changed, in a sentence.")
    tags: tuple[Label, ...] = Field(description="Free labels.")
    metadata: dict[str, Json] = Field(description="Whatever else people say about this version.")
    data: Data = Field(description="What the data directory holds.")
    splits: dict[SplitName, Count] = Field(description="Number of records by split; records of no split are left out.")
    digests: Digests = Field(description="What proves that data is this version's.")
    fields: tuple[FieldEntry, ...] = Field(description="The top-level fields of the records.")
    profile: tuple[ProfileEntry, ...] | None = Field(
        default=None,
        description="What is known of the values of the first 200 fields by name; left out where there are none.",
    )
    key: tuple[str, ...] = Field(description="The fields that identify a record; empty where its content does.")
    reading: ReadingEntry | None = Field(default=None, description="The declarations on which the records depend.")
    change: ChangeEntry = Field(description="What changed since the previous version.")
    lineage: tuple[LineageEntry, ...] = Field(description="The versions that this one was made from.")
    produced_by: Label | None = Field(
        default=None, description="What made this version, KIND:ID, where it was made from no other version."
    )
    quality: Quality = Field(description="How good the records are.")
    validation: Validation = Field(description="What the checks said.")
    checksum: Sha256 = Field(description="SHA-256 over the canonical form of all the above, unknown keys included.")
    left_out: ClassVar[frozenset[str]] = frozenset({"profile", "reading", "produced_by"})

    @field_validator("fields", "profile")
    @classmethod
    def _each_field_once(cls, entries: tuple[Named, ...] | None) -> tuple[Named, ...] | None:
        if entries is not None and len({entry.name for entry in entries}) != len(entries):
            raise ValueError("the names of fields must differ from one another")
        return entries

    @property
    def observed(self) -> schema.Fields:
        """The fields with their types and counts, as a value."""
        return schema.Fields.of(
            {entry.name: entry.counts or dict.fromkeys(entry.types, self.data.records) for entry in self.fields}
        )

    @property
    def profiled(self) -> FieldsProfile | None:
        """What is known of the fields' values, as a value; None where the manifest does not say."""
        if self.profile is None and self.fields and self.data.records:
            return None
        return FieldsProfile(self.data.records, tuple(entry.value for entry in self.profile or ()))

    @property
    def declared(self) -> Reading:
        """How the files are read, as a value."""
        return Reading() if self.reading is None else self.reading.value


def new_manifest(
    *,
    dataset: str,
    version: Version,
    type: str,  # noqa: A002 - the key's own name
    created_at: str,
    created_by: str,
    summary: str,
    tags: Sequence[str],
    metadata: Mapping[str, Any],
    data: Data,
    splits: Mapping[str, int],
    digests: Digests,
    fields: schema.Fields,
    key: Sequence[str],
    reading: Reading,
    change: ChangeEntry,
    lineage: Sequence[LineageEntry],
    quality: Quality,
    validation: Validation,
    encode: Callable[[object], bytes],
    profile: FieldsProfile | None = None,
    produced_by: str | None = None,
) -> Manifest:
    """The manifest of a release, with its checksum; BadManifestError for a text that cannot stand in it.

    `encode` makes the canonical form of a JSON value.
    """
    with checked(f"{dataset} {version}"):
        manifest = Manifest(
            schema=SCHEMA,
            dataset=dataset,
            version=version,
            type=type,
            created_at=created_at,
            created_by=created_by,
            summary=summary,
            tags=tuple(tags),
            metadata=dict(metadata),
            data=data,
            splits=dict(sorted(splits.items())),
            digests=digests,
            fields=tuple(_field_entry(field, records=data.records) for field in fields.fields),
            profile=tuple(map(ProfileEntry.of, profile.fields)) or None if profile else None,
            key=tuple(key),
            reading=ReadingEntry.of(reading),
            change=change,
            lineage=tuple(lineage),
            produced_by=produced_by,
            quality=quality,
            validation=validation,
            checksum=f"sha256:{'0' * 64}",
        )
    return manifest.model_copy(update={"checksum": manifest_checksum(manifest, encode=encode)})


def load_manifest(data: bytes, *, file: str) -> Loaded[Manifest]:
    """The manifest in the bytes of a file; BadManifestError lists everything that is wrong with it."""
    return load(Manifest, data, file=file)


def dump_manifest(manifest: Manifest) -> bytes:
    """The bytes of the manifest's file: the same for the same manifest, everywhere."""
    what = f"manifest of {manifest.dataset} {manifest.version}"
    return dump(plain(manifest), schema="../.schemas/manifest-1.json", layout=LAYOUT, what=what)


def manifest_checksum(manifest: Manifest, *, encode: Callable[[object], bytes]) -> str:
    """The checksum that the manifest ought to carry; `encode` makes the canonical form of a JSON value."""
    value = plain(manifest)
    del value["checksum"]
    return f"sha256:{hashlib.sha256(encode(value)).hexdigest()}"


def _field_entry(field: schema.Field, *, records: int) -> FieldEntry:
    everywhere = len(field.counts) == 1 and field.total == records
    told = dict(field.counts) if field.counts and not everywhere else None
    return FieldEntry(name=field.name, types=field.types, counts=told)
