"""`dsv index` and `dsv search`: derived from git, found by what was written, gone without a loss."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import Scratch, numbered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HIT_KEYS = {"dataset", "version", "score", "snippet", "status", "repository"}
STATUS_KEYS = {"path", "schema", "versions", "datasets", "refreshed_at", "stale", "events", "edited", "deleted"}


def fill(repo: Scratch) -> Scratch:
    """Three datasets; `sec-filings` in two versions, `leases` made from its first."""
    repo.dsv("init", "--git")
    repo.records("data/sec.jsonl", numbered(20))
    repo.dsv(
        *("add", "data/sec.jsonl", "--name", "sec-filings", "--type", "filings", "-m", "Quarterly reports"),
        *("--description", "What companies tell the SEC", "--owner", "bo@example.com"),
    )
    repo.records("data/leases.jsonl", numbered(10))
    repo.dsv(
        *("add", "data/leases.jsonl", "--type", "lease_abstraction", "-m", "Bürogebäude in Köln"),
        *("--description", "Annotated Retail contracts", "--tag", "customer_data", "--from", "sec-filings:filter"),
    )
    repo.write("data/chat.csv", "speaker,words\nana,hello\n")
    repo.dsv("add", "data/chat.csv", "--meta", "annotation_method=manual", "-m", "First 100% & (more) NEAR* things")
    repo.records("data/sec.jsonl", numbered(21))
    repo.dsv("bump", "sec-filings", "-m", "One more", "--tag", "Gold")
    return repo


@pytest.fixture
def catalogue(scratch: Scratch) -> Scratch:
    """A catalogue to work on."""
    return fill(scratch)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """A catalogue to look at."""
    return fill(Scratch(tmp_path_factory.mktemp("shelf")))


def found(scratch: Scratch, *arguments: str) -> list[str]:
    return [f"{each['dataset']}@{each['version']}" for each in scratch.json("search", *arguments)["results"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("leases", ["leases@1.0.0"]),
        ("LEASES", ["leases@1.0.0"]),
        ("filing", ["sec-filings@1.0.1", "sec-filings@1.0.0"]),
        ("retail CONTRACTS", ["leases@1.0.0"]),
        ("bürogebäude", ["leases@1.0.0"]),
        ("KÖLN", ["leases@1.0.0"]),
        ("quarterly", ["sec-filings@1.0.0"]),
        ("customer_data", ["leases@1.0.0"]),
        ("Customer_Data", ["leases@1.0.0"]),
        ("gold", ["sec-filings@1.0.1"]),
        ("manual", ["chat@1.0.0"]),
        ("speaker", ["chat@1.0.0"]),
        ("quarterly retail", []),
        ("100% & (more) NEAR*", ["chat@1.0.0"]),
        ('"one more"', ["sec-filings@1.0.1"]),
        ("*", ["chat@1.0.0"]),
        ("' OR 1=1 --", []),
    ],
)
def test_a_version_is_found_by_name_description_summary_or_tag_in_any_case(
    shelf: Scratch, query: str, expected: list[str]
) -> None:
    document = shelf.json("search", query)
    assert sorted(f"{each['dataset']}@{each['version']}" for each in document["results"]) == sorted(expected)
    assert document["total"] == len(expected)
    assert all(set(each) == HIT_KEYS for each in document["results"])


def test_what_has_the_word_in_its_name_comes_first(catalogue: Scratch) -> None:
    catalogue.records("data/other.jsonl", numbered(1))
    catalogue.dsv("add", "data/other.jsonl", "-m", "Not leases at all")
    assert found(catalogue, "leases") == ["leases@1.0.0", "other@1.0.0"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--type", "filings"], ["sec-filings@1.0.1", "sec-filings@1.0.0"]),
        (["--format", "csv"], ["chat@1.0.0"]),
        (["--owner", "bo@example.com"], ["sec-filings@1.0.1", "sec-filings@1.0.0"]),
        (["--tag", "Gold"], ["sec-filings@1.0.1"]),
    ],
)
def test_a_search_is_narrowed_by_filters(shelf: Scratch, arguments: list[str], expected: list[str]) -> None:
    assert sorted(found(shelf, "", *arguments)) == sorted(expected)


def test_pages_add_up_to_the_total(shelf: Scratch) -> None:
    everything = found(shelf, "")
    assert len(everything) == 4
    pages = [shelf.json("search", "", "--limit", "3", "--offset", str(offset)) for offset in (0, 3)]
    assert [page["total"] for page in pages] == [4, 4]
    assert [f"{each['dataset']}@{each['version']}" for page in pages for each in page["results"]] == everything


def test_nothing_found_is_an_answer(shelf: Scratch) -> None:
    assert shelf.json("search", "zeppelin") == {"results": [], "total": 0}
    assert shelf.dsv("search", "zeppelin").stdout == "nothing found\n"


def answers(scratch: Scratch) -> list[Any]:
    """What every reading command says."""
    return [
        scratch.json(*command)
        for command in (
            ("log",),
            ("list",),
            ("show", "sec-filings"),
            ("search", "more"),
            ("status",),
            ("diff", "sec-filings@1.0.0", "1.0.1"),
            ("check",),
        )
    ]


def test_without_the_index_every_answer_is_the_same(catalogue: Scratch) -> None:
    before = answers(catalogue)
    for file in (catalogue.root / ".git/dsv").glob("index.db*"):
        file.unlink()
    assert answers(catalogue) == before
    catalogue.dsv("index", "rebuild")
    assert answers(catalogue) == before


def test_without_anything_derived_every_answer_is_the_same(catalogue: Scratch) -> None:
    before = answers(catalogue)
    catalogue.git("clean", "-qdffx", "manifests")
    call_off = catalogue.root / ".git/dsv"
    for file in sorted(call_off.rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    assert answers(catalogue) == before


def test_a_clone_has_the_same_catalogue(shelf: Scratch, clone_of: Callable[[Scratch], Scratch]) -> None:
    clone = clone_of(shelf)
    for command in (("log",), ("list",), ("search", "more")):
        assert clone.json(*command) == shelf.json(*command)


def test_a_broken_index_is_made_anew(catalogue: Scratch) -> None:
    before = answers(catalogue)
    (catalogue.root / ".git/dsv/index.db").write_bytes(b"not a database" * 1000)
    assert answers(catalogue) == before


def test_the_status_says_whether_git_has_moved_since(catalogue: Scratch) -> None:
    catalogue.dsv("list")
    document = catalogue.json("index", "status")
    assert set(document) == STATUS_KEYS
    assert document["path"] == str(catalogue.root / ".git/dsv/index.db")
    assert (document["versions"], document["datasets"], document["stale"]) == (4, 3, False)
    catalogue.git("tag", "anything")
    assert catalogue.json("index", "status")["stale"] is True
    rebuilt = catalogue.json("index", "rebuild")
    assert set(rebuilt) == STATUS_KEYS
    assert (rebuilt["versions"], rebuilt["stale"]) == (4, False)


def test_the_status_names_versions_whose_manifests_were_edited_or_deleted(catalogue: Scratch) -> None:
    edited, deleted = sorted((catalogue.root / "manifests").glob("*/1.0.0.yaml"))[:2]
    edited.write_text(edited.read_text().replace("summary:", "summary: Nobody should.\nformer:"))
    deleted.unlink()
    catalogue.git("commit", "-aqm", "Tidy up")
    catalogue.dsv("list")
    document = catalogue.json("index", "status")
    names = [f"{each.parent.name}@1.0.0" for each in (edited, deleted)]
    assert [document["edited"], document["deleted"]] == [[names[0]], [names[1]]]
    said = catalogue.dsv("index", "status").stdout
    assert f"edited after the release: {names[0]}\ndeleted after the release: {names[1]}\n" in said


def test_an_index_that_was_never_made_is_empty_and_stale(repo: Scratch) -> None:
    document = repo.json("index", "status")
    assert (document["versions"], document["datasets"], document["stale"]) == (0, 0, True)


def test_the_tables_are_open_to_sql(catalogue: Scratch) -> None:
    catalogue.dsv("index", "rebuild")
    with closing(sqlite3.connect(catalogue.root / ".git/dsv/index.db")) as connection:
        names = connection.execute("SELECT name FROM datasets ORDER BY name").fetchall()
        versions = connection.execute(
            "SELECT dataset, version, records, git_tag FROM dataset_versions ORDER BY dataset, version"
        ).fetchall()
        edges = connection.execute(
            "SELECT v.dataset, v.version, l.parent, l.relation, l.inherited, l.new FROM dataset_lineage AS l"
            " JOIN dataset_versions AS v ON v.id = l.version_id ORDER BY v.dataset, v.version"
        ).fetchall()
    assert names == [("chat",), ("leases",), ("sec-filings",)]
    assert versions == [
        ("chat", "1.0.0", 1, "chat@v1.0.0"),
        ("leases", "1.0.0", 10, "leases@v1.0.0"),
        ("sec-filings", "1.0.0", 20, "sec-filings@v1.0.0"),
        ("sec-filings", "1.0.1", 21, "sec-filings@v1.0.1"),
    ]
    assert edges == [
        ("leases", "1.0.0", "sec-filings@1.0.0", "filter", 10, 0),
        ("sec-filings", "1.0.1", "sec-filings@1.0.0", "previous", 20, 1),
    ]


def test_the_schema_is_shown_as_sql(tmp_path: Path, repo: Scratch) -> None:
    sql = repo.json("index", "schema")["sql"]
    for table in ("datasets", "dataset_versions", "dataset_lineage"):
        assert table in sql
    with closing(sqlite3.connect(tmp_path / "made.db")) as connection:
        connection.create_function("fold", 1, str.casefold)
        connection.executescript(sql)


def test_a_released_version_is_found_at_once_and_an_unknown_one_never(catalogue: Scratch) -> None:
    catalogue.git("checkout", "-q", "-b", "experiment")
    catalogue.records("data/sec.jsonl", numbered(22))
    catalogue.dsv("bump", "sec-filings", "-m", "Zeppelins", "--no-tag")
    assert found(catalogue, "zeppelins") == ["sec-filings@1.0.2"]
    catalogue.git("checkout", "-q", "main")
    assert found(catalogue, "zeppelins") == []
