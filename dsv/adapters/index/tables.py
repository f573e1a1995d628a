"""The tables of the index, each with what it holds and what its columns say.

Whoever makes the index elsewhere, in another database or in a file to be served, makes it of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    FLAG = "flag"
    """0 or 1."""
    JSON = "JSON"
    """A text that is JSON."""
    BYTES = "bytes"
    UNBOUNDED = "integer of any size"
    """Beyond 64 bits it is its digits as text, and the column has no type: SQLite would round the number."""


class Use(Enum):
    """Whom a table is for."""

    EVERYBODY = "everybody"
    """It may be queried, and goes along when the index is published."""
    REFRESH = "refresh"
    """It spares the next refresh work; nobody else needs it."""


@dataclass(frozen=True)
class Column:
    """A column: what kind of value it holds, and what that says; null only where it is `optional`."""

    kind: Kind
    about: str
    optional: bool = False


@dataclass(frozen=True)
class Reference:
    """Columns whose values stand in the columns `to` of another table."""

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table; of the columns that are `searched` trigrams are kept."""

    name: str
    about: str
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    references: tuple[Reference, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    searched: tuple[str, ...] = ()
    use: Use = Use.EVERYBODY


SEARCHED = ("name", "tags", "type", "summary", "description", "metadata", "fields")
"""The columns of dataset_search that hold text, which trigrams are kept of."""


def _text(about: str, *, optional: bool = False) -> Column:
    return Column(Kind.TEXT, about, optional)


def _whole(about: str, *, optional: bool = False) -> Column:
    return Column(Kind.INTEGER, about, optional)


def _real(about: str) -> Column:
    return Column(Kind.REAL, about, optional=True)


def _flag(about: str) -> Column:
    return Column(Kind.FLAG, about)


def _json(about: str, *, optional: bool = False) -> Column:
    return Column(Kind.JSON, about, optional)


_REPOSITORY = _text("'' for this repository, else the name under which another one was added")
_OF_VERSION = Reference(("version_id",), "dataset_versions", ("id",))
_HISTORY = {
    "blob_id": _text("git's id of the text that counts: under its tag, else in HEAD's tree, else as it came first"),
    "commit_id": _text("the commit that brought this text"),
    "commit_author": _text("the author of that commit, NAME <ADDRESS>"),
    "committed_at": _text("when that commit was made, UTC"),
    "edited": _flag("1 where history holds more than one text of the file, which nobody should have edited"),
    "deleted": _flag("1 where HEAD's history had the file and HEAD's tree has it no more"),
}

TABLES = (
    Table(
        "repositories",
        "The repositories that the index holds: this one, and those that were added.",
        {
            "name": _REPOSITORY,
            "url": _text("where it can be cloned from; '' where that is not known"),
            "head": _text("the commit that its HEAD was when it was read; '' before the first", optional=False),
            "stamp": _text("a digest of all its references then"),
            "read_at": _text("when that was, UTC"),
        },
        key=("name",),
    ),
    Table(
        "datasets",
        "The datasets that are declared or have a version.",
        {
            "repository": _REPOSITORY,
            "name": _text("its name today"),
            "type": _text("what kind of dataset it is"),
            "format": _text("the format of its records"),
            "path": _text("where its data lies in the repository"),
            "description": _text("what dataset.yaml says of it"),
            "owners": _json("array of texts"),
            "tags": _json("array of texts: labels of the dataset itself"),
            "status": _text("active, deprecated, archived, yanked or removed"),
            "known": _flag("0 for one that is only on other branches"),
            "source": _text("a digest of what it and its versions were made from"),
            "stages": _json("object: the version of each stage"),
        },
        key=("repository", "name"),
        references=(Reference(("repository",), "repositories", ("name",)),),
        indexes=(("name",), ("type",)),
    ),
    Table(
        "dataset_versions",
        "Every version of every dataset.",
        {
            "id": _whole("a number that this index gave; another index may give another"),
            "content": Column(Kind.BYTES, "a digest of all that is indexed of the version"),
            "repository": _REPOSITORY,
            "dataset": _text("its dataset's name today"),
            "version": _text("MAJOR.MINOR.PATCH, with or without a pre-release part"),
            "major": Column(Kind.UNBOUNDED, "the first number; beyond 64 bits a text, as the next two"),
            "minor": Column(Kind.UNBOUNDED, "the second"),
            "patch": Column(Kind.UNBOUNDED, "the third"),
            "prerelease": _text("what follows them after a hyphen, '' for a release"),
            "sort_key": _text("sorts, byte by byte, as SemVer orders versions"),
            "type": _text("what kind of dataset it was"),
            "format": _text("the format of the records"),
            "created_at": _text("when it was released, as 2026-11-22T07:30:00Z"),
            "created_by": _text("who released it"),
            "summary": _text("what changed, in a sentence"),
            "tags": _json("array of texts"),
            "description": _text("what dataset.yaml says of the dataset"),
            "path": _text("where its data lay in the repository"),
            "records": _whole("number of records"),
            "files": _whole("number of files"),
            "bytes": _whole("size of all files"),
            "bad_records": _whole("records that do not parse"),
            "tokens": _whole("how much text the records hold, where that was counted", optional=True),
            "splits": _json("object: number of records by split"),
            "key_fields": _json("array of texts: the fields that identify a record"),
            "level": _text("major, minor or patch"),
            "previous": _text("the version it was compared with", optional=True),
            "produced_by": _text("what made it, KIND:ID, where it was made from no other version", optional=True),
            "changed_share": _real("the share of the previous version's records that changed"),
            "added": _whole("records that the previous version does not have"),
            "removed": _whole("records that only the previous version has"),
            "modified": _whole("records with other content than there"),
            "moved": _whole("records in another split than there"),
            "tree_digest": _text("SHA-256 of paths and bytes, sha256:..."),
            "record_digest": _text("SHA-256 of the records, sha256:..."),
            "dvc_digest": _text("DVC's name of the data"),
            "index_digest": _text("DVC's name of the record index"),
            "status": _text("of the version, or of its dataset where that says more"),
            "stages": _json("array of texts: the stages that point to it"),
            "validation": _text("what its checks came to: passed, waived"),
            "quality_score": _real("mean of quality_score over scored records, else what its metadata says"),
            "judge_pass_rate": _real("share of the judged records that passed, by the scorer that judged most"),
            "metadata": _json("what else people said about it"),
            "fields": _json("array of texts: the names of the records' fields"),
            "git_tag": _text("its release tag", optional=True),
            "known": _flag("0 for one that is only on other branches"),
            "released_as": _text("the dataset's name in the manifest, another one after a rename"),
            **_HISTORY,
        },
        key=("id",),
        references=(Reference(("repository", "dataset"), "datasets", ("repository", "name")),),
        unique=(("repository", "dataset", "version"), ("repository", "released_as", "version"), ("content",)),
        indexes=(
            ("repository", "dataset", "sort_key"),
            ("repository", "dataset", "known", "created_at"),
            ("dataset",),
            ("type",),
            ("created_at",),
            ("status",),
            ("tree_digest",),
            ("record_digest",),
            ("quality_score",),
        ),
    ),
    Table(
        "dataset_lineage",
        "What each version was made from.",
        {
            "version_id": _whole("the version"),
            "position": _whole("the place among its parents, in the order of the manifest"),
            "parent": _text("the reference as the manifest has it"),
            "relation": _text("previous, filter, merge, augment, retrain, judge_filter, ... or any word"),
            "parent_repository": _text("the URL of the parent's repository, '' for the version's own"),
            "parent_dataset": _text("the name of the parent's dataset then"),
            "parent_version": _text("the parent's version"),
            "parent_digest": _text("the parent's tree digest, where the manifest has it", optional=True),
            "parent_id": _whole("the parent, where the index holds it", optional=True),
            "inherited": _whole("records taken over as they are; null where that is not known", optional=True),
            "new": _whole("records that the parent does not have", optional=True),
            "modified": _whole("records of the parent with other content", optional=True),
            "removed": _whole("records of the parent that were left out", optional=True),
            "produced_by": _text("what made the version of it, KIND:ID", optional=True),
            "note": _text("what people said of it", optional=True),
        },
        key=("version_id", "position"),
        references=(_OF_VERSION, Reference(("parent_id",), "dataset_versions", ("id",))),
        indexes=(("parent_id",), ("parent_dataset", "parent_version"), ("relation",), ("produced_by",)),
    ),
    Table(
        "dataset_quality_metrics",
        "How good the records of a version are: one row for each scorer, metric and part of the version.",
        {
            "version_id": _whole("the version"),
            "scorer": _text("who or what scored"),
            "metric": _text("quality_score, reward_score, judge_score, judge_passed, ... or any other column"),
            "facet": _text("'' for all records, else what they are parted by: split, agent_type, symbol, ..."),
            "value": _text("which part; '' for all records"),
            "model": _text("the model, or models, of the scorer", optional=True),
            "prompt_sha256": _text("the digest of its prompt", optional=True),
            "scored_at": _text("when, UTC", optional=True),
            "n": _whole("scored records"),
            "coverage": _real("their share of the part's records"),
            "mean": _real("of the scores"),
            "min": _real("the lowest score"),
            "max": _real("the highest score"),
            "pass_rate": _real("share of the scored records that passed"),
            "quantiles": _json("object: scores by quantile", optional=True),
            "histogram": _json("how many scores lie where", optional=True),
        },
        key=("version_id", "scorer", "metric", "facet", "value"),
        references=(_OF_VERSION,),
        indexes=(("metric", "facet", "mean"), ("scorer",)),
    ),
    Table(
        "dataset_quality_examples",
        "The scores of single records, of the versions for which somebody asked to have them here.",
        {
            "version_id": _whole("the version"),
            "scorer": _text("who or what scored"),
            "position": _whole("counts the records of the version that this scorer scored, from 0"),
            "fingerprint": _text("of the record: 32 hexadecimal digits"),
            "key": _json("array: the record's key; null where the dataset has none", optional=True),
            "file": _text("the file that holds the record, where that is known", optional=True),
            "row": _whole("which record of that file it is, from 1", optional=True),
            "quality_score": _real("as scored"),
            "reward_score": _real("as scored"),
            "confidence_score": _real("as scored"),
            "reasoning_score": _real("as scored"),
            "consistency_score": _real("as scored"),
            "judge_score": _real("the judge's number"),
            "judge_passed": _whole("the judge's verdict, 0 or 1", optional=True),
            "judge_feedback": _text("the judge's words", optional=True),
            "trajectory_id": _text("the trajectory that the example came from", optional=True),
            "symbol": _text("what the example is about", optional=True),
            "agent_type": _text("the kind of agent", optional=True),
            "more": _json("object: all other columns that were imported", optional=True),
        },
        key=("version_id", "scorer", "position"),
        references=(_OF_VERSION,),
        indexes=(
            ("fingerprint",),
            ("version_id", "quality_score"),
            ("version_id", "agent_type"),
            ("version_id", "symbol"),
            ("trajectory_id",),
        ),
    ),
    Table(
        "events",
        "What happened to datasets and versions: every event file that any branch or tag leads to.",
        {
            "id": _whole("a number that this index gave"),
            "content": Column(Kind.BYTES, "a digest of all that is indexed of the event"),
            "repository": _REPOSITORY,
            "dataset": _text("the dataset's name today"),
            "version": _text("null where it is the whole dataset", optional=True),
            "event": _text("deprecate, yank, archive, remove, restore, rename, move, promote, demote, score or run"),
            "at": _text("when, UTC"),
            "by": _text("who", optional=True),
            "reason": _text("why"),
            "data": _json("object: what else there is to say"),
            "path": _text("its file"),
            "told_of": _text("the dataset's name in the file, another one after a rename"),
            "known": _flag("0 for one that HEAD's tree does not hold, and that therefore counts for nothing"),
            **_HISTORY,
        },
        key=("id",),
        references=(Reference(("repository",), "repositories", ("name",)),),
        unique=(("repository", "path"), ("content",)),
        indexes=(("repository", "dataset", "version"), ("event", "at"), ("at",)),
    ),
    Table(
        "runs",
        "Which run used which version, as events tell it: a row for each version that a run used.",
        {
            "event_id": _whole("the event that tells of it"),
            "repository": _REPOSITORY,
            "run": _text("the run's id"),
            "dataset": _text("the dataset's name today"),
            "version": _text("the version that was used"),
            "at": _text("when that was recorded, UTC"),
            "by": _text("who recorded it", optional=True),
            "model": _text("the model that came of it", optional=True),
            "metrics": _json("object: what was measured"),
            "data": _json("object: all that was recorded"),
            "known": _flag("0 where HEAD's tree does not hold the event"),
        },
        key=("event_id",),
        references=(Reference(("event_id",), "events", ("id",)),),
        indexes=(("run",), ("repository", "dataset", "version")),
    ),
    Table(
        "tags",
        "Free labels: a row for each label of a dataset or version.",
        {
            "repository": _REPOSITORY,
            "dataset": _text("the dataset's name today"),
            "version": _text("'' for a label of the dataset itself"),
            "tag": _text("the label"),
        },
        key=("repository", "dataset", "version", "tag"),
        references=(Reference(("repository", "dataset"), "datasets", ("repository", "name")),),
        indexes=(("tag",),),
    ),
    Table(
        "dataset_search",
        "Folded text of each version to search in; tags stand between line feeds. Trigrams are kept of all of it.",
        {"version_id": _whole("the version"), **{each: _text("folded") for each in SEARCHED}},
        key=("version_id",),
        references=(_OF_VERSION,),
        searched=SEARCHED,
    ),
    Table(
        "walks",
        "How far the history of each repository was read.",
        {"repository": _REPOSITORY, "refs": _text("its references then, a line for each")},
        key=("repository",),
        use=Use.REFRESH,
    ),
    Table(
        "file_history",
        "Which commit brought which text of a manifest or an event, as far as history was read.",
        {
            "repository": _REPOSITORY,
            "path": _text("the file"),
            "blob_id": _text("git's id of the text"),
            "commit_id": _text("the commit"),
            "author": _text("its author"),
            "committed": _whole("when it was made, in seconds since 1970"),
        },
        key=("repository", "path", "blob_id", "commit_id"),
        use=Use.REFRESH,
    ),
    Table(
        "manifest_blobs",
        "Manifests, events and declarations that were parsed before, as JSON.",
        {
            "kind": _text("what it was read as: manifest, event or dataset"),
            "blob_id": _text("git's id of the text"),
            "document": _json("null where it cannot be read"),
        },
        key=("kind", "blob_id"),
        use=Use.REFRESH,
    ),
)
