"""A run: what used versions of datasets, as a training does, and what came of it.

The record of a run is a file of its own where the repository of the datasets is not at hand; in that one each version
that was used has an event that tells of the run. Neither ever holds a command line or the environment.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Literal

from pydantic import Field

from dsv.errors import UsageError
from dsv.model.documents import Loaded, Part, checked, load, plain
from dsv.model.pins import LockedDigests
from dsv.model.problems import shown
from dsv.model.secrecy import kind_of_secret, without_secrets_of_urls
from dsv.model.texts import Count, Json, Label, Line, Name, RelativePath, Sha256, SplitName, Time, VersionText
from dsv.model.version import Version
from dsv.model.yamlwriter import Layout, render

_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?", re.ASCII)
_SECRET_NAME = re.compile(
    r"(?i)(?:^|[._-])(?:password|passwd|passphrase|secret|credentials?|api[_-]?key|(?:access|private|secret|account)[_-]?key)s?$"
    r"|^(?:.*[._-])?(?:auth|access|api|hf|hub|github|gitlab|wandb|bearer|refresh|session)[_-]?token$|^token$"
)
NOT_RECORDED = "(not recorded)"
"""Stands for a value whose name or form says that it is a secret."""

_LARGEST_INTEGER = 2**63
_LONGEST_NAME = 200


class Outcome(Enum):
    """How a run ended."""

    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class UsedVersion(Part):
    """A version that a run used, so that it can be found and held against what it was, years later."""

    left_out: ClassVar[frozenset[str]] = frozenset({"root", "range"})

    name: Name = Field(description="The dataset's name.")
    version: VersionText = Field(description="The version.")
    repository: Label | None = Field(default=None, description="Where its repository can be cloned from, or lies.")
    root: RelativePath | None = Field(default=None, description="The DVC root there, where that is not git's root.")
    range: Label | None = Field(default=None, description="What was asked for, where that was not the number.")
    commit: Label | None = Field(default=None, description="The commit of its tag, else the one that brought it.")
    tag: Label | None = Field(default=None, description="Its release tag.")
    digests: LockedDigests = Field(description="Digests of the data.")
    manifest: Sha256 = Field(description="The checksum of the version's manifest.")
    splits: tuple[SplitName, ...] = Field(default=(), description="The splits that were used; all without any.")
    files: tuple[Label, ...] = Field(default=(), description="The globs of the files that were used; all without any.")

    @property
    def reference(self) -> str:
        """`NAME@X.Y.Z`."""
        return f"{self.name}@{self.version}"


class Model(Part):
    """The model that came of a run; of a directory the SHA-256 is that of its sorted `sha256sum` lines."""

    path: Label = Field(description="Its path, from the root of the code's repository where it lies in there.")
    sha256: Sha256 | None = Field(default=None, description="Its digest; null where its bytes could not be read.")
    files: Count = Field(default=0, description="How many files it has.")
    bytes: Count = Field(default=0, description="How many bytes.")


class Code(Part):
    """The code that ran, as git knows it."""

    repository: Label | None = Field(default=None, description="Where the code can be cloned from.")
    commit: Label | None = Field(default=None, description="The commit; null before the first one.")
    dirty: bool = Field(description="Whether files that git tracks differed from the commit.")


class Run(Part):
    """One run."""

    schema_number: Literal[1] = Field(default=1, alias="schema", description="The number of this file's format.")
    id: str = Field(description="What the run is called.", json_schema_extra={"pattern": f"^{_ID.pattern}$"})
    status: Literal["finished", "failed", "interrupted"] = Field(default="finished", description="How it ended.")
    started_at: Time | None = Field(default=None, description="When it began, in UTC.")
    finished_at: Time | None = Field(default=None, description="When it ended, in UTC.")
    exit_code: int | None = Field(default=None, description="What its process left with; null where that is not known.")
    error: Line | None = Field(default=None, description="The kind of the error or signal that ended it.")
    datasets: tuple[UsedVersion, ...] = Field(default=(), description="The versions that it used.")
    model: Model | None = Field(default=None, description="The model that came of it.")
    metrics: dict[str, Json] = Field(default_factory=dict, description="What was measured.")
    params: dict[str, Json] = Field(default_factory=dict, description="What it was told.")
    code: Code | None = Field(default=None, description="The code that ran.")

    def event_data(self, used: UsedVersion) -> dict[str, Any]:
        """What the event says that tells of one of the versions."""
        told = plain(self)
        for key in ("schema", "datasets"):
            del told[key]
        mine = plain(used)
        others = [each.reference for each in self.datasets if each.reference != used.reference]
        return {
            "id": told.pop("id"),
            "status": told.pop("status"),
            "digests": mine["digests"],
            **{key: mine[key] for key in ("splits", "files") if mine[key]},
            **({"with": others} if others else {}),
            **{key: value for key, value in told.items() if value not in (None, {})},
        }


def check_run_id(text: str) -> str:
    """The text; UsageError where no run can have it as its id."""
    if not _ID.fullmatch(text):
        raise UsageError(
            f"{shown(text)} is no id of a run",
            hint="letters, digits and . _ - between them, at most 100; for instance lease-model-42",
        )
    return text


def new_run(values: Mapping[str, Any]) -> Run:
    """The run that these values tell of; BadManifestError names all that cannot stand in a record."""
    with checked(f"run {values['id']}"):
        return Run.model_validate({"schema": 1, **values})


def load_run(data: bytes, *, file: str) -> Loaded[Run]:
    """The run that the bytes of a file tell of; BadManifestError lists everything that is wrong with it."""
    found = load(Run, data, file=file)
    check_run_id(found.value.id)
    return found


def dump_run(run: Run) -> bytes:
    """The bytes of the file of a run."""
    return render(plain(run), layout=Layout(), what=f"run {run.id}").encode()


def file_of_run(run: Run) -> str:
    """`lease-42-20261122T073000Z.yaml`: the id, and when it began or, where nobody knows, ended."""
    moment = re.sub(r"[-:]", "", run.started_at or run.finished_at or "")
    return f"{run.id}-{moment}.yaml" if moment else f"{run.id}.yaml"


def as_metric(name: str, value: Any) -> int | float | str | bool:
    """A number as a record has it: those that JSON has none of are texts (nan, inf, -inf).

    UsageError for what is no number; whatever makes a float, as the scalars of numpy and torch do, is one.
    """
    _check_key(name, what="metric")
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < _LARGEST_INTEGER:
        return value
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(
            f"the metric {name} is no number: {shown(str(value))}", hint="for instance accuracy=0.93"
        ) from None
    return number if math.isfinite(number) else str(number)


def as_parameter(name: str, value: Any) -> Any:
    """A value as a record has it: a text for what JSON has no form of, and nothing of a secret."""
    _check_key(name, what="parameter")
    return NOT_RECORDED if _SECRET_NAME.search(name) else _as_json(value)


def _as_json(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < _LARGEST_INTEGER:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): as_parameter(str(key), each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_as_json(each) for each in (sorted(value, key=str) if isinstance(value, set | frozenset) else value)]
    text = str(value)
    return NOT_RECORDED if kind_of_secret(text) else without_secrets_of_urls(text)


def _check_key(name: str, *, what: str) -> None:
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise UsageError(f"{shown(name)} is no name of a {what}", hint="for instance accuracy")


def together(uses: Iterable[UsedVersion]) -> tuple[UsedVersion, ...]:
    """The versions once each, by name and number: with all parts that were used, wholly where one use was of all."""
    found: dict[tuple[str, Version], UsedVersion] = {}
    for each in uses:
        key = (each.name, each.version)
        there = found.get(key)
        found[key] = each if there is None else _joined(there, each)
    return tuple(found[key] for key in sorted(found))


def _joined(one: UsedVersion, other: UsedVersion) -> UsedVersion:
    """Two uses of a version as one. Splits of certain files are no more than these files, so files alone are told."""
    parts: dict[str, Any] = {"splits": (), "files": ()}
    for key in parts:
        mine, theirs = getattr(one, key), getattr(other, key)
        if mine and theirs:
            parts[key] = tuple(sorted({*mine, *theirs}))
    return one.model_copy(update=parts)


@dataclass(frozen=True)
class Use:
    """A version that was handed out: `root` is the DVC root of its repository where that is a clone on this machine."""

    version: UsedVersion
    root: str | None = None
