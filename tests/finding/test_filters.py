"""The filters, sorting and paging of list, log and search, and how a list looks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import dsv
from tests.conftest import Scratch, call

if TYPE_CHECKING:
    from pathlib import Path


def names(scratch: Scratch, **options: Any) -> list[str]:
    return [each.name for each in dsv.open(str(scratch.root)).list(**options).datasets]


def versions(scratch: Scratch, name: str | None = None, **options: Any) -> list[str]:
    return [f"{each.dataset}@{each.version}" for each in dsv.open(str(scratch.root)).log(name, **options).versions]


def hits(scratch: Scratch, query: str, **options: Any) -> list[str]:
    return [f"{each.dataset}@{each.version}" for each in dsv.open(str(scratch.root)).search(query, **options).results]


@pytest.mark.parametrize(
    ("options", "datasets", "released"),
    [
        ({"type": "sft_chat"}, ["support-chat"], ["support-chat@1.0.1", "support-chat@1.0.0"]),
        ({"status": "yanked"}, [], ["support-chat@1.0.0"]),
        ({"status": "deprecated"}, ["sec-filings"], ["sec-filings@1.0.0"]),
        ({"format": "csv"}, ["sec-filings"], ["sec-filings@1.0.0"]),
        ({"tag": "production"}, [], ["leases@1.1.0"]),
        ({"owner": "BO@"}, ["support-chat"], ["support-chat@1.0.1", "support-chat@1.0.0"]),
        ({"stage": "prod"}, ["leases"], ["leases@2.0.0"]),
        ({"min_quality": 0.93}, ["leases"], ["leases@2.0.0", "leases@1.1.0"]),
        ({"min_quality": 0.931}, [], ["leases@1.1.0"]),
        ({"min_judge_pass_rate": 0.1}, [], []),
        ({"min_records": 7000}, ["leases", "sec-filings"], ["leases@2.0.0", "leases@1.1.0", "sec-filings@1.0.0"]),
        ({"since": "2026-03-03"}, ["leases"], ["leases@2.0.0"]),
        ({"since": "2026-03-02", "until": "2026-03-02"}, ["support-chat"], ["support-chat@1.0.1"]),
        ({"since": "2026-03-02T09:30:01Z", "until": "2026-03-20"}, [], []),
        ({"until": "2026-01-12T09:30:00Z"}, ["sec-filings"], ["sec-filings@1.0.0"]),
        ({"latest": True, "until": "2026-04-01"}, ["leases", "sec-filings", "support-chat"],
         ["leases@2.0.0", "support-chat@1.0.1", "sec-filings@1.0.0"]),
        ({"runs": True}, ["leases"], ["leases@1.1.0"]),
        ({"type": "lease_abstraction", "min_records": 6000, "until": "2026-02-28"}, ["leases"], ["leases@1.1.0"]),
    ],
    ids=str,
)  # fmt: skip
def test_all_filters_hold_in_lists_in_the_log_and_in_searches(
    few: Scratch, options: dict[str, Any], datasets: list[str], released: list[str]
) -> None:
    assert names(few, **options) == datasets
    assert versions(few, **options) == released
    assert sorted(hits(few, "", **options)) == sorted(released)


def test_the_options_are_those_of_python(few: Scratch) -> None:
    typed = ["--type", "lease_abstraction", "--min-quality", "0.9", "--since", "2026-02-01", "--latest", "--limit", "1"]
    coded: Any = {"type": "lease_abstraction", "min_quality": 0.9, "since": "2026-02-01", "latest": True, "limit": 1}
    repo = dsv.open(str(few.root))
    for command, result in (
        (["list"], repo.list(**coded)),
        (["log"], repo.log(**coded)),
        (["search", "rent", "number"], repo.search("rent number", **coded)),
    ):
        document = few.json(*command, *typed)
        assert document == json.loads(json.dumps(result.document()))
        assert document["total"] == 1


@pytest.mark.parametrize(
    "options",
    [
        ["--since", "tomorrow"],
        ["--since", "2026-02-30"],
        ["--until", "2026-1-1"],
        ["--at", "2026-01-01T12:00"],
        ["--since", "2026-02-02", "--until", "2026-02-01"],
        ["--min-quality", "nan"],
        ["--min-judge-pass-rate", "1.5"],
        ["--latest", "--all"],
        ["--sort", "price"],
    ],
    ids=" ".join,
)
def test_what_is_no_filter_is_refused_in_one_line(few: Scratch, options: list[str]) -> None:
    for command in (["list"], ["log"], ["search", "rent"]):
        assert "\n" not in few.refused(*command, *options, code=2, kind="usage")["message"]


def test_pages_add_up_whatever_they_are_sorted_by(many: Scratch) -> None:
    for sort in ("records", "quality"):
        whole = names(many, sort=sort, descending=True)
        assert len(whole) == len(set(whole)) == 300
        pages = [names(many, sort=sort, descending=True, limit=150, offset=offset) for offset in (0, 150, 300)]
        assert [name for page in pages for name in page] == whole
    repo = dsv.open(str(many.root))
    assert repo.log(limit=5).total == repo.search("", limit=5).total > 300
    lines = many.dsv("list", "--limit", "2", "--offset", "298").stdout.splitlines()
    assert lines[-1] == "299 to 300 of 300"


def test_runs_are_shown_where_they_are_asked_for(few: Scratch) -> None:
    assert few.json("list", "--runs")["datasets"][0]["runs"] == ["train-17"]
    assert few.json("search", "leases", "--runs")["results"][0]["runs"] == ["train-17"]
    assert "train-17" in few.dsv("list", "--runs").stdout
    assert "runs" not in few.json("list")["datasets"][0]


def test_where_a_row_comes_from_is_said_when_there_is_more_than_this_repository(few: Scratch, tmp_path: Path) -> None:
    call("cp", "-r", str(few.root), str(tmp_path / "repo"), cwd=tmp_path)
    here = Scratch(tmp_path / "repo")
    assert "repository" not in here.dsv("list").stdout
    dsv.open(str(here.root)).index_add(str(few.root), name="acme")
    lines = here.dsv("list").stdout.splitlines()
    assert lines[0].split()[:2] == ["name", "repository"]
    assert [line.split()[:3] for line in lines[1:3]] == [["leases", "here", "2.0.0"], ["leases", "acme", "2.0.0"]]
    assert [each["repository"] for each in here.json("list")["datasets"]] == ["", "acme"] * 3
    found = here.json("search", "tenants", "removed")["results"]
    assert [each["repository"] for each in found] == ["", "acme"]
    assert here.dsv("search", "tenants", "removed").stdout.splitlines()[2].split()[:2] == ["support-chat@1.0.1", "acme"]
    assert here.json("log")["total"] == 6
    looked_back = here.json("list", "--at", "2026-01-31")["datasets"]
    assert [each["repository"] for each in looked_back] == ["", "acme"] * 2


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 200])
def test_lists_fit_the_terminal_and_keep_names_and_numbers_whole(
    few: Scratch, many: Scratch, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for scratch in (few, many):
        lines = scratch.dsv("list", "--limit", "20").stdout.splitlines()
        assert max(map(len, lines)) <= max(columns, 46)
        listed = scratch.json("list", "--limit", "20")["datasets"]
        assert [line.split()[:2] for line in lines[1:-1]] == [[each["name"], each["latest"]] for each in listed][
            : len(lines) - 2
        ]
