"""The index on real SQLite files: what goes in comes out, ordered, filtered, and whole whatever happens to the file."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsv.adapters.index import (
    SCHEMA,
    Arrival,
    DamagedIndexError,
    DatasetRow,
    Filter,
    Index,
    LineageRow,
    Order,
    Outcome,
    Page,
    Shown,
    Walk,
    discard,
    schema_sql,
)
from dsv.adapters.index.sort_key import sort_key
from dsv.errors import DiskError, LockedError, UsageError
from dsv.model.version import Version
from tests.index_contents import index_contents
from tests.index_rows import version_row

LEASES = DatasetRow("leases", "contracts", "jsonl", "data/leases", "Commercial leases", ("Ana Lima <ana@example.com>",))
TICKETS = DatasetRow("Tickets", "sft", "csv", "data/tickets", tags=("support",))
OLD = DatasetRow("old", "sft", "csv", "data/old", status="archived")


LINEAGE = (
    LineageRow("leases@1.0.0", "previous", inherited=90, new=10, modified=1, removed=2),
    LineageRow("filings@2.3.1", "filter", inherited=5, new=95, produced_by="backtest:test_001"),
)
VERSIONS = [
    version_row("1.0.0"),
    version_row("1.10.0", records=300, created_at="2026-03-01T00:00:00Z", tags=("production", "retail")),
    version_row(
        "1.9.0", records=200, created_at="2026-02-01T00:00:00Z", lineage=LINEAGE, field_names=("doc_id", "clauses")
    ),
    version_row("2.0.0-rc.1", created_at="2026-04-01T00:00:00Z"),
    version_row("1.11.0", status="yanked"),
    version_row("3.0.0", known=False),
    version_row("0.1.0", "Tickets", type="sft", format="csv", records=7, created_at="2026-05-01T00:00:00Z"),
    version_row("1.0.0", "old"),
]


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "state" / "index.db")


@pytest.fixture
def index(path):
    with Index(path) as opened:
        opened.replace("first", datasets=[LEASES, TICKETS, OLD], versions=VERSIONS)
        yield opened


def names(found):
    return [each.name for each in found.rows]


def texts(rows):
    return [f"{each.dataset}@{each.version}" for each in rows]


def test_a_new_index_is_empty(path):
    with Index(path) as index:
        assert index.stamp is None
        assert index.datasets().rows == []
        assert index.versions() == []
        assert index.search("leases").total == 0
        assert (index.status().versions, index.status().refreshed_at) == (0, None)


def test_what_goes_in_comes_out(index, path):
    assert index.stamp == "first"
    assert sorted(index.versions(shown=Shown.ALL), key=str) == sorted(VERSIONS, key=str)
    status = index.status()
    assert (status.path, status.schema, status.datasets, status.versions) == (path, SCHEMA, 3, len(VERSIONS))
    assert status.refreshed_at.endswith("Z")


def test_an_index_is_there_when_it_is_opened_again(index, path):
    with Index(path) as second:
        assert second.stamp == "first"
        assert second.versions("leases") == index.versions("leases")


def test_versions_come_highest_first(index):
    assert texts(index.versions("leases")) == [
        "leases@2.0.0-rc.1",
        "leases@1.11.0",
        "leases@1.10.0",
        "leases@1.9.0",
        "leases@1.0.0",
    ]
    assert texts(index.versions("leases", limit=1)) == ["leases@2.0.0-rc.1"]
    assert texts(index.versions("leases", shown=Shown.LATEST)) == ["leases@1.10.0"]
    assert texts(index.versions("leases", limit=1, shown=Shown.ALL)) == ["leases@3.0.0"]
    assert index.versions("nothing") == []


def test_versions_of_all_datasets_come_last_created_first(index):
    assert texts(index.versions(limit=3)) == ["Tickets@0.1.0", "leases@2.0.0-rc.1", "leases@1.10.0"]


def test_a_list_shows_each_dataset_with_its_latest_version(index):
    leases, tickets = index.datasets().rows
    assert (leases.name, str(leases.latest), leases.versions, leases.records) == ("leases", "1.10.0", 5, 300)
    assert leases.tags == ("production", "retail")
    assert leases.owners == LEASES.owners
    assert leases.updated_at == "2026-04-01T00:00:00Z"
    assert (tickets.name, str(tickets.latest), tickets.tags) == ("Tickets", "0.1.0", ("production", "support"))


def test_a_dataset_without_a_release_is_listed_without_a_latest_version(path):
    with Index(path) as index:
        index.replace("s", datasets=[LEASES, TICKETS], versions=[version_row("1.0.0-rc.1")])
        leases, tickets = index.datasets().rows
        assert (leases.latest, leases.records, leases.versions) == (None, None, 1)
        assert (tickets.latest, tickets.updated_at, tickets.versions) == (None, None, 0)
        assert names(index.datasets(where=Filter(shown=Shown.LATEST))) == []


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Filter(), ["leases", "Tickets"]),
        (Filter(shown=Shown.ALL), ["leases", "old", "Tickets"]),
        (Filter(type="sft"), ["Tickets"]),
        (Filter(format="jsonl"), ["leases"]),
        (Filter(status="archived"), ["old"]),
        (Filter(status="active"), ["leases", "Tickets"]),
        (Filter(tag="support"), ["Tickets"]),
        (Filter(tag="retail"), ["leases"]),
        (Filter(tag="supp"), []),
        (Filter(owner="ANA@example"), ["leases"]),
        (Filter(owner="%"), []),
        (Filter(type="sft' OR '1' = '1"), []),
        (Filter(type="sft", tag="retail"), []),
    ],
)
def test_a_filter_leaves_what_fits(index, where, expected):
    found = index.datasets(where=where)
    assert names(found) == expected
    assert found.total == len(expected)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (Page(order=Order.DESCENDING), ["Tickets", "old", "leases"]),
        (Page(sort="records"), ["Tickets", "old", "leases"]),
        (Page(sort="latest", order=Order.DESCENDING), ["leases", "old", "Tickets"]),
        (Page(sort="updated_at", order=Order.DESCENDING), ["Tickets", "leases", "old"]),
        (Page(limit=1), ["leases"]),
        (Page(limit=1, offset=1), ["old"]),
        (Page(offset=2), ["Tickets"]),
        (Page(limit=0), []),
        (Page(offset=99), []),
    ],
)
def test_a_list_is_sorted_and_cut_into_pages_with_a_total(index, page, expected):
    found = index.datasets(where=Filter(shown=Shown.ALL), page=page)
    assert names(found) == expected
    assert found.total == 3


def test_a_list_cannot_be_sorted_by_just_anything(index):
    with pytest.raises(UsageError, match="'name; DROP TABLE datasets' is nothing to sort by"):
        index.datasets(page=Page(sort="name; DROP TABLE datasets"))
    assert index.datasets().total == 2


def test_the_view_of_latest_datasets_is_there_for_sql(index, path):
    with sqlite3.connect(path) as connection:
        columns = connection.execute("SELECT dataset, version, records FROM v_latest_datasets ORDER BY 1")
        assert columns.fetchall() == [("Tickets", "0.1.0", 7), ("leases", "1.10.0", 300)]
    connection.close()


def test_a_refreshed_index_holds_what_a_rebuilt_one_holds(index, path, tmp_path):
    datasets = [replace(LEASES, description="Retail leases"), OLD]
    versions = [
        *VERSIONS[1:4],
        version_row("2.0.0", lineage=LINEAGE[:1]),
        version_row("1.0.0", "old", status="removed"),
    ]
    index.replace("second", datasets=datasets, versions=versions)
    with Index(str(tmp_path / "fresh.db")) as fresh:
        fresh.replace("second", datasets=datasets, versions=versions)
        for each in (index, fresh):
            each.remember({"b1": "{}"})
    assert index_contents(path) == index_contents(str(tmp_path / "fresh.db"))
    assert index.search("retail").total == 4


def test_a_refresh_leaves_unchanged_datasets_as_they_are(index):
    more = [version_row("2.0.0", "leases", summary="Second")]
    walk = Walk("c HEAD", [Arrival("manifests/leases/2.0.0.yaml", "b", "c", 7)])
    changed = {"datasets": [LEASES], "versions": more, "walk": walk}
    assert index.refresh("second", since="first", unchanged={"Tickets"}, **changed) is Outcome.WRITTEN
    assert texts(index.versions("leases")) == ["leases@2.0.0"]
    assert texts(index.versions("Tickets")) == ["Tickets@0.1.0"]
    assert index.datasets(where=Filter(shown=Shown.ALL)).total == 2
    assert (index.stamp, index.walk()) == ("second", walk)


def test_a_refresh_of_an_index_that_another_changed_writes_nothing(index):
    before = index.versions(shown=Shown.ALL)
    refused = index.refresh(
        "third", since="another", unchanged=(), datasets=[LEASES], versions=[], walk=Walk("c HEAD", [])
    )
    assert refused is Outcome.OVERTAKEN
    assert (index.stamp, index.versions(shown=Shown.ALL), index.walk()) == ("first", before, None)


def test_a_version_can_change_its_status_and_a_dataset_can_go(index):
    index.replace("second", datasets=[LEASES], versions=[replace(VERSIONS[1], status="yanked"), VERSIONS[2]])
    assert names(index.datasets(where=Filter(shown=Shown.ALL))) == ["leases"]
    assert str(index.datasets().rows[0].latest) == "1.9.0"
    assert index.versions("leases")[1].lineage == LINEAGE


def test_a_replacement_that_fails_changes_nothing(index):
    before = index.versions(shown=Shown.ALL)
    twice = [version_row("1.0.0"), version_row("1.0.0", records=1)]
    with pytest.raises(ValueError, match="twice"):
        index.replace("second", datasets=[LEASES], versions=twice)
    assert index.stamp == "first"
    assert index.versions(shown=Shown.ALL) == before


def test_parsed_manifests_are_remembered_by_their_blob(index, path):
    index.remember({"b2": '{"v": 2}', "b1": '{"v": 1}'})
    index.remember({"b2": '{"v": 3}'})
    with Index(path) as second:
        assert second.cached(["b1", "b2", "b3"]) == {"b1": '{"v": 1}', "b2": '{"v": 3}'}
        assert second.cached([]) == {}
        assert second.cached(f"{number:040x}" for number in range(40_000)) == {}


def test_any_text_can_be_stored(path):
    strange = "lone \ud800 surrogate, NUL \x00, 中文, 🦜, é, 'quotes\", line\nfeed"
    odd = version_row("1.0.0", summary=strange, tags=(strange,), metadata_text=strange, field_names=(strange,))
    with Index(path) as index:
        index.replace("s", datasets=[replace(LEASES, description=strange)], versions=[odd])
        found = index.versions("leases")[0]
        assert found.summary == strange.replace("\ud800", "\\ud800")
        assert index.search("中文").total == index.search("surrogate").total == 1


def test_a_version_with_enormous_numbers_is_stored(path):
    enormous = [f"{10**40}.0.0", f"{10**40}.0.1", "99999999999999999999.0.0", "9223372036854775807.1.0"]
    with Index(path) as index:
        index.replace("s", datasets=[LEASES], versions=[version_row(text) for text in enormous])
        assert [str(each.version) for each in index.versions("leases")] == [
            enormous[1],
            enormous[0],
            enormous[2],
            enormous[3],
        ]


numbers = st.one_of(st.integers(0, 12), st.integers(0, 10**50))
words = st.one_of(numbers.map(str), st.from_regex(r"[0-9]{0,2}[A-Za-z-][0-9A-Za-z-]{0,3}", fullmatch=True))
prereleases = st.one_of(st.just(""), st.lists(words, min_size=1, max_size=4).map(".".join))
semantic_versions = st.builds(Version, numbers, numbers, numbers, prereleases)


@pytest.mark.heavy
@given(st.lists(semantic_versions, unique=True, max_size=12))
@settings(max_examples=300)
def test_sql_orders_as_semver_does(versions):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE v (text TEXT, sort_key TEXT)")
    connection.executemany("INSERT INTO v VALUES (?, ?)", [(str(each), sort_key(each)) for each in versions])
    ordered = [text for (text,) in connection.execute("SELECT text FROM v ORDER BY sort_key")]
    connection.close()
    assert ordered == [str(each) for each in sorted(versions)]


@given(semantic_versions, semantic_versions)
@settings(max_examples=300)
def test_of_two_versions_the_lower_has_the_lower_key(left, right):
    assert (left < right) is (sort_key(left) < sort_key(right))
    assert (left == right) is (sort_key(left) == sort_key(right))


def test_the_schema_is_printed_as_sql_that_makes_it(index, path, tmp_path):
    printed = str(tmp_path / "printed.db")
    with contextlib.closing(sqlite3.connect(printed)) as connection:
        connection.executescript(schema_sql())
    assert _made_of(printed) == _made_of(path)
    assert {"datasets", "dataset_versions", "dataset_lineage", "v_latest_datasets"} <= _made_of(path).keys()


def test_the_printed_schema_says_what_each_table_and_view_is():
    lines = schema_sql().splitlines()
    for number, line in enumerate(lines):
        if line.startswith(("CREATE TABLE", "CREATE VIEW")):
            assert lines[number - 1].startswith("-- ")


def _made_of(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT name, sql FROM sqlite_master"))


def test_an_index_that_is_there_is_read_and_refreshed_without_what_makes_its_tables(index, path):
    index.close()
    program = f"""
