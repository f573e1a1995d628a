"""Registries as people have them: files on a disk, and a database that tells of them, in SQLite or PostgreSQL."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class Shelf:
    """A directory outside of any repository, where a registry keeps files."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def file(self, name: str, numbers: range) -> tuple[str, str]:
        """A file of conversations with these numbers: its path and SHA-256."""
        lines = (json.dumps({"messages": [{"role": "user", "content": f"Question {each}"}]}) for each in numbers)
        content = "".join(f"{line}\n" for line in lines).encode()
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return str(path), hashlib.sha256(content).hexdigest()

    def directory(self, name: str, **files: range) -> tuple[str, str]:
        """A directory of such files: its path, and the SHA-256 of the files one after the other, as pathlib sorts."""
        for stem, numbers in files.items():
            self.file(f"{name}/{stem.replace('_', '/')}.jsonl", numbers)
        digest = hashlib.sha256()
        for path in sorted((self.root / name).rglob("*")):
            if path.is_file():
                digest.update(path.read_bytes())
        return str(self.root / name), digest.hexdigest()


class Lite:
    """A registry in an SQLite file."""

    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path}"
        self._path = path

    def make(self, name: str) -> None:
        """The tables of a registry, as SQLite takes them; it has neither triggers nor types of PostgreSQL's."""
        for table in re.findall(r"CREATE TABLE .*?\n\);", (HERE / f"{name}.sql").read_text(), re.DOTALL):
            plain = re.sub(r" GENERATED ALWAYS AS .*? STORED| CHECK \(version .*?\)(?=,\n)", "", table)
            plain = re.sub(r"\b(BIG)?SERIAL\b", "INTEGER", plain).replace("TEXT[]", "TEXT")
            self._do(plain.replace("now()", "CURRENT_TIMESTAMP"))

    def insert(self, table: str, **values: Any) -> None:
        """A row."""
        cells = [json.dumps(each) if isinstance(each, list | dict) else each for each in values.values()]
        marks = ", ".join("?" * len(values))
        self._do(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", cells)  # noqa: S608

    def _do(self, statement: str, cells: Sequence[Any] = ()) -> None:
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.execute(statement, cells)


class Postgres(Lite):
    """A registry in a PostgreSQL database."""

    def __init__(self, url: str) -> None:
        import psycopg

        self.url = url
        self._connection = psycopg.connect(url)

    def make(self, name: str) -> None:
        """The tables and all else of a registry."""
        self._connection.execute((HERE / f"{name}.sql").read_text())
        self._connection.commit()

    def insert(self, table: str, **values: Any) -> None:
        """A row."""
        from psycopg import sql
        from psycopg.types.json import Jsonb

        # a list is JSON where the metadata beside it is
        is_json = dict if table != "dataset_versions" or "dataset_id" in values else (dict, list)
        cells = [Jsonb(each) if isinstance(each, is_json) else each for each in values.values()]
        names = sql.SQL(", ").join(map(sql.Identifier, values))
        marks = sql.SQL(", ").join([sql.Placeholder()] * len(cells))
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})")
        self._connection.execute(statement.format(sql.Identifier(table), names, marks), cells)
        self._connection.commit()

    def run(self, statement: str) -> None:
        """A statement of SQL."""
        self._connection.execute(statement)
        self._connection.commit()

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()


