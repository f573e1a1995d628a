"""The pull request, or merge request, that a pipeline of GitHub or GitLab runs for, and the comments on it."""

from __future__ import annotations

from dsv.adapters.pull_request.calling import Comment, PullRequest
from dsv.adapters.pull_request.services import of_this_run

__all__ = ["Comment", "PullRequest", "of_this_run"]
