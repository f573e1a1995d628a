"""`--at DATE`: as it was at the end of an earlier day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import catalogues

from tests.conftest import Scratch, call

if TYPE_CHECKING:
    from pathlib import Path

KEPT = ("name", "status", "latest", "versions", "records", "tags", "stage_versions", "updated_at", "quality_score")
DAYS = ("2026-01-31", "2026-02-20", "2026-03-02", "2026-03-20", "2026-04-01", "2026-04-04", "2026-04-06")


def test_an_earlier_day_is_answered_as_the_repository_was_then(tmp_path: Path) -> None:
    """Compared with clones that end where the history of that day ended."""
    story = catalogues.few()
    who = catalogues.ANA
    story.events += [
        catalogues.Happened("restore", "support-chat@1.0.0", catalogues.day(3, 20), who, "masked"),
        catalogues.Happened("rename", "support-chat", catalogues.day(4, 3), who, data={"to": "chats"}),
        catalogues.Happened("rename", "chats", catalogues.day(4, 3), who, data={"from": "support-chat"}),
        catalogues.Happened("archive", "chats", catalogues.day(4, 5), who, "over"),
    ]
    catalogues.make(tmp_path / "now", story)
    now = Scratch(tmp_path / "now")
    for number, day in enumerate(DAYS):
        commit = now.git("rev-list", "-1", f"--before={day}T23:59:59Z", "main").strip()
        then = Scratch(tmp_path / f"then{number}")
        call("git", "clone", "-q", "--no-tags", "--no-checkout", str(now.root), str(then.root), cwd=tmp_path)
        then.git("checkout", "-q", "-B", "main", commit)
        looked_back = now.json("list", "--at", day)["datasets"]
        there = [each for each in then.json("list")["datasets"] if each["latest"]]
        assert [{key: each[key] for key in KEPT} for each in looked_back] == [
            {key: each[key] for key in KEPT} for each in there
        ], day
        for command in (["log"], ["search", "first"], ["search", "chat", "--latest"]):
            old, new = then.json(*command), now.json(*command, "--at", day)
            for document in (old, new):
                for each in document.get("versions", ()):
                    del each["git_tag"]
            assert new == old, (day, command)


def test_before_the_first_release_there_is_nothing(few: Scratch) -> None:
    assert few.json("list", "--at", "2026-01-11") == {"datasets": [], "total": 0}
    assert few.json("list", "--at", "2026-01-12")["total"] == 1
    assert few.json("list", "--at", "2026-01-12T09:29:59Z")["total"] == 0
    assert few.json("log", "leases", "--at", "2026-01-20")["total"] == 1
