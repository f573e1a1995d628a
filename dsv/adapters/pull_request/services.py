"""GitHub and GitLab, as the environment of their pipelines tells of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from dsv.adapters.pull_request.calling import Comment, PullRequest, Service
from dsv.errors import CredentialsError, NotFoundError, UsageError

_OF_ACTIONS = "github-actions[bot]"
"""Whose comments the token of a workflow makes; that token may not ask."""


def of_this_run(environment: Mapping[str, str], *, number: int | None = None) -> PullRequest:
    """The pull request that the pipeline runs for, or the one of this number in its repository.

    Errors: UsageError outside of a pipeline, NotFoundError for a run of no pull request, CredentialsError without a
    token.
    """
    if environment.get("GITHUB_ACTIONS") == "true":
        return _github(environment, number)
    if environment.get("GITLAB_CI") == "true":
        return _gitlab(environment, number)
    raise UsageError(
        "this is no pipeline of GitHub or GitLab, so there is nothing to comment on", hint="it is for CI; see --help"
    )


@dataclass(frozen=True)
class _GitHub:
    service: Service
    path: str
    number: int
    shown: str
    most_characters: int = 65_536

    def author(self) -> str:
        try:
            return str(self.service.call("GET", "/user")["login"])
        except (CredentialsError, NotFoundError):
            return _OF_ACTIONS

    def comments(self) -> Iterator[Comment]:
        for each in self.service.listed(f"{self.path}/issues/{self.number}/comments?"):
            yield Comment(each["id"], (each["user"] or {}).get("login", ""), each["body"] or "")

    def add(self, text: str) -> str:
        made = self.service.call("POST", f"{self.path}/issues/{self.number}/comments", {"body": text})
        return str(made["html_url"])

    def change(self, comment: Comment, text: str) -> str:
        made = self.service.call("PATCH", f"{self.path}/issues/comments/{comment.id}", {"body": text})
        return str(made["html_url"])


@dataclass(frozen=True)
class _GitLab:
    service: Service
    path: str
    page: str
    shown: str
    most_characters: int = 1_000_000

    def author(self) -> str:
        return str(self.service.call("GET", "/user")["username"])

    def comments(self) -> Iterator[Comment]:
        for each in self.service.listed(f"{self.path}?sort=asc&"):
            if not each["system"]:
                yield Comment(each["id"], each["author"]["username"], each["body"])

    def add(self, text: str) -> str:
        return self._address(self.service.call("POST", self.path, {"body": text}))

    def change(self, comment: Comment, text: str) -> str:
        return self._address(self.service.call("PUT", f"{self.path}/{comment.id}", {"body": text}))

    def _address(self, note: Mapping[str, Any]) -> str:
        return f"{self.page}#note_{note['id']}"


def _github(environment: Mapping[str, str], number: int | None) -> PullRequest:
    repository = environment.get("GITHUB_REPOSITORY", "")
    chosen = _number_of_event(environment.get("GITHUB_EVENT_PATH", "")) if number is None else number
    hint = "give the step GITHUB_TOKEN, and the job the permission pull-requests: write"
    shown = f"pull request {chosen} of {repository}"
    service = Service(
        environment.get("GITHUB_API_URL", "https://api.github.com"),
        {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {_token(environment, 'GITHUB_TOKEN', 'GH_TOKEN', shown=shown, hint=hint)}",
            "X-GitHub-Api-Version": "2022-11-28",
        },
        shown,
        hint,
    )
    return _GitHub(service, f"/repos/{quote(repository)}", chosen, shown)


def _gitlab(environment: Mapping[str, str], number: int | None) -> PullRequest:
    written = environment.get("CI_MERGE_REQUEST_IID", "") if number is None else str(number)
    if not written.isdecimal():
        raise NotFoundError("this run is of no merge request", hint="run it for merge_request_event, or give --number")
    project = environment.get("CI_PROJECT_ID", "")
    shown = f"merge request {written} of {environment.get('CI_PROJECT_PATH', project)}"
    hint = "give the project a variable GITLAB_TOKEN: a token with the scope api"
    token = _token(environment, "GITLAB_TOKEN", shown=shown, hint=hint)
    address = environment.get("CI_API_V4_URL", "https://gitlab.com/api/v4")
    service = Service(address, {"PRIVATE-TOKEN": token}, shown, hint)
    page = f"{environment.get('CI_PROJECT_URL', '')}/-/merge_requests/{written}"
    return _GitLab(service, f"/projects/{quote(project, safe='')}/merge_requests/{written}/notes", page, shown)


def _token(environment: Mapping[str, str], *names: str, shown: str, hint: str) -> str:
    for name in names:
        if token := environment.get(name, "").strip():
            return token
    raise CredentialsError(f"there is no {' or '.join(names)} to comment on {shown} with", hint=hint)


def _number_of_event(path: str) -> int:
    try:
        with open(path, "rb") as stream:
            event = json.load(stream)
        return int(event["pull_request"]["number"])
    except (OSError, ValueError, KeyError, TypeError):
        raise NotFoundError(
            "this run is of no pull request", hint="run it for pull_request, or give --number"
        ) from None
