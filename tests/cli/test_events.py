"""Life after release: deprecate, yank, archive, remove, restore, and what each command then finds."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import let_the_clock_tick, numbered


@pytest.fixture
def three(released):
    """The dataset `notes` at 1.0.0, 1.0.1 and 1.0.2, a record more in each."""
    for number in (100, 101):
        released.records("data/notes/train.jsonl", [*numbered(80), *numbered(number - 99, start=100)])
        released.dsv("bump", "notes", "-m", f"With {number}")
    return released


def latest(repo, reference="notes"):
    """The version that the reference finds."""
    return repo.json("show", reference)["version"]


def test_a_yanked_version_is_found_only_by_its_number(three):
    three.dsv("yank", "notes@1.0.2", "--reason", "the labels are wrong")
    assert three.git("status", "--porcelain") == ""
    for reference in ("notes", "notes@1.x", "notes@^1.0", "notes@1.0.0..2.0", "notes@2100-01-01"):
        assert latest(three, reference) == "1.0.1"
    shown = three.dsv("show", "notes@1.0.2")
    assert "notes@1.0.2 is yanked: the labels are wrong (Ana Lima, 20" in shown.stderr
    assert "yanked" in shown.stdout
    document = three.json("show", "notes@1.0.2")
    assert (document["status"], document["events"][0]["event"]) == ("yanked", "yank")
    assert document["events"][0]["reason"] == "the labels are wrong"
    three.dsv("checkout", "notes@1.0.2")
    assert three.json("diff", "notes@1.0.0", "notes")["new"] == "notes@1.0.1"
    assert [each["status"] for each in three.json("log", "notes")["versions"]] == ["yanked", "active", "active"]
    assert three.json("list")["datasets"][0]["latest"] == "1.0.1"


def test_the_next_version_is_compared_with_what_was_not_yanked_and_its_number_stays_taken(three):
    three.dsv("yank", "notes@1.0.2", "--reason", "wrong")
    status = three.json("status", "notes")["datasets"][0]
    assert (status["base"], status["at"], status["state"]) == ("1.0.1", "1.0.2", "changed")
    error = three.refused("bump", "notes", code=20, kind="exists")
    assert "1.0.3" in error["hint"]
    assert three.json("bump", "notes", "--version", "1.0.3")["manifest"]["change"]["previous"] == "1.0.1"
    assert latest(three) == "1.0.3"


def test_a_restored_version_is_found_again(three):
    three.dsv("yank", "notes@1.0.2", "--reason", "wrong")
    three.dsv("restore", "notes@1.0.2", "--reason", "it was right")
    assert latest(three) == "1.0.2"
    assert three.json("status", "notes")["datasets"][0]["state"] == "clean"
    assert [each["event"] for each in three.json("show", "notes")["events"]] == ["yank", "restore"]
    three.refused("restore", "notes@1.0.2", code=20, kind="nothing_changed")


def test_a_deprecated_version_is_found_with_a_warning(three):
    three.dsv("deprecate", "notes@1.0.2", "--reason", "soon better")
    said = three.dsv("checkout", "notes")
    assert "notes@1.0.2 is deprecated: soon better" in said.stderr
    assert latest(three) == "1.0.2"
    three.refused("deprecate", "notes@1.0.2", "--reason", "again", code=20, kind="exists")


def test_a_deprecated_dataset_warns_at_each_of_its_versions(three):
    three.dsv("deprecate", "notes", "--reason", "use papers")
    assert "notes@1.0.0 is deprecated, as all of notes: use papers" in three.dsv("show", "notes@1.0.0").stderr
    assert three.json("list", "--status", "deprecated")["datasets"][0]["status"] == "deprecated"


def test_an_archived_dataset_is_left_out_of_lists_and_found(three):
    three.dsv("archive", "notes", "--reason", "over")
    assert three.json("list") == {"datasets": [], "total": 0}
    assert three.json("search", "notes")["total"] == 0
    assert three.json("status") == {"datasets": []}
    assert three.json("list", "--all")["datasets"][0]["status"] == "archived"
    assert three.json("list", "--status", "archived")["total"] == 1
    assert latest(three) == "1.0.2"
    assert three.dsv("show", "notes").stderr == ""
    three.dsv("restore", "notes")
    assert three.json("list")["total"] == 1


def test_a_removed_dataset_is_found_only_by_exact_numbers(three):
    three.dsv("remove", "notes", "--reason", "no licence")
    three.refused("show", "notes", code=10, kind="no_version")
    assert "removed" in three.dsv("show", "notes@1.0.2").stderr
    assert three.json("list")["total"] == 0
    assert three.json("list", "--all")["datasets"][0]["latest"] is None
    three.refused("bump", "notes", code=20, kind="conflict")
    three.dsv("restore", "notes")
    three.refused("bump", "notes", code=20, kind="nothing_changed")


def test_a_removed_version_is_neither_found_nor_a_base(three):
    three.dsv("remove", "notes@1.0.2", "--reason", "a person's data")
    assert latest(three) == "1.0.1"
    assert three.json("status", "notes")["datasets"][0]["base"] == "1.0.1"
    assert {each["version"] for each in three.json("search", "notes")["results"]} == {"1.0.0", "1.0.1"}
    assert {each["version"] for each in three.json("search", "notes", "--all")["results"]} == {
        "1.0.0",
        "1.0.1",
        "1.0.2",
    }


def test_when_every_version_is_yanked_the_next_needs_a_number(released):
    released.dsv("yank", "notes@1.0.0", "--reason", "wrong")
    released.refused("show", "notes", code=10, kind="no_version")
    assert "2.0.0" in released.refused("bump", "notes", code=20, kind="exists")["hint"]
    done = released.json("bump", "notes", "--version", "2.0.0")
    assert done["manifest"]["change"]["previous"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (["yank", "notes", "--reason", "x"], 2, "usage"),
        (["archive", "notes@1.0.0", "--reason", "x"], 2, "usage"),
        (["yank", "notes@1.0.0"], 2, "usage"),
        (["yank", "notes@1.0.0", "--reason", "  "], 2, "usage"),
        (["yank", "notes@9.0.0", "--reason", "x"], 10, "no_version"),
        (["remove", "letters", "--reason", "x"], 10, "no_dataset"),
        (["deprecate", "notes", "--reason", "\x1b[31m"], 30, "manifest"),
        (["yank", "notes@work", "--reason", "x"], 10, "no_version"),
        (["restore", "notes"], 20, "nothing_changed"),
        (["promote", "notes", "production"], 1, "gate"),
        (["promote", "notes", "-x"], 2, "usage"),
        (["promote", "notes", "a b"], 30, "name"),
        (["demote", "notes", "prod"], 10, "no_version"),
        (["show", "notes@prod"], 10, "no_version"),
    ],
)
def test_what_cannot_happen_is_refused_with_nothing_written(released, arguments, code, kind):
    before = released.git("rev-parse", "HEAD")
    released.refused(*arguments, code=code, kind=kind)
    assert released.git("rev-parse", "HEAD") == before
    assert released.git("status", "--porcelain") == ""


def test_the_user_s_own_work_stays_as_it_is(released):
    released.write("mine.txt", "staged\n")
    released.git("add", "mine.txt")
    released.records("data/notes/test.jsonl", numbered(3))
    released.dsv("deprecate", "notes", "--reason", "x")
    assert released.git("status", "--porcelain") == "A  mine.txt\n"
    assert "mine.txt" not in released.git("show", "--stat", "HEAD")
    assert "Dsv-Event: deprecate notes" in released.git("log", "-1", "--format=%B")


def test_events_within_a_second_keep_their_order(released, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    for command in (["yank", "--reason", "x"], ["restore"], ["yank", "--reason", "y"], ["restore"]):
        released.dsv(command[0], "notes@1.0.0", *command[1:])
    assert latest(released) == "1.0.0"
    times = [each["at"] for each in released.json("log", "notes", "--events")["events"]]
    assert times == sorted(set(times), reverse=True)
    assert times[-1] == "2023-11-14T22:13:20Z"


def test_the_log_tells_what_happened(three):
    three.dsv("yank", "notes@1.0.1", "--reason", "wrong labels")
    three.dsv("promote", "notes", "prod")
    lines = three.dsv("log", "notes", "--events").stdout.splitlines()
    assert lines[0].split() == ["when", "(UTC)", "event", "of", "by", "why"]
    assert any("yank" in line and "notes@1.0.1" in line and "wrong labels" in line for line in lines)
    assert "events" not in three.json("log", "notes")
    told = [each["event"] for each in three.json("log", "--events")["events"]]
    assert told == ["promote", "yank", "release", "release", "release"]


def test_an_event_that_cannot_be_read_is_told_of_and_left_out(released):
    released.write("manifests/notes/events/20261122T073000Z-yank-1a2b3c4d.yaml", "schema: 1\nevent: yank\n")
    released.git("add", "-A")
    released.git("commit", "-qm", "An event")
    said = released.dsv("show", "notes")
    assert "events/20261122T073000Z-yank-1a2b3c4d.yaml is no event that can be read" in said.stderr
    assert said.code == 0


def test_the_index_that_grew_says_what_one_made_anew_says(three):
    def told():
        return json.dumps([three.json("list", "--all"), three.json("log"), three.json("search", "notes", "--all")])

    steps = [
        ["yank", "notes@1.0.2", "--reason", "x"],
        ["promote", "notes", "prod"],
        ["deprecate", "notes@1.0.0", "--reason", "x"],
        ["archive", "notes", "--reason", "x"],
        ["restore", "notes@1.0.2"],
        ["demote", "notes", "prod"],
        ["restore", "notes"],
    ]
    for step in steps:
        three.dsv(*step)
        grown = told()
        three.dsv("index", "rebuild")
        assert told() == grown
    three.git("reset", "-q", "--hard", "HEAD~3")
    grown = told()
    three.dsv("index", "rebuild")
    assert told() == grown
    assert three.json("list", "--all")["datasets"][0]["status"] == "archived"


def test_nothing_that_reads_events_is_loaded_where_there_are_none(released):
    program = (
        "import sys; from dsv.cli.app import run; run(['bump', 'notes', '--if-changed'])\n"
        "heavy = ('pydantic', 'sqlite3', 'dsv.repository.known.events')\n"
        "print([m for m in heavy if m in sys.modules], file=sys.stderr)"
    )
    let_the_clock_tick()
    released.dsv("status", "notes")
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=released.root, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"
    released.dsv("deprecate", "notes@1.0.0", "--reason", "x")
    released.dsv("status", "notes")  # which parses the new event, once
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=released.root, capture_output=True, text=True, check=True
    )
    assert "pydantic" not in done.stderr
