from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing

import pytest

import dsv
from tests.conftest import Scratch, _copied
from tests.registries.filled import Lite, Shelf, fill_manager, fill_sft


@pytest.fixture(scope="module")
def sft(tmp_path_factory, _templates):
    """A repository into which a registry of the first form came, what was told of that, and its address."""
    top = tmp_path_factory.mktemp("sft")
    database = Lite(top / "registry.db")
    fill_sft(database, Shelf(top / "files"))
    repo = _copied(_templates["repo"], top / "repo")
    told = repo.dsv("import", "registry", database.url)
    return repo, told, database.url


@pytest.fixture(scope="module")
def manager(tmp_path_factory, _templates):
    """The same with one of the second form, through Python."""
    top = tmp_path_factory.mktemp("manager")
    database = Lite(top / "registry.db")
    fill_manager(database, Shelf(top / "files"))
    repo = _copied(_templates["repo"], top / "repo")
    return repo, dsv.open(repo.root).import_registry(database.url), database


def versions(found):
    return {(each["ref"] or f"{each['dataset']} {each['registry_version']}"): each for each in found["versions"]}


def test_a_version_comes_with_its_number_words_tags_author_and_day(sft):
    repo, _, _ = sft
    first = dsv.open(repo.root).show("Technical-Analysis-Dataset@1.0.0").manifest
    assert (first.type, first.summary, list(first.tags)) == (
        "technical",
        "Initial release",
        ["production", "validated"],
    )
    assert (first.created_by, first.created_at) == ("data_team <>", "2025-01-01T10:00:00Z")
    assert first.metadata["format"] == "chatml"
    assert first.metadata["registry"]["dataset"] == "Technical Analysis Dataset"
    assert first.metadata["registry"]["total_tokens"] == 5000
    assert repo.git("log", "-1", "--format=%an %aI", "Technical-Analysis-Dataset@v1.1.0").strip() == (
        "Ben Ode 2025-02-01T10:00:00+00:00"
    )


def test_the_data_in_the_work_tree_are_those_of_the_newest_version(sft):
    repo, _, _ = sft
    data = repo.read("data/Technical-Analysis-Dataset/technical_v2.jsonl")
    kept = dsv.open(repo.root).show("Technical-Analysis-Dataset@1.1.0").manifest.metadata["registry"]["checksum"]
    assert hashlib.sha256(data.encode()).hexdigest() == kept
    assert [each["state"] for each in repo.json("status")["datasets"] if each["dataset"].startswith("T")] == ["clean"]


def test_what_a_version_was_made_from_is_counted_anew_and_told_where_the_registry_counted_otherwise(sft):
    repo, told, _ = sft
    lineage = dsv.open(repo.root).show("Technical-Analysis-Dataset@1.1.0").manifest.lineage
    edge = next(each for each in lineage if each.relation == "judge_filter")
    assert (edge.inherited, edge.new, edge.removed) == (80, 20, 20)
    assert (edge.produced_by, edge.note) == ("backtest:test_001", "Threshold 0.7")
    assert "the registry counted 800 inherited, 200 new; it is 80 inherited, 20 new" in told.stdout
    assert [(each.ref, each.relation) for each in dsv.open(repo.root).show("News-news").manifest.lineage] == [
        ("News-macro@1.0.0", "merge")
    ]


def test_metrics_become_scores_that_follow_their_records(sft):
    repo, told, _ = sft
    first, second = (
        dsv.open(repo.root).quality.show(f"Technical-Analysis-Dataset@{each}").scorers[0].whole
        for each in ("1.0.0", "1.1.0")
    )
    assert (first.numbers["quality_score"].n, first.numbers["quality_score"].mean) == (100, 0.495)
    assert second.numbers["quality_score"].n == 80
    assert (second.pass_rate, second.numbers["judge_score"].n) == (1.0, 1)
    assert "rows with no score or no place: 1, beyond the last record: 1" in told.stdout
    assert repo.json("search", "excellent reasoning")["total"] == 0


def test_what_cannot_come_is_told_with_the_reason(sft):
    _, told, _ = sft
    assert "gone.jsonl does not exist" in told.stdout
    assert "changed.jsonl is not what the registry released" in told.stdout
    assert "1.1.1 has the data of 1.1.0, so it is no version of its own" in told.stdout
    assert "the registry counted 12 records, there are 10" in told.stdout
    assert "News-news is 'News' of the type news, archived" in told.stdout


def test_run_again_it_finds_everything_there(sft):
    repo, _, url = sft
    before = repo.git("rev-parse", "HEAD")
    found = versions(repo.json("import", "registry", url))
    assert {each["course"] for each in found.values()} == {"here already", "same data", "left out"}
    assert repo.git("rev-parse", "HEAD") == before
    assert repo.json("check")["ok"]


