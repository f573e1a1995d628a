"""The index as a file: Datasette serves it as it is, and it is whole or not there."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sqlite3
import subprocess
import sys

import pytest

from dsv.adapters.index.served import write_served
from dsv.adapters.index.snapshot import PUBLISHED
from dsv.adapters.index.views import VIEWS
from dsv.errors import ConflictError, DiskError
from dsv.model.progress import unseen
from tests.index_rows import version_row
from tests.published.conftest import VERSIONS, filled


def published(index, path, *, accept=lambda _: None, progress=unseen):
    with index.snapshot(origin="https://git.example.com/team/data.git") as snapshot:
        return write_served(str(path), snapshot, accept=accept, progress=progress)


@pytest.fixture
def file(index, tmp_path):
    path = tmp_path / "catalogue.db"
    published(index, path)
    return path


def asked(path, query):
    """What a plain SQLite without anything of ours finds."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def served(path, *requests):
    """The answers of Datasette to these requests."""
    app = pytest.importorskip("datasette.app", reason="needs the package datasette")

    async def ask():
        datasette = app.Datasette([str(path)])
        answers = [await datasette.client.get(f"/{path.stem}{each}") for each in requests]
        for database in datasette.databases.values():
            database.close()
        datasette.executor.shutdown()
        return answers

    answers = asyncio.run(ask())
    assert [each.status_code for each in answers] == [200] * len(requests)
    return answers


@pytest.mark.filterwarnings("ignore")  # Datasette's own
def test_datasette_serves_tables_search_views_and_labels_as_they_are(file):
    table, found, view, lineage, tree, row, events = served(
        file,
        "/dataset_versions",
        "/dataset_versions.json?_search=Straß&_shape=array",
        "/v_latest_datasets.json?_shape=array&_sort=dataset",
        "/dataset_lineage.json?_labels=on&parent_dataset=filings",
        "/v_dataset_lineage_tree.json?_shape=array&dataset=leases&version=1.10.0&relation=filter",
        "/dataset_versions/1",
        "/events?_search=review",
    )
    assert 'name="_search"' in table.text
    assert "leases" in table.text
    assert [each["title"] for each in found.json()] == ["tickets@0.1.0"]
    assert [(each["repository"], each["dataset"]) for each in view.json()] == [
        ("upstream", "filings"),
        ("", "leases"),
        ("", "tickets"),
    ]
    [edge] = lineage.json()["rows"]
    assert (edge["version_id"]["label"], edge["parent_id"]["label"]) == ("leases@1.9.0", "filings@2.3.1")
    assert [(each["depth"], each["parent_dataset"]) for each in tree.json()] == [(2, "filings")]
    assert re.search(r"dataset_lineage\?version_id=|dataset_lineage\?parent_id=", row.text)
    assert "promote leases@1.9.0" in events.text


def test_the_file_holds_all_tables_and_views_and_needs_nothing_of_ours(file):
    names = {name for (name,) in asked(file, "SELECT name FROM sqlite_master")}
    assert {table.name for table in PUBLISHED if not table.searched} | {view.name for view in VIEWS} <= names
    assert asked(file, "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'") == [(0,)]
    assert asked(file, "PRAGMA journal_mode") == [("delete",)]
    assert asked(file, "PRAGMA integrity_check") == [("ok",)]
    assert asked(file, "PRAGMA foreign_key_check") == []
    assert asked(file, "SELECT url FROM repositories WHERE name = ''") == [("https://git.example.com/team/data.git",)]
    assert asked(file, "SELECT count(*) FROM dataset_versions") == [(len(VERSIONS) + 2,)]
    for view in VIEWS:
        asked(file, f"SELECT * FROM {view.name}")  # noqa: S608 - our own names
    assert os.listdir(file.parent).count(file.name) == 1
    assert not [name for name in os.listdir(file.parent) if name.startswith((f"{file.name}-", f".{file.name}"))]


