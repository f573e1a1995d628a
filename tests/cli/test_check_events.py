"""`dsv check` holds events against their rules."""

from __future__ import annotations

import pytest

EVENT = (
    'schema: 1\nevent: {event}\ndataset: {dataset}\nversion: {version}\nat: "2026-11-22T07:30:00Z"\nby: Ana\n'
    "reason: r\ndata: {{}}\n"
)


def failures(repo, *options):
    """What fails: (check, message)."""
    document = repo.json("check", *options, code=1)
    return [(each["check"], each["message"]) for each in document["results"] if each["status"] == "failed"]


@pytest.fixture
def yanked(released):
    """The dataset `notes`, whose 1.0.0 was yanked, and the event's file."""
    file = released.json("yank", "notes@1.0.0", "--reason", "wrong")["file"]
    return released, file


def commit(repo):
    """Everything, as somebody who goes past dsv commits it."""
    repo.git("add", "-A")
    repo.git("commit", "-qm", "By hand")


def test_events_that_dsv_wrote_pass(yanked):
    repo, file = yanked
    found = [each for each in repo.json("check")["results"] if each["file"] == file]
    assert [(each["check"], each["status"]) for each in found] == [("event", "passed")]


@pytest.mark.provokes("C702")
def test_an_edited_event_is_found(yanked):
    repo, file = yanked
    repo.write(file, repo.read(file).replace("wrong", "right"))
    messages = failures(repo)
    assert ("unchanged", "differs from what HEAD has") in messages
    assert any("its name is not that of its time, kind and content" in message for _, message in messages)
    commit(repo)
    assert ("unchanged", "differs from what the base HEAD~1 has") in failures(repo, "--base", "HEAD~1")


@pytest.mark.provokes("C203")
def test_an_event_that_was_deleted_is_found(yanked):
    repo, file = yanked
    repo.git("rm", "-q", file)
    repo.git("commit", "-qm", "Gone")
    assert repo.json("check")["ok"]
    assert ("unchanged", "is gone, but the base HEAD~1 has it") in failures(repo, "--base", "HEAD~1")
    assert any("is gone, but commit" in message for _, message in failures(repo, "--base", "HEAD~2"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"event": "yank", "version": "null"}, "yank is of a version, and it names none"),
        ({"event": "archive"}, "archive is of a dataset, and it names the version 1.0.0"),
        pytest.param({"event": "promote"}, "promote names no stage", marks=pytest.mark.provokes("C703")),
        pytest.param(
            {"event": "yank", "version": '"9.0.0"'},
            "is about the version 9.0.0, which is not here",
            marks=pytest.mark.provokes("C704"),
        ),
        ({"event": "yank", "dataset": "papers"}, "is about papers"),
        pytest.param(
            {"event": "Yank"}, "event: must be a word in lower case (got 'Yank')", marks=pytest.mark.provokes("C701")
        ),
    ],
)
def test_an_event_that_cannot_be_is_found(released, values, message):
    text = EVENT.format(**{"event": "yank", "dataset": "notes", "version": '"1.0.0"', **values})
    released.write("manifests/notes/events/20261122T073000Z-yank-1a2b3c4d.yaml", text)
    commit(released)
    assert message in [said for _, said in failures(released)]


@pytest.mark.provokes("C705")
def test_a_kind_of_a_later_dsv_is_a_warning(released):
    text = EVENT.format(event="bless", dataset="notes", version='"1.0.0"').replace("schema: 1", "# x\nschema: 1")
    import hashlib

    digits = hashlib.sha256(text.encode()).hexdigest()[:8]
    released.write(f"manifests/notes/events/20261122T073000Z-bless-{digits}.yaml", text)
    commit(released)
    document = released.json("check")
    assert "bless is a kind of event that this dsv does not know" in [
        each["message"] for each in document["results"] if each["status"] == "warning"
    ]
