"""The tables and views that SQL sees: several repositories, lineage, quality, events, runs and labels."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from dataclasses import replace

import pytest

from dsv.adapters.index import DatasetRow, EventRow, ExampleRow, Index, LineageRow, QualityRow, RepositoryRow, Told
from dsv.model.version import Version
from tests.index_contents import index_contents
from tests.index_rows import version_row

FILINGS = RepositoryRow("filings", "https://example.com/filings", "f" * 40)


def edge(parent, relation="filter", *, repository="", digest=None):
    dataset, _, version = parent.partition("@")
    return LineageRow(
        parent, relation, 5, 1, 0, 2, repository=repository, dataset=dataset, version=version, digest=digest
    )


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "index.db")


@pytest.fixture
def index(path):
    with Index(path) as opened:
        yield opened


def asked(path, query, *values):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query, values).fetchall()


def dataset(name, **more):
    return DatasetRow(name, "t", "jsonl", f"data/{name}", **more)


def tree(path, name, version):
    query = (
        "SELECT depth, child_version, parent, parent_dataset, parent_version FROM v_dataset_lineage_tree"
        " WHERE dataset = ? AND version = ? ORDER BY depth, parent"
    )
    return asked(path, query, name, version)


def test_the_view_of_lineage_goes_up_to_what_nothing_is_known_of(index, path):
    versions = [
        version_row("1.0.0"),
        version_row("1.1.0", lineage=(edge("leases@1.0.0", "previous"), edge("filings@2.0.0"))),
        version_row("1.2.0", lineage=(edge("leases@1.1.0", "previous"),)),
    ]
    index.replace("s", datasets=[dataset("leases")], versions=versions)
    assert tree(path, "leases", "1.2.0") == [
        (1, "1.2.0", "leases@1.1.0", "leases", "1.1.0"),
        (2, "1.1.0", "filings@2.0.0", None, None),
        (2, "1.1.0", "leases@1.0.0", "leases", "1.0.0"),
    ]
    assert tree(path, "leases", "1.0.0") == []


def test_a_circle_of_parents_ends(index, path):
    versions = [
        version_row("1.0.0", lineage=(edge("leases@2.0.0"),)),
        version_row("2.0.0", lineage=(edge("leases@1.0.0"),)),
    ]
    index.replace("s", datasets=[dataset("leases")], versions=versions)
    assert len(tree(path, "leases", "1.0.0")) == 100


def test_many_ways_to_an_ancestor_are_no_more_rows_than_steps(index, path):
    both = [(edge(f"leases@1.{number}.0"), edge(f"leases@1.{number}.0", "merge")) for number in range(30)]
    versions = [
        version_row("1.0.0"),
        *(version_row(f"1.{number + 1}.0", lineage=parents) for number, parents in enumerate(both)),
    ]
    index.replace("s", datasets=[dataset("leases")], versions=versions)
    assert len(tree(path, "leases", "1.30.0")) == 60


def test_a_parent_is_found_by_the_name_it_was_released_under_and_by_its_name_today(index, path):
    parent = version_row("1.0.0", "contracts", released_as="leases")
    children = [
        version_row(f"1.{number}.0", "other", lineage=(edge(f"{name}@1.0.0"),))
        for number, name in enumerate(("leases", "contracts"))
    ]
    index.replace("s", datasets=[dataset("contracts"), dataset("other")], versions=[parent, *children])
    assert [tree(path, "other", f"1.{number}.0")[0][3] for number in range(2)] == ["contracts", "contracts"]


def test_of_two_that_a_name_may_mean_the_one_with_the_data_is_the_parent(index, path):
    versions = [
        version_row("1.0.0", "new", released_as="leases", tree_digest="sha256:old"),
        version_row("1.0.0", "leases", tree_digest="sha256:other"),
        version_row("1.0.0", "child", lineage=(edge("leases@1.0.0", digest="sha256:old"),)),
    ]
    versions[1] = replace(versions[1], released_as="leases2")
    index.replace("s", datasets=[dataset("leases"), dataset("new"), dataset("child")], versions=versions)
    assert tree(path, "child", "1.0.0")[0][3] == "new"


def test_whichever_repository_comes_first_a_parent_elsewhere_is_found(tmp_path):
    child = version_row("1.0.0", lineage=(edge("raw@2.0.0", repository=FILINGS.url),))
    ours = {"datasets": [dataset("leases"), dataset("raw")], "versions": [child, version_row("2.0.0", "raw")]}
    theirs = {"datasets": [dataset("raw")], "versions": [version_row("2.0.0", "raw"), version_row("1.0.0", "raw")]}
    found = []
    for number, order in enumerate((["ours", "theirs"], ["theirs", "ours"], ["theirs", "ours", "theirs"])):
        path = str(tmp_path / f"{number}.db")
        with Index(path) as index:
            for each in order:
                subject = FILINGS if each == "theirs" else RepositoryRow(head="c" * 40)
                index.replace("s", **(theirs if each == "theirs" else ours), repository=subject)
        query = "SELECT parent_repository, parent_version FROM v_dataset_lineage_tree WHERE dataset = 'leases'"
        assert asked(path, query) == [("filings", "2.0.0")]
        found.append(index_contents(path))
    assert found[0] == found[1] == found[2]


def test_each_repository_is_replaced_and_forgotten_by_itself(index, path):
    index.replace(
        "ours",
        datasets=[dataset("leases")],
        versions=[version_row("1.0.0", lineage=(edge("leases@1.0.0", repository=FILINGS.url),))],
    )
    alone = index_contents(path)
    index.replace(
        "theirs",
        datasets=[dataset("leases")],
        versions=[version_row("1.0.0"), version_row("1.1.0")],
        repository=FILINGS,
    )
    assert [each.name for each in index.repositories()] == ["", "filings"]
    assert [str(each.version) for each in index.versions("leases")] == ["1.0.0"]
    assert [str(each.version) for each in index.versions("leases", repository="filings")] == ["1.1.0", "1.0.0"]
    assert {each.repository for each in index.versions(repository=None)} == {"", "filings"}
    assert sorted(each.repository for each in index.datasets().rows) == ["", "filings"]
    assert {each.repository for each in index.search("leases").rows} == {"", "filings"}
    assert (index.stamp, index.stamp_of("filings"), index.status().versions) == ("ours", "theirs", 1)
    index.forget("filings")
    assert index_contents(path) == alone


def test_what_scorers_say_is_summed_up_by_version(index, path):
    quality = (
        QualityRow("judge", "quality_score", 90, coverage=0.9, mean=0.8, min=0.1, max=1.0, model="m"),
        QualityRow("judge", "judge_passed", 80, coverage=0.8, pass_rate=0.5),
        QualityRow("judge", "quality_score", 10, facet="split", value="test", coverage=1.0, mean=0.2),
        QualityRow("human", "quality_score", 5, coverage=0.05, mean=0.9, quantiles={"p50": 0.9}),
    )
    index.replace("s", datasets=[dataset("leases")], versions=[version_row("1.0.0", quality=quality)])
    (found,) = index.versions("leases")
    assert sorted(found.quality, key=str) == sorted(quality, key=str)
    query = "SELECT scorer, n, coverage, avg_quality_score, judge_pass_rate FROM v_quality_metrics_summary ORDER BY 1"
    assert asked(path, query) == [("human", 5, 0.05, 0.9, None), ("judge", 90, 0.9, 0.8, 0.5)]


EXAMPLES = [
    ExampleRow("ab" * 16, key=["D1"], quality_score=0.5, judge_passed=False, judge_feedback="dates", symbol="ACME"),
    ExampleRow("cd" * 16, file="train.jsonl", row=7, agent_type="buyer", more={"toxicity": 0.1}),
]


def test_scores_of_single_records_stay_while_their_version_is_there(index, path):
    version = Version.parse("1.0.0")
    index.replace("s", datasets=[dataset("leases")], versions=[version_row("1.0.0"), version_row("1.1.0")])
    assert index.keep_examples("leases", Version.parse("9.9.9"), scorer="judge", rows=EXAMPLES) is None
    assert index.keep_examples("leases", version, scorer="judge", rows=EXAMPLES * 2) == 4
    assert index.keep_examples("leases", version, scorer="judge", rows=EXAMPLES) == 2
    assert index.keep_examples("leases", version, scorer="human", rows=EXAMPLES[:1]) == 1
    index.replace(
        "t",
        datasets=[dataset("leases", status="archived")],
        versions=[version_row("1.0.0", status="yanked"), version_row("1.1.0")],
    )
    query = (
        "SELECT scorer, position, key, file, row, quality_score, judge_passed, judge_feedback, symbol, agent_type, more"
        " FROM dataset_quality_examples ORDER BY scorer, position"
    )
    first = ('["D1"]', None, None, 0.5, 0, "dates", "ACME", None, None)
    second = (None, "train.jsonl", 7, None, None, None, None, "buyer", '{"toxicity": 0.1}')
    assert asked(path, query) == [("human", 0, *first), ("judge", 0, *first), ("judge", 1, *second)]
    index.drop_examples("leases", version, scorer="human")
    assert len(asked(path, query)) == 2
    index.replace("u", datasets=[dataset("leases")], versions=[version_row("1.1.0")])
    assert asked(path, query) == []


def test_events_and_runs_are_there_for_sql(index, path):
    run = EventRow(
        "leases",
        Version.parse("1.0.0"),
        "run",
        "2026-01-01T00:00:00Z",
        "Ana",
        "",
        {"id": "run-7", "model": "models/7", "metrics": {"loss": 0.5}},
        "manifests/leases/events/a.yaml",
        "leases",
        Told("b" * 40, "c" * 40, "Ana <a@e>", "2026-01-02T00:00:00Z"),
    )
    yank = replace(run, event="yank", data={}, path="manifests/leases/events/b.yaml", reason="wrong labels")
    strange = replace(run, data={"id": 7, "metrics": "none"}, path="manifests/leases/events/c.yaml")
    index.replace("s", datasets=[dataset("leases")], versions=[version_row("1.0.0")], events=[run, yank, strange])
    assert index.status().events == 3
    assert asked(path, "SELECT event, reason FROM events WHERE event = 'yank'") == [("yank", "wrong labels")]
    assert asked(path, "SELECT run, version, model, json_extract(metrics, '$.loss') FROM runs") == [
        ("run-7", "1.0.0", "models/7", 0.5)
    ]
    index.replace("t", datasets=[dataset("leases")], versions=[version_row("1.0.0")], events=[yank])
    assert asked(path, "SELECT count(*) FROM runs") == [(0,)]


def test_labels_are_rows(index, path):
    versions = [version_row("1.0.0", tags=("a", "b", "a")), version_row("1.1.0", tags=())]
    index.replace("s", datasets=[dataset("leases", tags=("c",))], versions=versions)
    query = "SELECT dataset, version, tag FROM tags ORDER BY version, tag"
    assert asked(path, query) == [("leases", "", "c"), ("leases", "1.0.0", "a"), ("leases", "1.0.0", "b")]
    index.replace(
        "t",
        datasets=[dataset("leases")],
        versions=[version_row("1.0.0", tags=("b",)), version_row("1.1.0", tags=("d",))],
    )
    assert asked(path, query) == [("leases", "1.0.0", "b"), ("leases", "1.1.0", "d")]


@pytest.mark.parametrize("seed", range(3))
def test_rows_that_come_and_go_in_any_order_leave_what_is_there_now(tmp_path, seed):
    chance = random.Random(seed)  # noqa: S311 - no secret
    path, fresh = str(tmp_path / "grown.db"), str(tmp_path / "fresh.db")
    subjects = {"": RepositoryRow(), "filings": FILINGS}
    now = {}
    with Index(path) as index:
        for _ in range(25):
            repository = chance.choice(["", "filings"])
            versions = [_made(chance, repository) for _ in range(chance.randrange(8))]
            versions = list({(each.dataset, each.version): each for each in versions}.values())
            now[repository] = {"datasets": [dataset(name) for name in ("a", "b")], "versions": versions}
            index.replace("s", **now[repository], repository=subjects[repository])
    with Index(fresh) as index:
        for repository, rows in sorted(now.items()):
            index.replace("s", **rows, repository=subjects[repository])
    assert index_contents(path) == index_contents(fresh)


def _made(chance, repository):
    name, version = chance.choice("ab"), f"1.{chance.randrange(4)}.0"
    parents = tuple(
        edge(f"{chance.choice('ab')}@1.{chance.randrange(4)}.0", repository=chance.choice(["", FILINGS.url]))
        for _ in range(chance.randrange(3))
    )
    return version_row(
        version, name, lineage=parents, status=chance.choice(["active", "yanked"]), repository=repository
    )