def test_the_same_contents_are_the_same_file(index, file, tmp_path):
    before = file.stat()
    assert not published(index, file).changed
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    other = tmp_path / "other.db"
    assert published(index, other).changed
    assert other.read_bytes() == file.read_bytes()


def test_rows_keep_their_numbers(file, tmp_path):
    before = asked(file, "SELECT id, dataset, version FROM dataset_versions ORDER BY id")
    with filled(tmp_path / "more.db", more=[version_row("1.8.0")]) as more:
        assert published(more, file).changed
    assert asked(file, "SELECT id, dataset, version FROM dataset_versions ORDER BY id") == [
        *before,
        (len(before) + 1, "leases", "1.8.0"),
    ]


def test_a_publication_that_fails_leaves_the_old_file_and_nothing_beside_it(index, file):
    before, beside = file.read_bytes(), sorted(os.listdir(file.parent))

    def failing(what, done, total, records=0):
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        published(index, file, progress=failing)
    assert (file.read_bytes(), sorted(os.listdir(file.parent))) == (before, beside)


@pytest.mark.parametrize("content", [b"", b"notes of mine", b"SQLite format 3\0" + bytes(100)])
def test_a_file_that_dsv_did_not_publish_stays(index, tmp_path, content):
    mine = tmp_path / "mine.db"
    mine.write_bytes(content)
    with pytest.raises(ConflictError, match="not a file that dsv published"):
        published(index, mine)
    assert mine.read_bytes() == content


def test_the_index_itself_is_no_place_to_publish_to(index, tmp_path):
    with pytest.raises(ConflictError):
        published(index, tmp_path / "index.db")


def test_a_damaged_publication_is_made_anew(index, file):
    whole = file.read_bytes()
    file.write_bytes(whole[:200] + b"\xff" * 4000)
    assert published(index, file).changed
    assert file.read_bytes() == whole


def test_a_link_stays_a_link_and_a_mode_stays_that_mode(index, file, tmp_path):
    file.chmod(0o640)
    link = tmp_path / "link.db"
    link.symlink_to(file)
    with filled(tmp_path / "less.db", versions=VERSIONS[:1]) as less:
        assert published(less, link).changed
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_directory_that_is_not_there_is_named(index, tmp_path):
    with pytest.raises(DiskError, match=r"nowhere/file\.db cannot be written: No such file"):
        published(index, tmp_path / "nowhere" / "file.db")


def test_a_repository_publishes_a_file_from_the_command_line_and_from_python(released):
    import dsv

    done = released.json("index", "publish", "catalogue.db")
    assert (done["target"], done["schema"], done["changed"]) == ("catalogue.db", None, True)
    assert {each["name"]: each["rows"] for each in done["tables"]}["dataset_versions"] == 1
    assert (
        released.dsv("index", "publish", "catalogue.db").stdout == "catalogue.db: 1 version of 1 dataset, as it was\n"
    )
    assert asked(released.root / "catalogue.db", "SELECT title FROM dataset_versions") == [("notes@1.0.0",)]
    again = dsv.open(str(released.root)).index_publish(str(released.root / "catalogue.db"))
    assert not again.changed


@pytest.mark.parametrize(
    "target", ["catalogue", "mysql://ana:secret@db/x", "host=db password=secret dbname=x.db", "postgres:/ana:secret@db"]
)
def test_what_is_neither_a_database_nor_a_file_is_refused_without_being_told(released, target):
    refused = released.refused("index", "publish", target, code=2, kind="usage")
    assert "secret" not in str(refused)


def test_who_publishes_a_file_loads_no_driver_of_postgres(released):
    code = "import sys; from dsv.__main__ import main\ntry: main()\nfinally: assert 'psycopg' not in sys.modules"
    command = [sys.executable, "-c", code, "index", "publish", "catalogue.db"]
    subprocess.run(command, cwd=released.root, check=True, capture_output=True)