import sys
from dsv.adapters.index import Index
with Index({path!r}) as index:
    index.replace("second", datasets=[], versions=[])
    assert index.search("leases").total == 0
assert "sqlite_utils" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    "content", [b"", b"not a database at all, but long enough for a header" * 9, b"SQLite format 3\0"]
)
def test_a_file_that_is_no_index_is_replaced_by_an_empty_one(tmp_path, content):
    path = tmp_path / "index.db"
    path.write_bytes(content)
    with Index(str(path)) as index:
        assert index.stamp is None
        index.replace("s", datasets=[LEASES], versions=VERSIONS[:1])
        assert texts(index.versions()) == ["leases@1.0.0"]


@pytest.mark.parametrize("pragma", [f"user_version = {SCHEMA + 1}", "user_version = 0", "application_id = 1"])
def test_an_index_of_another_schema_is_thrown_away(index, path, pragma):
    index.close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA {pragma}")
    connection.close()
    with Index(path) as again:
        assert again.stamp is None


def test_a_database_of_somebody_else_is_thrown_away(tmp_path):
    path = str(tmp_path / "index.db")
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE datasets (something TEXT)")
    connection.close()
    with Index(path) as index:
        assert index.datasets().rows == []


def test_a_damaged_index_is_thrown_away_and_says_so(index, path):
    index.close()
    connection = sqlite3.connect(path)
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'dataset_versions'").fetchone()
    connection.close()
    with open(path, "r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)
    with pytest.raises(DamagedIndexError, match="was damaged") as refusal:
        _use(path)
    assert refusal.value.code == 50
    assert "run the command again" in refusal.value.hint
    with Index(path) as again:
        assert again.stamp is None


def _use(path):
    with Index(path) as index:
        index.versions()
        index.search("leases")


def test_an_index_cut_short_is_rebuilt(index, path):
    index.close()
    with open(path, "r+b") as file:
        file.truncate(3 * 4096)
    with contextlib.suppress(DamagedIndexError):
        _use(path)
    with Index(path) as again:
        again.replace("s", datasets=[LEASES], versions=VERSIONS[:1])
        assert texts(again.versions()) == ["leases@1.0.0"]


def test_where_nothing_can_be_written_the_index_lives_in_memory(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with Index(str(tmp_path / "file" / "index.db")) as index:
        index.replace("s", datasets=[LEASES], versions=VERSIONS[:1])
        assert texts(index.versions()) == ["leases@1.0.0"]
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_discarded_index_is_gone(index, path):
    index.close()
    discard(path)
    discard(path)
    assert not os.path.exists(path)
    with Index(path) as again:
        assert again.stamp is None


def test_an_index_that_another_keeps_is_locked(index, path, monkeypatch):
    monkeypatch.setattr("dsv.adapters.index.database.BUSY_SECONDS", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Index(path) as second:
        assert second.stamp == "first"
        with pytest.raises(LockedError):
            second.replace("second", datasets=[LEASES], versions=[])
    other.close()


def test_a_full_disk_is_said_so(index, path):
    index.close()
    with Index(path) as opened:
        pages = opened._database._connection.execute("PRAGMA page_count").fetchone()[0]
        opened._database._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(DiskError, match="full"):
            opened.remember({f"{number:040x}": "x" * 4000 for number in range(100)})
        assert opened.stamp == "first"


def test_readers_see_one_state_or_the_other_while_it_is_replaced(index, path):
    states = {
        "a": [version_row(f"1.{minor}.0") for minor in range(60)],
        "b": [version_row(f"2.{minor}.0") for minor in range(40)],
    }
    index.replace("a", datasets=[LEASES], versions=states["a"])
    totals = {60, 40}
    seen, problems = set(), []
    done = threading.Event()

    def read():
        try:
            while not done.is_set():
                with Index(path) as reader:
                    versions = reader.versions("leases")
                    seen.add((len(versions), len({each.version.major for each in versions})))
                    found = reader.search("leases")
                    seen.add((found.total, 1))
                    if len(found.rows) != found.total:
                        problems.append((len(found.rows), found.total))
        except Exception as error:  # noqa: BLE001 - whatever it is, the test reports it
            problems.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(20):
        stamp = "ab"[turn % 2]
        index.replace(stamp, datasets=[LEASES], versions=states[stamp])
    done.set()
    for reader in readers:
        reader.join()
    assert problems == []
    assert seen <= {(total, 1) for total in totals}


def test_many_who_open_a_broken_index_at_once_agree_on_one(tmp_path):
    path = str(tmp_path / "index.db")
    (tmp_path / "index.db").write_bytes(b"broken" * 1000)
    problems = []

    def fill(number):
        try:
            with Index(path) as index:
                index.remember({f"blob-{number}": "{}"})
        except Exception as error:  # noqa: BLE001 - whatever it is, the test reports it
            problems.append(error)

    writers = [threading.Thread(target=fill, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert problems == []
    with Index(path) as index:
        assert len(index.cached(f"blob-{number}" for number in range(8))) == 8


def test_parts_of_remembered_documents_come_without_the_rest(tmp_path):
    documents = {"a": '{"one":{"x":[1]},"two":"é","three":3}', "b": '{"two":null}', "c": "null", "d": "[1]"}
    with Index(str(tmp_path / "index.db")) as index:
        index.remember(documents)
        assert index.cached(documents) == documents
        found = index.cached(["a", "b", "c", "d", "e"], members=["one", "two"])
    assert {blob: json.loads(text) for blob, text in found.items()} == {
        "a": {"one": {"x": [1]}, "two": "é"},
        "b": {"one": None, "two": None},
        "c": None,
        "d": [1],
    }
