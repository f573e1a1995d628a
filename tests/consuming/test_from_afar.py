"""Versions compared, and records looked for, in a repository at an address: only what that takes is brought."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import dsv
from dsv.model.executor import LOCAL
from dsv.model.progress import unseen, untold
from dsv.operations import which
from dsv.repository.known.search_index import ask
from dsv.repository.obtaining.indexes import visit_to_compare
from tests.conftest import call
from tests.consuming.conftest import Project, Team


def objects(project: Project) -> set[str]:
    """The objects in the user's cache."""
    cache = project.root.parent / "cache/dsv/objects/files/md5"
    return {str(each.relative_to(cache)).replace("/", "") for each in cache.rglob("*") if each.is_file()}


def test_two_versions_are_compared_by_their_record_indexes_alone(project: Project, team: Team) -> None:
    found = project.json("diff", "notes@1.0.0", "1.0.2", "--repo", team.url)
    assert (found["level"], found["records"]["added"]) == ("patch", 2)
    before = objects(project)
    found = project.json("diff", "notes@1.0.0", "1.0.2", "--records", "--repo", team.url)
    assert [each["new"]["id"] for each in found["examples"]] == ["n1", "n2"]
    came = objects(project) - before
    assert len([oid for oid in came if not oid.endswith(".dir")]) == 1, "the one file that holds what is shown"
    assert project.git_status() == []
    for against in ([], ["notes@git:main"]):
        project.refused("diff", "notes@1.0.0", *against, "--repo", team.url, code=2, kind="usage")


def test_records_are_looked_for_in_the_indexes_which_come_from_the_remote(project: Project, team: Team) -> None:
    found = project.json("which", "--id", "n1", "notes", "--repo", team.url)
    assert [each["version"] for each in found["versions"]] == ["1.0.2", "1.0.1"]
    assert (found["searched"], found["unsearched"]) == (3, [])
    opened = dsv.open(team.url)
    assert not opened.which(id="n3").found
    assert opened.diff("notes@1.0.1", "1.0.2").change.records.added == 1
    assert [each.name for each in opened.list().datasets] == ["notes"]


def test_where_no_dataset_is_named_no_more_indexes_come_than_is_reasonable(
    project: Project, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(which, "MOST_UNASKED", 1000)
    found = project.dsv("which", "--id", "n1", "--repo", team.url, code=10)
    assert "3 record indexes of about 0 MiB are not here; they come for a dataset that is named" in found.stderr
    assert found.stdout.endswith("name a dataset, and its record indexes are brought as far as its remotes have them\n")


@pytest.mark.heavy
def test_scores_are_compared_from_afar(project: Project, team: Team, tmp_path: Path) -> None:
    scores = tmp_path / "scores.jsonl"
    scores.write_text("".join(json.dumps({"id": f"r{n}", "quality_score": 0.5}) + "\n" for n in range(100)))
    dsv.open(team.work.root).quality.import_("notes", str(scores), scorer="judge", by="key")
    team.push()
    found = project.json("diff", "notes@1.0.0", "1.0.2", "--repo", team.url)
    assert [each["scorer"] for each in found["quality"]] == ["judge"]


@pytest.mark.heavy
def test_what_a_remote_lacks_is_said(project: Project, team: Team) -> None:
    elsewhere = team.work.root / ".dvc/config"
    elsewhere.write_text(elsewhere.read_text().replace("/store", "/no-store"))
    team.work.git("commit", "-qam", "The data is elsewhere")
    team.work.git("push", "-q", "origin", "main")
    error = project.json("diff", "notes@1.0.0", "1.0.2", "--repo", team.url, code=40)["error"]
    assert error["message"] == "the remote store lacks 1 object of notes@1.0.0: manifests/notes/index/1.0.0"
    found = project.dsv("which", "--id", "n1", "--repo", team.url, code=10)
    assert "not all record indexes came" in found.stderr
    assert "not searched" in found.stdout


@pytest.mark.heavy
def test_who_wants_a_version_gets_no_history_until_somebody_asks_for_it(project: Project, team: Team) -> None:
    for number in range(3):
        team.work.write(f"code/{number}/main.py", f"print({number})\n")
        team.work.git("add", "code")
        team.work.git("commit", "-qm", f"Code {number}")
    team.work.git("push", "-q", "origin", "main")
    dsv.get(team.url, "notes@1.0.0")
    [clone] = (project.root.parent / "cache/dsv/repositories").glob("visited-*")
    tips = call("git", "rev-parse", "HEAD", "--tags", cwd=team.bare).split()

    def here(kind: str) -> list[str]:
        listed = call("git", "cat-file", "--batch-all-objects", "--batch-check", cwd=clone).splitlines()
        return sorted(line.split(" ")[0] for line in listed if line.split(" ")[1] == kind)

    commits = sorted({call("git", "rev-parse", f"{each}^{{commit}}", cwd=team.bare).strip() for each in tips})
    assert here("commit") == commits
    assert project.json("diff", "notes@1.0.0", "1.0.2", "--repo", team.url)["level"] == "patch"
    assert here("commit") == commits
    texts = [call("git", "cat-file", "blob", each, cwd=clone) for each in here("blob")]
    assert not any(text.startswith("print") for text in texts)
    place = visit_to_compare(team.url, lock_timeout=30, tell=untold, progress=unseen, executor=LOCAL)
    ask(place, lambda index: index.stamp)  # an index is made, which knows of no history
    assert here("commit") == commits
    log = project.json("log", "notes", "--repo", team.url)["versions"]
    assert len({each["commit"] for each in log}) == 3
    assert len(here("commit")) == len(call("git", "rev-list", "--all", cwd=team.bare).split())
    team.release("n3")
    team.push()
    assert dsv.get(team.url, "notes", to="newest").datasets[0].reference == "notes@1.0.3"
