"""The index in PostgreSQL: all of it or what was there before, nothing else touched, and found as in SQLite."""

from __future__ import annotations

import json

import pytest

from dsv.adapters.index import SCHEMA, Filter
from dsv.adapters.index.snapshot import PUBLISHED
from dsv.adapters.index.tables import Kind
from dsv.adapters.index.views import VIEWS
from dsv.adapters.postgres import parse_address, publish
from dsv.errors import ConflictError, CredentialsError, NetworkError, RemoteError, UsageError
from dsv.model.progress import unseen
from dsv.model.version import Version
from tests.index_rows import version_row
from tests.postgres_server import PASSWORD
from tests.published.conftest import VERSIONS, filled
from tests.s3_server import free_port

psycopg = pytest.importorskip("psycopg", reason="needs the package psycopg: the extra postgres")


def published(index, url, *, schema="dsv", number=SCHEMA, progress=unseen):
    with index.snapshot() as snapshot:
        return publish(
            parse_address(url),
            snapshot,
            tables=PUBLISHED,
            views=VIEWS,
            number=number,
            schema=schema,
            accept=lambda _: None,
            progress=progress,
        )


@pytest.fixture
def admin(server):
    """A connection that finds an empty place where `dsv` publishes to."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS dsv CASCADE")
        connection.execute("SET search_path TO dsv, public")
        yield connection


def asked(connection, query, *parameters):
    return connection.execute(query, parameters).fetchall()


def written(done):
    return [(each.name, each.added, each.removed) for each in done.tables if each.added or each.removed]


def as_in_sqlite(index, query):
    """The columns and the rows."""
    return index.query(query, lambda columns, rows: (list(columns), [list(row) for row in rows]))


def comparable(columns, rows):
    """Rows in an order that depends on no database, without numbers of rows and digests of them."""
    kept = [place for place, name in enumerate(columns) if name not in {"id", "content"} and not name.endswith("_id")]
    plain = [[_plain(row[place]) for place in kept] for row in rows]
    return [columns[place] for place in kept], sorted(plain, key=repr)


def _plain(value):
    if isinstance(value, str) and value.startswith(("[", "{")):
        return json.loads(value)
    return int(value) if hasattr(value, "as_tuple") else value


def test_all_tables_and_views_are_there_with_the_same_rows(index, server, admin):
    done = published(index, server.url())
    assert done.trigrams
    for name in [*(table.name for table in PUBLISHED), *(view.name for view in VIEWS)]:
        cursor = admin.execute(f"SELECT * FROM {name}")  # noqa: S608 - our own names
        theirs = comparable([column.name for column in cursor.description], cursor.fetchall())
        ours = comparable(*as_in_sqlite(index, f"SELECT * FROM {name}"))  # noqa: S608 - likewise
        assert theirs == ours, name
    assert {each.name: each.rows for each in done.tables}["dataset_versions"] == len(VERSIONS) + 2


def test_rows_of_every_repository_are_in_one_query(index, server, admin):
    published(index, server.url())
    assert asked(admin, "SELECT repository, dataset FROM v_latest_datasets ORDER BY 1, 2") == [
        ("", "leases"),
        ("", "tickets"),
        ("upstream", "filings"),
    ]
    found = asked(
        admin,
        "SELECT depth, parent_repository, parent_dataset, parent_version, produced_by FROM v_dataset_lineage_tree"
        " WHERE dataset = 'leases' AND version = '1.10.0' AND relation = 'filter'",
    )
    assert found == [(2, "upstream", "filings", "2.3.1", "job:7")]


def test_publishing_again_writes_nothing(index, server, admin, tmp_path):
    assert published(index, server.url()).made
    again = published(index, server.url())
    assert (again.made, written(again)) == (False, [])
    # another clone's index has other numbers and another time of its making
    filled(tmp_path / "other.db", versions=VERSIONS[:3]).close()
    with filled(tmp_path / "other.db") as other:
        assert {name for name, _, _ in written(published(other, server.url()))} <= {"repositories"}


def test_only_what_differs_is_written_and_rows_keep_their_numbers(index, server, admin, tmp_path):
    published(index, server.url())
    before = asked(admin, "SELECT id, dataset, version FROM dataset_versions ORDER BY id")
    with filled(tmp_path / "more.db", more=[version_row("1.8.0", summary="Before all others")]) as more:
        done = written(published(more, server.url()))
    assert [each for each in done if each[0] != "repositories"] == [
        ("dataset_versions", 1, 0),
        ("tags", 1, 0),
        ("dataset_search", 1, 0),
    ]
    after = asked(admin, "SELECT id, dataset, version FROM dataset_versions ORDER BY id")
    assert after == [*before, (len(before) + 1, "leases", "1.8.0")]


def test_a_publication_that_fails_changes_nothing(index, server, admin, tmp_path):
    published(index, server.url())
    before = asked(admin, "SELECT * FROM dataset_versions ORDER BY id")

    def failing(what, done, total, records=0):
        if done == total:
            raise KeyboardInterrupt

    with filled(tmp_path / "less.db", versions=VERSIONS[:1]) as less, pytest.raises(KeyboardInterrupt):
        published(less, server.url(), number=SCHEMA + 1, progress=failing)
    assert asked(admin, "SELECT * FROM dataset_versions ORDER BY id") == before


def test_readers_wait_for_nobody_and_see_one_state(index, server, admin, tmp_path):
    published(index, server.url())
    with psycopg.connect(server.url()) as reader, filled(tmp_path / "less.db", versions=VERSIONS[:1]) as less:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        counting = "SELECT (SELECT count(*) FROM dsv.dataset_versions), (SELECT count(*) FROM dsv.dataset_search)"
        before = reader.execute(counting).fetchone()
        published(less, server.url())
        assert reader.execute(counting).fetchone() == before == (9, 9)
        reader.rollback()
        assert reader.execute(counting).fetchone() == (3, 3)


def test_grants_stay_also_when_a_newer_dsv_makes_other_tables(index, server, admin):
    published(index, server.url())
    admin.execute("DROP ROLE IF EXISTS reading")
    admin.execute("CREATE ROLE reading")
    admin.execute("GRANT SELECT ON v_latest_datasets, tags TO reading")
    try:
        assert published(index, server.url(), number=SCHEMA + 1).made
        allowed = "SELECT has_table_privilege('reading', 'dsv.' || %s, 'SELECT')"
        assert [asked(admin, allowed, name) for name in ("v_latest_datasets", "tags", "events")] == [
            [(True,)],
            [(True,)],
            [(False,)],
        ]
    finally:
        admin.execute("DROP OWNED BY reading")
        admin.execute("DROP ROLE reading")


def test_what_people_built_on_the_tables_stays_or_is_named(index, server, admin, tmp_path):
    published(index, server.url())
    admin.execute("CREATE VIEW dsv.large AS SELECT dataset FROM dsv.dataset_versions WHERE records >= 100")
    with filled(tmp_path / "less.db", versions=VERSIONS[:1]) as less:
        published(less, server.url())
    assert asked(admin, "SELECT count(*) FROM large") == [(3,)]
    with pytest.raises(ConflictError, match="something of yours") as refused:
        published(index, server.url(), number=SCHEMA + 1)
    assert "view large depends on table dataset_versions" in refused.value.hint
    assert asked(admin, "SELECT count(*) FROM large") == [(3,)]


@pytest.mark.parametrize(
    "taken", ["CREATE TABLE dsv.tags (mine text)", "CREATE VIEW dsv.v_latest_datasets AS SELECT 1 AS mine"]
)
def test_what_dsv_did_not_make_is_not_touched(index, server, admin, taken):
    admin.execute("CREATE SCHEMA dsv")
    admin.execute(taken)
    name = taken.split()[2]
    with pytest.raises(ConflictError, match=f"has {name.removeprefix('dsv.')}, which dsv did not make"):
        published(index, server.url())
    assert asked(
        admin, "SELECT count(*) FROM pg_class WHERE relnamespace = 'dsv'::regnamespace AND relkind IN ('r', 'v')"
    ) == [(1,)]
    admin.execute(f"SELECT mine FROM {name}")  # noqa: S608 - our own names


def test_a_schema_of_others_can_hold_it_beside_theirs(index, server, admin):
    admin.execute("DROP SCHEMA IF EXISTS shared CASCADE")
    admin.execute("CREATE SCHEMA shared")
    admin.execute("CREATE TABLE shared.theirs (a int)")
    published(index, server.url(), schema="shared")
    published(index, server.url(), schema="shared", number=SCHEMA + 1)
    assert asked(admin, "SELECT count(*) FROM shared.datasets, (SELECT count(*) FROM shared.theirs) AS t") == [(3,)]


@pytest.mark.parametrize("name", ["", "Dsv", "a-b", "pg_mine", "information_schema", 'a"b', "a" * 64])
def test_a_schema_has_a_plain_name(name):
    from dsv.adapters.postgres import checked_schema

    with pytest.raises(UsageError, match="no name of a schema"):
        checked_schema(name)


def test_sql_orders_as_semver_does_whatever_the_language(index, server, admin):
    published(index, server.url())
    found = asked(admin, "SELECT version FROM dataset_versions WHERE dataset = 'leases' ORDER BY sort_key")
    assert [text for (text,) in found] == [str(each) for each in sorted(map(Version.parse, VERSIONS))]


def test_values_that_postgres_cannot_hold_are_spelled_out(server, admin, tmp_path):
    odd = version_row(
        "99999999999999999999999999.0.0",
        "tickets",
        summary="nul \0 half \ud83d back\\slash",
        metadata_text='{"nul": "a\\u0000b", "half": "\\ud83d", "whole": "\\ud83d\\ude00", "no": NaN,'
        ' "big": 123456789012345678901234567890, "kept": "\\\\u0000 NaN"}',
    )
    with filled(tmp_path / "odd.db", more=[odd]) as index:
        published(index, server.url())
        assert written(published(index, server.url())) == []
    [(major, summary, metadata)] = asked(
        admin, "SELECT major, summary, metadata FROM dataset_versions WHERE major > 2 AND dataset = 'tickets'"
    )
    assert (major, summary) == (99999999999999999999999999, r"nul \u0000 half \ud83d back\slash")
    assert metadata == {
        "nul": r"a\u0000b",
        "half": r"\ud83d",
        "whole": "\U0001f600",
        "no": "NaN",
        "big": 123456789012345678901234567890,
        "kept": r"\u0000 NaN",
    }


def test_the_search_finds_what_dsv_finds(index, server, admin):
    published(index, server.url())
    texts = ["leas", "LEASES", "gold", "CRÈME", "strasse", "STRASSE", '"50 % of"', "50 %", "o'clock", "\\", "%", "_"]
    for words in [*texts, "rele 1.9", '"', "", "押", "prod gold", "filings"]:
        found = asked(admin, "SELECT repository, dataset, version, score FROM search(%s, 100)", words)
        ours = index.search(words, where=Filter()).rows
        assert {each[:3] for each in found} == {(each.repository, each.dataset, str(each.version)) for each in ours}
        assert [score for *_, score in found] == [each.score for each in ours], words


def test_the_search_looks_words_up_among_trigrams(index, server, admin):
    published(index, server.url())
    [(definition,)] = asked(
        admin,
        "SELECT indexdef FROM pg_indexes"
        " WHERE tablename = 'dataset_search' AND schemaname = 'dsv' AND strpos(indexdef, 'gin') > 0",
    )
    assert "gin_trgm_ops" in definition


def test_without_trigrams_the_search_works_and_they_come_when_they_can(index, server, admin):
    admin.execute("DROP EXTENSION IF EXISTS pg_trgm CASCADE")
    admin.execute("DROP ROLE IF EXISTS plain")
    admin.execute("CREATE ROLE plain LOGIN PASSWORD 'plain'")
    admin.execute("CREATE SCHEMA dsv AUTHORIZATION plain")
    try:
        url = server.url(user="plain", password="plain")
        assert not published(index, url).trigrams
        assert asked(admin, "SELECT version FROM search('straße')") == [("0.1.0",)]
        admin.execute("CREATE EXTENSION pg_trgm")
        done = published(index, url)
        assert done.trigrams
        assert done.made
    finally:
        admin.execute("DROP OWNED BY plain CASCADE")
        admin.execute("DROP ROLE plain")


def test_a_role_that_may_not_is_told_what_it_lacks(index, server, admin):
    admin.execute("DROP ROLE IF EXISTS nothing")
    admin.execute("CREATE ROLE nothing LOGIN PASSWORD 'nothing'")
    with pytest.raises(CredentialsError, match="does not allow it: permission denied for database catalogue"):
        published(index, server.url(user="nothing", password="nothing"))
    admin.execute("DROP ROLE nothing")


def test_no_message_tells_a_password(index, server, admin, monkeypatch, tmp_path):
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    bad = [
        (server.url(password="wrong-secret"), CredentialsError),
        (server.url(password=None), CredentialsError),
        (server.url("nowhere"), RemoteError),
        (server.url().replace(str(server.port), str(free_port())), NetworkError),
        ("postgresql://dsv:wrong-secret@localhost:notaport/x", UsageError),
        ("postgresql://dsv:wrong@secret@localhost/x", UsageError),
        ("postgresql://dsv:wrong/secret@localhost/x", UsageError),
        ("postgresql://localhost/x?password=wrong-secret&nonsense=1", UsageError),
    ]
    for url, kind in bad:
        with pytest.raises(kind) as failed:
            published(index, url)
        told = f"{failed.value} {failed.value.hint} {failed.value.details} {failed.value.__cause__}"
        assert not any(each in told for each in ("secret", PASSWORD, "not-to-be-told")), told


def test_the_password_may_come_from_the_environment_or_a_file(index, server, admin, monkeypatch, tmp_path):
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    published(index, server.url(password=None))
    monkeypatch.delenv("PGPASSWORD")
    secret = tmp_path / "pgpass"
    secret.write_text(f"127.0.0.1:*:*:dsv:{PASSWORD}\n")
    secret.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(secret))
    published(index, server.url(password=None))


def test_every_column_has_its_kind_and_its_description(index, server, admin):
    published(index, server.url())
    kinds = {"jsonb": Kind.JSON, "numeric": Kind.UNBOUNDED, "bytea": Kind.BYTES, "double precision": Kind.REAL}
    found = asked(
        admin,
        "SELECT relname, attname, format_type(atttypid, NULL), col_description(c.oid, attnum) FROM pg_class AS c"
        " JOIN pg_attribute ON attrelid = c.oid"
        " WHERE relnamespace = 'dsv'::regnamespace AND relkind = 'r' AND attnum > 0",
    )
    described = {(table.name, name): column for table in PUBLISHED for name, column in table.columns.items()}
    assert {(table, name) for table, name, _, _ in found} == described.keys()
    for table, name, kind, about in found:
        assert about == described[table, name].about
        assert kinds.get(kind, described[table, name].kind) is described[table, name].kind


def test_a_repository_publishes_from_the_command_line(released, server, admin):
    released.git("remote", "add", "origin", "https://git.example.com/team/data.git")
    done = released.json("index", "publish", server.url())
    assert (done["target"], done["schema"], done["changed"], done["trigrams"]) == (server.shown(), "dsv", True, True)
    assert {each["name"]: each["rows"] for each in done["tables"]}["dataset_versions"] == 1
    assert asked(admin, "SELECT dataset, version, records FROM v_latest_datasets") == [("notes", "1.0.0", 100)]
    said = released.dsv("index", "publish", server.url())
    assert said.stdout == f"{server.shown()}, schema dsv: 1 version of 1 dataset, as it was\n"
    assert PASSWORD not in said.stdout + said.stderr


def test_another_repository_replaces_it_only_when_told_to(released, clone_of, server, admin):
    released.git("remote", "add", "origin", "https://ana:secret@git.example.com/team/data.git")
    released.dsv("index", "publish", server.url())
    same, fork = clone_of(released), clone_of(released)
    same.git("remote", "set-url", "origin", "git@git.example.com:team/data")
    same.dsv("index", "publish", server.url())
    fork.git("remote", "set-url", "origin", "https://git.example.com/others/data.git")
    refused = fork.refused("index", "publish", server.url(), code=20, kind="conflict")
    assert "published from another repository" in refused["message"]
    assert "secret" not in refused["message"]
    fork.dsv("index", "publish", server.url(), "--replace")
    assert asked(admin, "SELECT url FROM repositories") == [("https://git.example.com/others/data.git",)]
