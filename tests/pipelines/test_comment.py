"""`dsv comment`: one comment on a pull request, and what keeps it from being there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import dsv
from dsv.errors import BadDataError, CredentialsError, NetworkError, NotFoundError, OutsideError, UsageError
from dsv.operations.comment import comment
from tests.conftest import Scratch
from tests.pipelines.service import TOKEN, Service


@pytest.fixture
def run(forge: Service, tmp_path: Path) -> dict[str, str]:
    """The environment of a run on GitHub for pull request 7."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "team/data",
        "GITHUB_API_URL": forge.address,
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_TOKEN": TOKEN,
    }


def test_reports_with_other_marks_are_comments_of_their_own(run: dict[str, str], forge: Service) -> None:
    for number in range(150):  # more than one page
        forge.say(f"person{number}", "nice")
    assert not comment("<!-- one -->\nfirst", environment=run).renewed
    assert not comment("plain", environment=run).renewed
    assert comment("<!-- one -->\nsecond", environment=run).renewed
    assert comment("plain again", environment=run).renewed
    assert forge.texts() == ["<!-- one -->\nsecond", "<!-- dsv -->\nplain again"]


def test_from_the_command_line_and_from_python_it_is_the_same(
    repo: Scratch, run: dict[str, str], forge: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in run.items():
        monkeypatch.setenv(name, value)
    repo.write("review.md", "all is well\n")
    said = repo.json("comment", "review.md")
    assert said == {
        "url": "https://github.example.com/team/data/pull/7#issuecomment-1",
        "pull_request": "pull request 7 of team/data",
        "renewed": False,
    }
    assert dsv.open(str(repo.root)).comment("all is well\n").document() == {**said, "renewed": True}
    assert repo.refused("comment", "absent.md", code=10, kind="no_path")["message"].startswith("'absent.md' cannot")


def test_outside_of_a_pull_request_nothing_is_said(run: dict[str, str], forge: Service, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no pipeline"):
        comment("x", environment={})
    (tmp_path / "event.json").write_text('{"ref": "refs/heads/main"}')
    with pytest.raises(NotFoundError, match="no pull request"):
        comment("x", environment=run)
    assert comment("x", environment=run, number=7).url
    with pytest.raises(NotFoundError, match="pull request 8 of team/data is not there"):
        comment("x", environment=run, number=8)
    with pytest.raises(NotFoundError, match="no merge request"):
        comment("x", environment={"GITLAB_CI": "true", "CI_API_V4_URL": forge.address, "GITLAB_TOKEN": TOKEN})


def test_a_token_is_never_told_nor_sent_elsewhere(run: dict[str, str], forge: Service) -> None:
    with pytest.raises(CredentialsError, match="no GITHUB_TOKEN") as missing:
        comment("x", environment={**run, "GITHUB_TOKEN": ""})
    assert "pull-requests: write" in (missing.value.hint or "")
    with pytest.raises(CredentialsError, match="may not comment on pull request 7 of team/data") as refused:
        comment("x", environment={**run, "GITHUB_TOKEN": "wr0ng"})
    assert "wr0ng" not in f"{refused.value.message} {refused.value.hint} {refused.value.details}"
    forge.asked.clear()
    forge.answers = [403, 307]
    with pytest.raises(OutsideError, match="HTTP 307"):
        comment("x", environment=run)
    assert "/elsewhere" not in [path for _, path, _ in forge.asked]


def test_a_service_that_stumbles_is_asked_again(
    run: dict[str, str], forge: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    forge.answers = [503, 502]
    assert comment("x", environment=run).url
    forge.answers = [503] * 9
    with pytest.raises(OutsideError, match="HTTP 503"):
        comment("x", environment=run)
    forge.answers = []
    with pytest.raises(NetworkError, match="cannot be reached"):
        comment("x", environment={**run, "GITHUB_API_URL": "http://127.0.0.1:9"})
    with pytest.raises(OutsideError, match="no address of the web"):
        comment("x", environment={**run, "GITHUB_API_URL": "file:///etc"})


def test_a_report_that_is_too_long_is_refused_by_its_length(run: dict[str, str], forge: Service) -> None:
    with pytest.raises(BadDataError, match="has 65,537 characters, and a comment on pull request 7"):
        comment("<!-- x -->" + "y" * 65_527, environment=run)
    assert forge.asked == []
