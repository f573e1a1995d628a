from __future__ import annotations

import pytest

import dsv
from tests.postgres_server import PASSWORD, postgres_server
from tests.registries.filled import Postgres, Shelf, fill_manager, fill_sft

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def server():
    with postgres_server() as running:
        yield running


@pytest.fixture
def database(server):
    """A registry's database, new for each test."""
    import psycopg

    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS registry WITH (FORCE)")
        connection.execute("CREATE DATABASE registry TEMPLATE template0")
    opened = Postgres(server.url("registry"))
    yield opened
    opened.close()


def test_a_registry_of_sft_datasets_comes_from_postgresql(repo, database, tmp_path):
    fill_sft(database, Shelf(tmp_path / "files"))
    found = repo.json("import", "registry", database.url)
    courses = [(each["ref"] or each["registry_version"], each["course"]) for each in found["versions"]]
    assert courses == [
        ("Technical-Analysis-Dataset@1.0.0", "released"),
        ("Technical-Analysis-Dataset@1.1.0", "released"),
        ("Technical-Analysis-Dataset@1.1.0", "same data"),
        ("2.0.0", "left out"),
        ("News-macro@1.0.0", "released"),
        ("News-news@1.0.0", "released"),
        ("1.0.1", "left out"),
    ]
    opened = dsv.open(repo.root)
    manifest = opened.show("Technical-Analysis-Dataset@1.0.0").manifest
    assert manifest.created_at == "2025-01-01T10:00:00Z"
    assert list(manifest.tags) == ["production", "validated"]
    assert manifest.metadata["quality_score"] == 0.75
    [summary] = opened.quality.show("Technical-Analysis-Dataset@1.0.0").scorers
    assert summary.whole.numbers["quality_score"].mean == 0.495
    again = repo.json("import", "registry", database.url)["versions"]
    assert {each["course"] for each in again} == {"here already", "same data", "left out"}


def test_a_registry_of_a_versioning_manager_comes_from_postgresql_by_sqlalchemys_address(repo, database, tmp_path):
    fill_manager(database, Shelf(tmp_path / "files"))
    url = database.url.replace("postgresql://", "postgresql+psycopg2://")
    found = repo.json("import", "registry", url)
    assert [each["ref"] for each in found["versions"] if each["course"] == "released"] == [
        "lease_abstraction_training@1.0.0",
        "lease_abstraction_training@1.0.1",
        "clauses-contract_intelligence@1.0.0",
        "clauses-clause_evolution@1.0.0",
    ]
    metadata = dsv.open(repo.root).show("lease_abstraction_training@1.0.0").manifest.metadata
    assert metadata["source"] == "SEC filings"


def test_a_registry_in_a_schema_of_its_own_is_found_by_its_name(repo, database, tmp_path):
    fill_manager(database, Shelf(tmp_path / "files"))
    database.run("CREATE SCHEMA training")
    database.run("ALTER TABLE dataset_versions SET SCHEMA training")
    repo.refused("import", "registry", database.url, code=50, kind="unsupported")
    assert len(repo.json("import", "registry", database.url, "--schema", "training", "--dry-run")["versions"]) == 7


def test_no_password_gets_into_git_messages_or_errors(repo, server, database, tmp_path):
    fill_manager(database, Shelf(tmp_path / "files"))
    said = repo.dsv("import", "registry", database.url)
    wrong = server.url("registry").replace(":not-to", ":no-to", 1)
    refused = repo.dsv("import", "registry", wrong, "--json", "--debug", code=50)
    assert refused.error["kind"] == "credentials"
    kept = b"".join(path.read_bytes() for path in (repo.root / ".git/dsv").rglob("*") if path.is_file())
    for secret in (PASSWORD, "not-to-be-told", "no-to-be-told"):
        assert secret not in said.stdout + said.stderr + refused.stdout + refused.stderr
        assert secret not in repo.git("log", "-p", "--all")
        assert secret.encode() not in kept
