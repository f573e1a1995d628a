"""dsv.yaml: the settings of a project. Every key is optional, and so is the file."""

# ruff: noqa: TC002 - pydantic reads the annotations when the models are made
from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from dsv.model.documents import SCHEMA, Loaded, Part, dump, load, plain
from dsv.model.policy import POLICIES, Policy
from dsv.model.texts import CommitMessage, Count, Label, Line, Name, Number, RelativePath, Share, StageName
from dsv.model.yamlwriter import FLOW, Layout

LAYOUT = Layout(keys={"policy": FLOW, "release": FLOW})


class PolicySettings(Part):
    """Which rule computes the level of a release, and its thresholds."""

    name: Literal[POLICIES] = Field(default="balanced", description="The policy's name.")  # type: ignore[valid-type]
    major: Share = Field(default=0.5, description="A changed share above it is major.")
    minor: Share = Field(default=0.1, description="A changed share of at least this is minor.")
    rare_fields: Number = Field(
        default=0.01,
        ge=0,
        le=1,
        description="A field that fewer than this share of the records carried may go as a minor.",
    )

    @model_validator(mode="after")
    def _minor_comes_first(self) -> PolicySettings:
        if self.minor > self.major:
            raise ValueError("minor must be at most major")
        return self

    @property
    def policy(self) -> Policy:
        """The policy as a value."""
        return Policy(name=self.name, major=self.major, minor=self.minor, rare_fields=self.rare_fields)


class _NameOrMapping:
    """An annotation for a policy: its name alone stands for its usual thresholds."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string", "enum": list(POLICIES)}, handler(schema)]}


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


PolicyChoice = Annotated[PolicySettings, BeforeValidator(_named), _NameOrMapping()]


class ReleaseSettings(Part):
    """How releases are made."""

    tag: Literal["now", "on-merge"] = Field(
        default="now",
        description="`now` tags with the release; `on-merge` leaves it to `dsv tag --missing` on the main branch.",
    )
    remote: Label = Field(default="origin", description="The git remote that releases are pushed to.")
    commit_message: CommitMessage = Field(
        default="{dataset} {version}: {summary}",
        description="How the message of a release commit begins, in one line or several.",
    )
    require_summary: bool = Field(default=False, description="Whether a release needs a summary typed by a person.")


class Vocabulary(Part):
    """The words that may be used; an empty list allows any."""

    type: tuple[Line, ...] = Field(default=(), description="Types of datasets.")
    tags: tuple[Label, ...] = Field(default=(), description="Tags of versions.")
    stages: tuple[StageName, ...] = Field(default=("dev", "staging", "prod"), description="Stages to promote to.")


class ProjectSettings(Part):
    """The settings of a project."""

    schema_number: Literal[1] = Field(default=1, alias="schema", description="The number of this file's format.")
    manifests: RelativePath = Field(default="manifests", description="The directory that holds the manifests.")
    policy: PolicyChoice = Field(
        default=PolicySettings(), description="The bump policy: a name, or a mapping with thresholds."
    )
    release: ReleaseSettings = Field(default=ReleaseSettings(), description="How releases are made.")
    vocabulary: Vocabulary = Field(default=Vocabulary(), description="The words that may be used.")
    protected: tuple[Name, ...] = Field(default=(), description="Datasets whose records must not leak into others.")
    largest_in_git: Count = Field(
        default=5_000_000, description="Bytes that a file in git may have; `dsv check` finds larger ones."
    )


def load_settings(data: bytes, *, file: str) -> Loaded[ProjectSettings]:
    """The settings in the bytes of a file; BadManifestError lists everything that is wrong with it."""
    return load(ProjectSettings, data, file=file)


def dump_settings(settings: ProjectSettings) -> bytes:
    """The bytes of dsv.yaml; what was not set stays unwritten, but for the format's number."""
    value = {"schema": SCHEMA, **plain(settings, only_set=True)}
    return dump(value, schema=f"{settings.manifests}/.schemas/settings-1.json", layout=LAYOUT, what="dsv.yaml")
