"""`dsv doctor`: what is wrong around the datasets, and mended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dsv.adapters.git.transaction import hold_index
from dsv.repository import find_repository
from tests.cli.merging import conflicts, two_sides, with_driver
from tests.conftest import Scratch, numbered


def found(repo: Scratch, *options: str, code: int = 0) -> dict[str, str]:
    """The findings but for the missing remote, check -> level."""
    document = repo.json("doctor", *options, code=code)
    return {each["check"]: each["level"] for each in document["findings"] if each["check"] != "remote"}


@pytest.fixture
def three(repo: Scratch) -> Scratch:
    """Datasets apples, notes and pears, released."""
    for name in ("notes", "apples", "pears"):
        repo.records(f"data/{name}.jsonl", numbered(2))
        repo.dsv("add", f"data/{name}.jsonl")
    return repo


def test_a_sound_repository_has_only_the_warning_that_nothing_is_pushed_anywhere(three: Scratch) -> None:
    document = three.json("doctor")
    assert document["ok"] is True
    assert [(each["check"], each["level"]) for each in document["findings"]] == [("remote", "warning")]
    assert document["findings"][0]["fix"].startswith("dsv remote add")


def test_a_clone_whose_attributes_name_the_driver_is_told_to_set_it_up(
    repo: Scratch, clone_of: Callable[..., Scratch]
) -> None:
    with_driver(repo)
    clone = clone_of(repo)
    assert found(clone) == {"merge driver": "warning"}
    document = clone.json("doctor", "--fix")
    assert [each["check"] for each in document["fixed"]] == ["merge driver"]
    assert document["commit"] is None
    assert "merge-driver" in clone.git("config", "merge.dsv.driver")
    assert found(clone) == {}


def test_a_driver_that_is_gone_is_found(repo: Scratch) -> None:
    with_driver(repo)
    repo.git("config", "merge.dsv.driver", "/nowhere/dsv merge-driver %O %A %B %L %P")
    assert found(repo) == {"merge driver": "warning"}
    assert found(repo, "--fix") == {}


def test_entries_lost_in_a_merge_are_written_again_as_a_commit_of_their_own(three: Scratch) -> None:
    three.write(
        "dvc.yaml", three.read("dvc.yaml").replace("  notes:\n    path: data/notes.jsonl\n    type: dataset\n", "")
    )
    three.write("data/.gitignore", "/notes.jsonl\n/pears.jsonl\n")
    three.git("commit", "-qam", "A merge gone wrong")
    three.write("dvc.yaml", three.read("dvc.yaml") + "# mine, not committed\n")
    assert found(three, code=1) == {"artifacts": "error", "ignored data": "error"}
    document = three.json("doctor", "--fix")
    assert (document["ok"], len(document["fixed"])) == (True, 2)
    assert three.git("log", "-1", "--format=%H").strip() == document["commit"]
    assert three.git("show", "--name-only", "--format=", "HEAD").split() == ["data/.gitignore", "dvc.yaml"]
    assert "mine" not in three.git("show", "HEAD:dvc.yaml")
    assert three.read("dvc.yaml").endswith("# mine, not committed\n")
    assert three.read("data/.gitignore") == "/apples.jsonl\n/notes.jsonl\n/pears.jsonl\n"
    assert found(three) == {}
    three.dvc("artifacts", "get", str(three.root), "notes", "-o", "copy.jsonl")


def test_entries_that_are_repeated_or_out_of_order_are_sorted_and_keep_what_people_wrote(three: Scratch) -> None:
    three.write(
        "dvc.yaml",
        "artifacts:\n"
        "  pears:\n    path: data/pears.jsonl\n    type: dataset\n    labels: [fruit]\n"
        "  model:\n    path: model.pkl\n    type: model\n"
        "  # the first fruit\n  apples:\n    path: data/apples.jsonl\n    type: dataset\n"
        "  notes:\n    path: data/notes.jsonl\n    type: dataset\n"
        "  pears:\n    path: data/pears.jsonl\n    type: dataset\n",
    )
    three.write("data/.gitignore", "/pears.jsonl\n# of people\n*.tmp\n/apples.jsonl\n/notes.jsonl\n/pears.jsonl\n")
    three.git("commit", "-qam", "Both sides' lines")
    assert found(three, code=1) == {"artifacts": "error", "ignored data": "warning"}
    assert found(three, "--fix") == {}
    assert three.read("data/.gitignore") == "/apples.jsonl\n# of people\n*.tmp\n/notes.jsonl\n/pears.jsonl\n"
    assert three.read("dvc.yaml") == (
        "artifacts:\n"
        "  # the first fruit\n  apples:\n    path: data/apples.jsonl\n    type: dataset\n"
        "  model:\n    path: model.pkl\n    type: model\n"
        "  notes:\n    path: data/notes.jsonl\n    type: dataset\n"
        "  pears:\n    path: data/pears.jsonl\n    type: dataset\n    labels: [fruit]\n"
    )


def test_a_dvc_yaml_that_cannot_be_read_is_an_error_that_people_mend(three: Scratch) -> None:
    three.write("dvc.yaml", "<<<<<<< HEAD\n" + three.read("dvc.yaml"))
    assert found(three, "--fix", code=1) == {"artifacts": "error"}


def test_data_that_git_ignores_and_nothing_keeps_is_found(three: Scratch) -> None:
    three.records("data/lost.jsonl", numbered(2))
    three.write(
        "data/.gitignore", three.read("data/.gitignore").replace("/notes", "/lost.jsonl\n/notes") + "/no.jsonl\n"
    )
    assert found(three) == {"hidden data": "warning"}
    three.dsv("add", "data/lost.jsonl")
    assert found(three) == {}


REMOTE = "['remote \"store\"']\n    url = s3://bucket\n"


@pytest.mark.parametrize(
    ("settings", "check", "level"),
    [
        (f"[core]\n    remote = store\n[cache]\n    type = hardlink,copy\n{REMOTE}", "cache type", "warning"),
        (f"[core]\n    remote = store\n{REMOTE}    version_aware = true\n", "remote", "error"),
        (REMOTE, "remote", "warning"),
    ],
)
def test_settings_of_dvc_that_endanger_versions_are_found(
    three: Scratch, settings: str, check: str, level: str
) -> None:
    three.write(".dvc/config", settings)
    document = three.json("doctor", code=1 if level == "error" else 0)
    assert [(each["check"], each["level"]) for each in document["findings"]] == [(check, level)]


def test_a_lock_on_gits_index_that_a_killed_dsv_left_is_removed(three: Scratch) -> None:
    repository = find_repository(str(three.root))
    hold_index(repository.git, scratch=str(three.root / ".git/scratch"))
    assert found(three, code=1) == {"stale index.lock": "error"}
    assert found(three, "--fix") == {}
    assert not (three.root / ".git/index.lock").exists()


def test_the_lock_of_another_git_is_left_alone(three: Scratch) -> None:
    three.write(".git/index.lock", "")
    assert found(three, "--fix") == {}
    assert (three.root / ".git/index.lock").exists()


def test_what_an_interrupted_command_left_is_put_in_order(three: Scratch) -> None:
    journal = Path(find_repository(str(three.root)).journal_file)
    journal.write_text(
        '{"operation": "release of notes 1.0.1", "before": {}, "after": {}, "directories": [], "saved_work": null,'
        ' "commit": null, "tags": {}, "data": null}'
    )
    assert found(three, code=1) == {"interrupted operation": "error"}
    assert found(three, "--fix") == {}
    assert not journal.exists()


def test_a_merge_whose_data_was_not_brought_yet_is_told(repo: Scratch) -> None:
    with_driver(repo)
    two_sides(repo, {"edit": {"r1": "ours"}}, {"edit": {"r2": "theirs"}})
    conflicts(repo, "theirs")
    assert found(repo) == {"merged data": "warning"}