def test_a_directory_comes_as_it_was_hashed(manager):
    repo, done, _ = manager
    assert [(each.ref or each.stated, each.course.value) for each in done.versions] == [
        ("lease_abstraction_training@1.0.0", "released"),
        ("lease_abstraction_training@1.0.1", "released"),
        ("2.0.0", "left out"),
        ("0.9.0", "left out"),
        ("clauses-contract_intelligence@1.0.0", "released"),
        ("clauses-clause_evolution@1.0.0", "released"),
        ("1.0.0-next+1", "left out"),
    ]
    assert done.versions[3].why.endswith("; clauses 1.0.0 (clause_evolution) lies there too")
    first = dsv.open(repo.root).show("lease_abstraction_training@1.0.0").manifest
    assert (first.data.records, first.quality.score, first.metadata["source"]) == (52, 0.95, "SEC filings")
    assert first.created_at == "2025-03-01T08:00:00Z"


def test_a_number_below_what_changed_stays_and_says_so(manager):
    repo, done, _ = manager
    change = dsv.open(repo.root).show("lease_abstraction_training@1.0.1").manifest.change
    assert (change.level.word, change.computed.word) == ("patch", "minor")
    assert change.allow_lower == "the registry numbered it so"
    assert "patch by its number, minor by what changed" in done.versions[1].remarks


def test_a_version_without_a_checksum_is_taken_as_its_files_are_and_that_is_told(repo, tmp_path):
    database = Lite(tmp_path / "registry.db")
    database.make("manager")
    place, _ = Shelf(tmp_path).directory("files", train=range(3))
    counts = dict.fromkeys(("total_samples", "file_count", "total_size_bytes"), 0)
    words = {"dataset_name": "talks", "version": "1.0", "dataset_type": "t", "storage_path": place}
    database.insert("dataset_versions", **words, **counts, data_checksum="", metadata_checksum="")
    [version] = repo.json("import", "registry", database.url)["versions"]
    assert (version["ref"], version["records"]) == ("talks@1.0.0", 3)
    assert version["remarks"] == ["the registry has no checksum of it: taken as it is"]


def test_files_that_moved_are_found_where_they_are_now(manager, repo, tmp_path):
    _, _, database = manager
    here = database.url.removeprefix("sqlite:///").removesuffix("registry.db") + "files"
    moved = tmp_path / "elsewhere"
    (moved / "helox").mkdir(parents=True)
    plan = dsv.open(repo.root).import_registry(database.url, moved={f"{here}/c1": f"{here}/c2"}, dry_run=True)
    courses = {(each.dataset, each.stated): each for each in plan.versions}
    assert "is not what the registry released" in courses["clauses-contract_intelligence", "1.0.0"].why
    assert courses["clauses-clause_evolution", "1.0.0"].course.value == "would come"
    assert "--map" not in courses["lease_abstraction_training", "2.0.0"].why
    assert repo.git("log", "--oneline").count("\n") == 1


def test_a_dataset_of_the_same_name_is_not_written_into(manager, released):
    _, _, database = manager
    connection = sqlite3.connect(database.url.removeprefix("sqlite:///"))
    connection.execute("UPDATE dataset_versions SET dataset_name = 'notes' WHERE dataset_name = 'clauses' AND id = 5")
    connection.commit()
    try:
        found = versions(released.json("import", "registry", database.url, "--dry-run"))
    finally:
        connection.execute("UPDATE dataset_versions SET dataset_name = 'clauses' WHERE id = 5")
        connection.commit()
        connection.close()
    assert "did not come from this registry" in found["notes 1.0.0"]["why"]


@pytest.mark.parametrize(
    ("url", "kind", "said"),
    [
        ("mysql://ana:secret@db.example.com/datasets", "usage", "address of its database"),
        ("sqlite:///nowhere.db", "no_path", "nowhere.db is not there"),
        ("sqlite://registry.db", "usage", "three slashes"),
        ("postgresql+psycopg2://ana:sec@ret@db.example.com/datasets", "usage", "an @ too many"),
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(repo, url, kind, said):
    refused = repo.dsv("import", "registry", url, "--json", code=None)
    assert (refused.error["kind"], said in refused.error["message"]) == (kind, True)
    assert "sec" not in refused.stdout + refused.stderr


def test_a_database_without_a_registry_is_refused(repo):
    with closing(sqlite3.connect(repo.root / "other.db")) as connection, connection:
        connection.execute("CREATE TABLE datasets (id INTEGER)")
    repo.write("broken.db", b"no database at all" * 100)
    error = repo.refused("import", "registry", "sqlite:///other.db", code=50, kind="unsupported")
    assert "holds no registry" in error["message"]
    repo.refused("import", "registry", "sqlite:///broken.db", code=30, kind="unreadable")


def test_a_directory_that_is_there_is_not_written_into(manager, repo: Scratch):
    _, _, database = manager
    repo.write("data/clauses-clause_evolution/mine.txt", "mine")
    found = versions(repo.json("import", "registry", database.url))
    assert "is there already" in found["clauses-clause_evolution 1.0.0"]["why"]
    assert repo.tree("data/clauses-clause_evolution") == {"mine.txt": b"mine"}
