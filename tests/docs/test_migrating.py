"""The page for those who come from a registry: what it names is there, and does what the page says."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterator
from typing import Any

import click
import pytest

import dsv
from tests.conftest import Scratch
from tests.docs.conftest import DOCS

PAGE = (DOCS / "migrating.md").read_text(encoding="utf-8")
SPAN = re.compile(r"`([^`]+)`")
KEY = re.compile(r"[a-z_]+(\[\])?(\.[a-z_]+(\[\])?)*")
LEASES = "lease_abstraction_training"

REGISTRY = """datasets; agent type; current version; status active, archived, deprecated; soft delete; dataset_versions;
semantic version; file path; SHA256 hash; example count; token statistics; quality score summaries; judge evaluation
summaries; tags; dataset_lineage; parent and child; backtest source; transformation type; inherited, new, modified,
removed; dataset_quality_metrics; quality score; reward; confidence; reasoning; consistency; judge score, passed,
feedback; trajectory ID; symbol and agent type of an example; v_latest_datasets; v_dataset_lineage_tree;
v_quality_metrics_summary; trigger_datasets_updated_at; trigger_update_dataset_stats; update_updated_at_column();
update_dataset_stats(); calculate_quality_summary(version_id); dataset_registry_schema.sql; dataset_registry_db.py;
get_db_connection(host, port, database, user, password); with db:; check_schema_version(); init_schema();
psql -f dataset_registry_schema.sql; create_dataset(agent_type, name, description, format); get_dataset(id);
get_dataset_by_agent_type(type); list_datasets(status, format); update_dataset_status(id, status);
delete_dataset(id, soft=True); create_version(dataset_id, version, ...); get_version(id);
get_latest_version(dataset_id); list_versions(dataset_id, limit); create_lineage(child, parent, ...);
get_lineage(version_id); create_quality_metrics(version_id, metrics); get_quality_metrics(version_id,
min_quality_score); update_judge_scores(version_id, example_index, ...); example_index; Semantic Versioning; SHA256
Integrity; Lineage Tracking; Quality Metrics; Full-text Search; Transaction Support; enforced version format; parsed
into separate fields; ordered as versions; a file hash with each version; integrity verification; hash indexed for
lookups; parent and child relationships; backtest source tracking; transformation categories; counts of changes;
per-example scores; judge integration; aggregated summaries; filtering by thresholds; trigram search on names; fast
partial matching; case-insensitive; marked as deleted, not removed; referential integrity; can be restored; indexes on
foreign keys and queried columns; triggers with little overhead; views for common queries; batch operations; Semantic
Versioning Logic; SHA256 Integrity Checking; Lineage Tracking Implementation; Search/Filter Queries; Registry CLI"""
"""What a registry of SFT datasets in PostgreSQL has: tables, columns, views, triggers, functions, methods, features."""

MANAGER = """Reproducibility; Data Lineage; A/B testing; Compliance; Rollback Capability; Collaboration; Lease
Abstraction Training; Contract Intelligence Training; Obligation Dependency Training; Regulatory Language Training;
DatasetType, five values, the fifth clause_evolution; Version Manager; Metadata Store; Storage Backend; Validation
Engine; Dataset creation or update makes a version; Validation; Storage in versioned form; Version metadata in the
database; Training pipelines reference versions; dependencies: dvc, dvc-s3, pydantic, sqlalchemy, alembic; id;
dataset_name; version; dataset_type; storage_path; storage_backend; total_samples; file_count; total_size_bytes;
data_checksum; metadata_checksum; parent_version; change_summary; change_type; quality_score; validation_status;
validation_errors; tags; metadata; created_at; created_by; training_runs; DatasetVersionMetadata; create, track,
validate, query, compare; __init__(db_url, storage_backend, storage_config); create_version(...); get_version(name,
version, type); list_versions(name, type, limit); get_latest_version(name); compare_versions(name, version1,
version2); validate_version(name, version); _get_next_version; _calculate_statistics; _calculate_data_checksum;
_calculate_metadata_checksum; _determine_change_type; _store_dataset; _retrieve_dataset; _save_version_to_db;
_db_to_metadata; dataset (the group); dataset create --name --type --path --version --parent --summary --tags; dataset
list --name; dataset list --name --version; dataset compare --name --version1 --version2; creating
lease_abstraction_training 1.0.0; creating an updated version; using a version in a training pipeline; querying the
history; MAJOR above 50 % or schema changes, MINOR from 10 to 50 %, PATCH below 10 %; clear change summaries;
consistent tags; validate before a version; comprehensive metadata; local storage for development, S3 or MinIO for
production; LeaseAbstractionTrainingPipeline(version_manager); train(dataset_name, dataset_version, output_dir,
**kwargs); _train_model; _save_model with model_metadata; dataset_checksum; which model was trained on what;
001_create_dataset_versions.sql; UNIQUE(dataset_name, version, dataset_type); idx_dataset_versions_name, _type,
_created; utils/dataset_versioning.py; scripts/dataset_versioning_cli.py, python -m scripts.dataset_versioning_cli;
pipelines/lease_abstraction_training_pipeline.py; set up database and migrations; configure S3 or MinIO; create first
version; integrate with pipelines; set up monitoring of training runs; checksum mismatch; storage backend errors;
version conflicts; Semantic Versioning; DVC; MLflow"""
"""The same of a version manager on SQLAlchemy: reasons, parts, columns, methods, commands, examples, practices."""

FORMS = {
    "dsv add PATH",
    "dsv bump NAME --renumber",
    "dsv remote add storage s3://bucket/datasets --endpoint-url https://minio.example.com:9000",
    "dsv run exec -- python train.py",
}
"""What is only said with other words in it, or would reach beyond the test."""

EXITS = {
    "dsv bump technical --version 1.2 --dry-run": 30,
    f"dsv bump {LEASES} --version 1.1.0 --dry-run": 20,
}
"""Where the page says that something is refused."""


def rows(section: str = PAGE) -> Iterator[list[str]]:
    """The cells of the tables, their heads left out."""
    lines = [*section.splitlines(), ""]
    for number, line in enumerate(lines):
        if line.startswith("| ") and not lines[number + 1].startswith("|---") and lines[number - 1].startswith("|"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def named(start: str, end: str) -> list[str]:
    """What the first column has from one heading to another, as plain text."""
    section = PAGE[PAGE.index(start) : PAGE.index(end)]
    return [
        re.sub(r"[`*]|\*\*", "", cells[0]) if "**kwargs" not in cells[0] else cells[0].replace("`", "")
        for cells in rows(section)
    ]


def spans(section: str = PAGE) -> list[str]:
    """What stands in the tables as code, beside what it takes the place of, in order."""
    return [span for cells in rows(section) for cell in cells[1:] for span in SPAN.findall(cell)]


def commands() -> list[str]:
    return [span for span in spans() if span.startswith("dsv ")]


def is_python(span: str) -> bool:
    """Whether the span is an expression of Python."""
    return span.startswith(("repo.", "dsv.")) and span != "dsv.yaml"


@pytest.mark.parametrize(
    ("items", "start", "end"),
    [
        (REGISTRY, "## From a PostgreSQL registry", "## From a version manager"),
        (MANAGER, "## From a version manager", "## Where dsv says no"),
    ],
)
def test_everything_that_such_a_registry_has_is_on_the_page(items, start, end):
    assert sorted(named(start, end)) == sorted(" ".join(items.split()).split("; "))


def test_each_command_is_one_that_dsv_takes():
    assert [command for command in commands() if not is_taken(command)] == []


def is_taken(command: str) -> bool:
    """Whether there is such a command, with these options."""
    from dsv.cli.app import build

    words = shlex.split(command)[1:]
    found: Any = build()
    while words and isinstance(found, click.Group) and not words[0].startswith("-"):
        name = words.pop(0)
        if name not in found.commands:
            return False
        found = found.commands[name]
    known = {option for parameter in found.params for option in parameter.opts}
    options = {word for word in words if word.startswith("--")}
    return options <= known | {"--help", "--version", "--json", "--"}


class World:
    """A repository with two datasets, each released and changed since, and remotes to publish to."""

    def __init__(self, repo: Scratch) -> None:
        self.repo = repo
        self.talks = [self._talk(number) for number in range(100)]
        repo.records("data/technical/train.jsonl", self.talks)
        self.digest = hashlib.sha256((repo.root / "data/technical/train.jsonl").read_bytes()).hexdigest()
        options = ("--type", "technical", "--key", "id", "--description", "Charts, read aloud by a technical agent")
        repo.dsv("add", "data/technical", *options, "-m", "Initial release")
        scores = [
            {"id": each["id"], "quality_score": 0.8, "reward_score": 0.9, "confidence_score": 0.8, "judge_score": 0.9}
            | {"judge_passed": True, **{name: each[name] for name in ("trajectory_id", "symbol", "agent_type")}}
            for each in self.talks
        ]
        repo.records("scores.jsonl", scores)
        repo.records("places.jsonl", [{"example_index": 0, "quality_score": 0.5}])
        repo.write("more.csv", "id,vendor_score\nt0,0.5\nt1,0.6\n")
        repo.dsv("quality", "import", "technical", "scores.jsonl", "--scorer", "first-look")
        repo.records("data/news/train.jsonl", self.talks[:60])
        self.leases = 50
        self.grow_leases(0)
        facts = ["--meta", "source=SEC filings", "--meta", "annotation_method=manual", "--meta", "quality_score=0.95"]
        words = ["--type", "lease_abstraction", "--key", "doc_id", "--tag", "production", "-m", "Initial dataset"]
        repo.dsv("add", f"data/{LEASES}", *words, *facts)
        self.grow_leases(20)
        repo.dsv("bump", LEASES, "-m", "Added 20 leases", *facts)
        for name in ("leases", "contracts", "obligations", "regulations", "clauses"):
            repo.records(f"data/{name}/train.jsonl", [{"doc_id": "a"}])
        (repo.root / "model").mkdir()
        repo.write("model/weights.bin", b"\1\2\3")
        self._publishable()
        self.names = {"repo": dsv.open(repo.root), "dsv": dsv}

    def before(self, command: str) -> None:
        """What somebody does to the data before the command."""
        if command.startswith("dsv bump technical"):
            self.talks += [self._talk(len(self.talks) + number) for number in range(20)]
            self.repo.records("data/technical/train.jsonl", self.talks)
        elif command.startswith(f"dsv bump {LEASES}"):
            self.grow_leases(10)
        elif command.startswith(("dsv rollback", "dsv verify", "dsv push")):
            self.repo.dsv("checkout", LEASES, "--force")
            self.repo.dsv("checkout", "technical", "--force")

    def grow_leases(self, more: int) -> None:
        """So many leases more."""
        self.leases += more
        numbers = range(self.leases)
        self.repo.records(f"data/{LEASES}/train.jsonl", [{"doc_id": f"L{each}", "text": "lease"} for each in numbers])

    def tried(self, span: str) -> str:
        """What is wrong with a command or an expression when somebody tries it; nothing, if it does what it says."""
        if is_python(span):
            try:
                eval(span, self.names)  # noqa: S307 - our own page
            except Exception as error:  # noqa: BLE001 - whatever it is
                return f"{span}: {error!r}"
        if not span.startswith("dsv "):
            return ""
        self.before(span)
        words = shlex.split(span.replace("DIGEST", self.digest))[1:]
        done = self.repo.dsv(*words, code=None)
        is_known = "No such" not in done.stderr and "there is no option" not in done.stderr
        only_named = done.code == 2 and len(words) < 3 and is_known
        right = only_named or done.code == EXITS.get(span, 0)
        return "" if right else f"{span}: {done.code} {done.stdout[-600:]} {done.stderr}"

    @staticmethod
    def _talk(number: int) -> dict[str, Any]:
        about = {"agent_type": "technical", "symbol": "AAPL", "trajectory_id": f"traj_{number:03}"}
        return {"id": f"t{number}", **about, "messages": [{"role": "user", "content": f"Question {number}"}]}

    def _publishable(self) -> None:
        outside = self.repo.root.parent
        self.repo.git("init", "-q", "--bare", str(outside / "origin.git"))
        self.repo.git("remote", "add", "origin", str(outside / "origin.git"))
        self.repo.dsv("remote", "add", "storage", str(outside / "storage"), "--default")


def _has(document: Any, key: str) -> bool:
    """Whether the key leads to something, `[]` being any entry of a list."""
    for part in key.split("."):
        several = part.endswith("[]")
        if not isinstance(document, dict) or part.removesuffix("[]") not in document:
            return False
        document = document[part.removesuffix("[]")]
        if several:
            document = {name: value for each in document for name, value in each.items()}
    return True


TABLES = PAGE[PAGE.index("## From a PostgreSQL registry") : PAGE.index("## Where dsv says no")]


@pytest.mark.heavy
def test_all_that_the_tables_name_works_from_the_top_to_the_bottom(repo: Scratch, monkeypatch):
    world = World(repo)
    monkeypatch.chdir(repo.root)
    wrong = [said for span in spans(TABLES) if span not in FORMS and (said := world.tried(span))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.heavy
def test_each_key_is_one_of_a_manifest(repo: Scratch):
    world = World(repo)
    repo.dsv("add", "data/news", "--from", "technical@1.0.0:judge_filter", "--produced-by", "backtest:test_001")
    shown = [repo.json("show", each) for each in ("technical", LEASES, "news")]
    keys = {span for cells in rows(TABLES) for span in SPAN.findall(cells[1]) if KEY.fullmatch(span)}
    assert world
    assert {key for key in keys if not is_python(key) and not any(_has(each, key) for each in shown)} == set()