def fill_sft(database: Lite, shelf: Shelf) -> None:
    """A registry of the first form: agent types, versions, lineage and metrics, and things that go wrong."""
    database.make("sft_registry")
    for number, agent, name, status in (
        (1, "technical", "Technical Analysis Dataset", "active"),
        (2, "news", "News", "archived"),
        (3, "macro", "News", "active"),
    ):
        database.insert("datasets", id=number, agent_type=agent, name=name, description=f"For {agent}", status=status)

    def version(number: int, dataset: int, text: str, file: tuple[str, str], count: int, **more: Any) -> None:
        path, digest = file
        stated = {"file_path": path, "sha256_hash": digest, "example_count": count, "file_size_bytes": 1}
        database.insert("dataset_versions", id=number, dataset_id=dataset, version=text, **stated, **more)

    first = {"description": "Initial release", "tags": ["production", "validated"], "avg_quality_score": 0.75}
    made = {"created_by": "data_team", "created_at": "2025-01-01 10:00:00+00:00", "total_tokens": 5000}
    version(1, 1, "1.0.0", shelf.file("technical_v1.jsonl", range(100)), 100, **first, **made)
    second = shelf.file("technical_v2.jsonl", range(20, 120))
    version(2, 1, "1.1.0", second, 100, created_by="Ben Ode <ben@example.com>", created_at="2025-02-01 10:00:00+00:00")
    version(3, 1, "1.1.1", second, 100, description="The same again")
    version(4, 1, "2.0.0", (str(shelf.root / "gone.jsonl"), "0" * 64), 100)
    version(5, 2, "1.0.0", shelf.file("news.jsonl", range(10)), 12)
    version(6, 2, "1.0.1", (shelf.file("changed.jsonl", range(9))[0], "0" * 64), 9)
    version(7, 3, "1.0.0", shelf.file("macro.jsonl", range(5, 15)), 10)
    lineage = {"backtest_id": "test_001", "transformation_type": "judge_filter", "notes": "Threshold 0.7"}
    counts = {"examples_inherited": 800, "examples_new": 200}
    database.insert("dataset_lineage", child_version_id=2, parent_version_id=1, **lineage, **counts)
    database.insert("dataset_lineage", child_version_id=5, parent_version_id=7, transformation_type="Merge")
    for index in range(100):
        database.insert("dataset_quality_metrics", version_id=1, example_index=index, quality_score=index / 100)
    # of a record that is new in the second version
    judged = {"judge_score": 0.9, "judge_passed": True, "judge_feedback": "Excellent reasoning", "symbol": "AAPL"}
    database.insert("dataset_quality_metrics", version_id=2, example_index=90, **judged)
    database.insert("dataset_quality_metrics", version_id=2, example_index=400, quality_score=0.5)
    database.insert("dataset_quality_metrics", version_id=2, example_index=1, symbol="AAPL")


def fill_manager(database: Lite, shelf: Shelf) -> None:
    """A registry of the second form: one table, directories of files, two types under one name."""
    database.make("manager")

    def version(name: str, text: str, place: tuple[str, str], **more: Any) -> None:
        stated = {
            "dataset_name": name,
            "version": text,
            "dataset_type": "lease_abstraction",
            "storage_backend": "local",
        }
        counted = {"total_samples": 0, "file_count": 0, "total_size_bytes": 0, "metadata_checksum": "0" * 64}
        path, digest = place
        database.insert(
            "dataset_versions", **{**stated, **counted, "storage_path": path, "data_checksum": digest, **more}
        )

    facts = {"source": "SEC filings", "annotation_method": "manual"}
    version(
        "lease_abstraction_training",
        "1.0.0",
        shelf.directory("leases_v1", train=range(40), more_train=range(40, 50), **{"more-train": range(50, 52)}),
        total_samples=52,
        change_summary="Initial dataset",
        quality_score="0.95",
        tags=["production", "lease_abstraction"],
        metadata=facts,
        created_by="data_team",
        created_at="2025-03-01T08:00:00",
    )
    grown = shelf.directory("leases_v2", train=range(40), more_train=range(40, 70))
    more = {"parent_version": "1.0.0", "change_type": "PATCH", "created_at": "2025-04-01T08:00:00"}
    version("lease_abstraction_training", "1.0.1", grown, **more)
    version("lease_abstraction_training", "2.0.0", ("s3://helox-datasets/leases/2.0.0/", "0" * 64))
    version("lease_abstraction_training", "1.0.0-next+1", grown)
    lost = (str(shelf.root / "c2"), "0" * 64)
    version("clauses", "1.0.0", shelf.directory("c1", all=range(5)), dataset_type="contract_intelligence")
    version("clauses", "0.9.0", lost, dataset_type="contract_intelligence")
    version("clauses", "1.0.0", shelf.directory("c2", all=range(6)), dataset_type="clause_evolution")
