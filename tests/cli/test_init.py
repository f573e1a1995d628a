"""`dsv init`: a git repository made ready for datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from tests.conftest import call

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Scratch

EVERYTHING = [
    ".dvc/.gitignore",
    ".dvc/config",
    ".dvcignore",
    "dsv.yaml",
    "manifests/.gitignore",
    "manifests/.schemas/dataset-1.json",
    "manifests/.schemas/event-1.json",
    "manifests/.schemas/manifest-1.json",
    "manifests/.schemas/settings-1.json",
]


def test_a_repository_without_a_commit_gets_its_first_one(scratch: Scratch) -> None:
    document = scratch.json("init")
    assert document == {
        "root": str(scratch.root),
        "created": EVERYTHING,
        "commit": scratch.git("rev-parse", "HEAD").strip(),
    }
    assert scratch.git("ls-files").split() == sorted(EVERYTHING)
    assert scratch.git("status", "--porcelain") == ""


def test_a_repository_with_history_gets_one_commit_more(scratch: Scratch) -> None:
    scratch.write("train.py", "print()\n")
    scratch.git("add", "train.py")
    scratch.git("commit", "-qm", "Code")
    before = scratch.git("rev-parse", "HEAD").strip()
    scratch.dsv("init")
    assert scratch.git("rev-parse", "HEAD~1").strip() == before
    assert scratch.git("diff", "--name-only", "HEAD~1").split() == sorted(EVERYTHING)


def test_the_users_work_in_progress_stays_out_of_the_commit(scratch: Scratch) -> None:
    scratch.write("staged.py", "one\n")
    scratch.git("add", "staged.py")
    scratch.write("loose.py", "two\n")
    scratch.dsv("init")
    assert scratch.git("status", "--porcelain") == "A  staged.py\n?? loose.py\n"


def test_run_again_it_finds_nothing_missing(repo: Scratch) -> None:
    before = repo.git("rev-parse", "HEAD")
    assert repo.json("init") == {"root": str(repo.root), "created": [], "commit": None}
    assert repo.git("rev-parse", "HEAD") == before
    assert repo.dsv("init").stdout == "nothing was missing\n"


def test_run_again_it_completes_what_is_missing_and_says_so(repo: Scratch) -> None:
    repo.git("rm", "-q", "manifests/.gitignore", "manifests/.schemas/manifest-1.json")
    repo.git("commit", "-qm", "Oops")
    document = repo.json("init")
    assert document["created"] == ["manifests/.gitignore", "manifests/.schemas/manifest-1.json"]
    assert document["commit"] == repo.git("rev-parse", "HEAD").strip()
    assert repo.git("status", "--porcelain") == ""


def test_settings_that_people_wrote_are_kept(scratch: Scratch) -> None:
    scratch.write("dsv.yaml", "schema: 1\nprotected: [gold]\n")
    scratch.git("add", "dsv.yaml")
    scratch.git("commit", "-qm", "Settings first")
    assert "dsv.yaml" not in scratch.json("init")["created"]
    assert scratch.read("dsv.yaml") == "schema: 1\nprotected: [gold]\n"


def test_an_existing_dvc_repository_is_taken_as_it_is(scratch: Scratch) -> None:
    scratch.dvc("init", "-q")
    scratch.dvc("config", "cache.type", "copy")
    scratch.git("commit", "-qam", "DVC")
    config = scratch.read(".dvc/config")
    created = scratch.json("init")["created"]
    assert [file for file in created if file.startswith(".dvc")] == []
    assert scratch.read(".dvc/config") == config


def test_without_git_it_offers_to_make_a_repository(tmp_path: Path) -> None:
    from tests.conftest import Scratch

    plain = Scratch(tmp_path / "plain")
    plain.root.mkdir()
    error = plain.refused("init", code=10, kind="no_repository")
    assert "--git" in error["hint"]
    assert list(plain.root.iterdir()) == []
    assert plain.json("init", "--git")["created"] == EVERYTHING
    assert plain.git("status", "--porcelain") == ""


def test_without_a_commit_the_files_are_only_written(scratch: Scratch) -> None:
    document = scratch.json("init", "--no-commit")
    assert (document["created"], document["commit"]) == (EVERYTHING, None)
    assert scratch.git("rev-list", "--all") == ""
    assert all((scratch.root / file).is_file() for file in EVERYTHING)
    assert scratch.json("init")["commit"] is not None
    assert scratch.git("status", "--porcelain") == ""


def test_the_manifests_may_go_elsewhere(scratch: Scratch) -> None:
    scratch.dsv("init", "--manifests", "datasets")
    assert yaml.safe_load(scratch.read("dsv.yaml"))["manifests"] == "datasets"
    scratch.write("data/notes.jsonl", '{"id": 1}\n')
    scratch.dsv("add", "data/notes.jsonl")
    assert (scratch.root / "datasets/notes/1.0.0.yaml").is_file()
    assert not (scratch.root / "manifests").exists()
    assert scratch.json("check")["ok"]
    assert scratch.git("status", "--porcelain") == ""


def test_a_workflow_for_github_comes_on_request(repo: Scratch) -> None:
    document = repo.json("init", "--ci", "github")
    assert document["created"] == [f".github/workflows/{name}.yml" for name in ("dsv-release", "dsv-verify", "dsv")]
    assert "dsv check" in repo.read(".github/workflows/dsv.yml")
    assert repo.git("status", "--porcelain") == ""


def test_below_the_root_of_git_dvcs_own_root_counts(scratch: Scratch) -> None:
    below = scratch.root / "teams/legal"
    below.mkdir(parents=True)
    scratch.dvc("init", "-q", "--subdir", cwd=below)
    document = scratch.dsv("init", "--json", cwd=below).json
    assert document["root"] == str(below)
    scratch.write("teams/legal/data/notes.jsonl", '{"id": 1}\n')
    release = scratch.dsv("add", "data/notes.jsonl", "--json", cwd=below).json
    assert release["git_tag"] == "teams/legal=notes@v1.0.0"
    assert scratch.git("status", "--porcelain") == ""
    assert scratch.dsv("show", "notes", "--json", cwd=below).json["git_tag"] == "teams/legal=notes@v1.0.0"


def test_a_clone_is_ready_at_once(released: Scratch, clone_of: Callable[[Scratch], Scratch]) -> None:
    clone = clone_of(released)
    assert clone.json("init")["created"] == []
    assert [each["version"] for each in clone.json("log", "notes")["versions"]] == ["1.0.0"]


def test_the_plain_dvc_command_works_after_it(repo: Scratch) -> None:
    assert call("git", "check-ignore", ".dvc/cache", cwd=repo.root).strip() == ".dvc/cache"
    assert "no data or pipelines" in repo.dvc("status").lower() or repo.dvc("status") == ""


def test_what_dvc_init_staged_is_committed_too(scratch: Scratch) -> None:
    scratch.dvc("init", "-q")
    assert scratch.json("init")["created"] == EVERYTHING
    assert scratch.git("status", "--porcelain") == ""


def test_a_root_whose_path_no_tag_can_have_releases_without_tags(scratch: Scratch) -> None:
    below = scratch.root / "my data"
    below.mkdir()
    scratch.dvc("init", "-q", "--subdir", cwd=below)
    scratch.dsv("init", cwd=below)
    scratch.write("my data/notes.jsonl", '{"id": 1}\n')
    error = scratch.dsv("add", "notes.jsonl", "--json", cwd=below, code=30).json["error"]
    assert error["kind"] == "name"
    assert "'my data=notes@v1.0.0'" in error["message"]
    assert scratch.dsv("add", "notes.jsonl", "--no-tag", "--json", cwd=below).json["git_tag"] is None
    assert scratch.git("status", "--porcelain") == ""
