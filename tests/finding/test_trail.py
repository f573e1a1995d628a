"""`dsv log --events`: the audit trail, and the log of one version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.finding.test_filters import versions

if TYPE_CHECKING:
    from tests.conftest import Scratch


def trail(few: Scratch, *arguments: str) -> list[tuple[str, str | None]]:
    document = few.json("log", "--events", *arguments)
    assert document["events_total"] == len(document["events"])
    return [(each["event"], each["dataset"] + (f"@{each['version']}" if each["version"] else "")) for each in document["events"]]  # fmt: skip # noqa: E501


def test_the_audit_trail_tells_releases_and_events_who_when_and_why(few: Scratch) -> None:
    told = few.json("log", "--events")["events"]
    assert [each["at"] for each in told] == sorted((each["at"] for each in told), reverse=True)
    assert len(told) == 11
    assert told[0] == {
        "event": "deprecate",
        "dataset": "sec-filings",
        "version": None,
        "at": "2026-04-01T09:30:00Z",
        "by": "Cleo Nwosu <cleo@example.com>",
        "reason": "use the SEC's own files",
        "data": {},
    }
    # in one second: the release came first
    assert trail(few, "--since", "2026-03-02", "--until", "2026-03-02") == [
        ("yank", "support-chat@1.0.0"),
        ("release", "support-chat@1.0.1"),
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["leases@1.1.0"], [("run", "leases@1.1.0"), ("promote", "leases@1.1.0"), ("release", "leases@1.1.0")]),
        (["--kind", "yank", "--kind", "run"], [("run", "leases@1.1.0"), ("yank", "support-chat@1.0.0")]),
        (["--by", "CLEO", "--kind", "release"], [("release", "sec-filings@1.0.0")]),
        (["leases", "--since", "2026-03-22"], [("promote", "leases@2.0.0")]),
        (["--at", "2026-01-31"], [("release", "leases@1.0.0"), ("release", "sec-filings@1.0.0")]),
        (["--kind", "nothing"], []),
    ],
    ids=str,
)
def test_the_audit_trail_is_narrowed(few: Scratch, arguments: list[str], expected: list[tuple[str, str]]) -> None:
    assert trail(few, *arguments) == expected


def test_what_an_event_is_about_stands_behind_its_kind(few: Scratch) -> None:
    lines = few.dsv("log", "leases", "--events").stdout.splitlines()
    assert [" ".join(line.split()[2:4]) for line in lines[1:3]] == ["promote prod", "release leases@2.0.0"]
    assert "run train-17" in lines[3]


def test_the_log_of_a_version_and_of_what_is_none(few: Scratch) -> None:
    assert versions(few, "leases@1.1.0") == ["leases@1.1.0"]
    assert versions(few, "leases@9.0.0") == []
    few.refused("log", "leases@^1.0", code=2, kind="usage")
    few.refused("log", "leeses", code=10, kind="no_dataset")
    assert few.json("log", "--events", "-n", "2")["events_total"] == 11
