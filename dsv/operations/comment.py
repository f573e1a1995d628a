"""`dsv comment`: a report on the pull request that a pipeline runs for, in place of the one of the run before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dsv.adapters.pull_request import of_this_run
from dsv.errors import BadDataError

_MARK = re.compile(r"<!--[^\n]*-->")
_USUAL_MARK = "<!-- dsv -->"


@dataclass(frozen=True)
class Commented:
    """Where the comment is, and whether it was there before."""

    url: str
    pull_request: str
    renewed: bool

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"url": self.url, "pull_request": self.pull_request, "renewed": self.renewed}


def comment(text: str, *, environment: Mapping[str, str], number: int | None = None) -> Commented:
    """Put the text, in Markdown, on the pull request: once, and in place of what was put there before.

    What begins with the same mark, an HTML comment as its first line, and was written by the same account is the one
    before; nobody else's comment is touched. Errors: those of `of_this_run`, CredentialsError, NetworkError, and
    BadDataError for a text that is longer than the service takes.
    """
    request = of_this_run(environment, number=number)
    mark = found.group() if (found := _MARK.match(text)) else _USUAL_MARK
    body = text if found else f"{mark}\n{text}"
    if len(body) > request.most_characters:
        raise BadDataError(
            f"the report has {len(body):,} characters, and a comment on {request.shown} at most"
            f" {request.most_characters:,}",
            hint="dsv check --as markdown keeps within that",
        )
    own = request.author()
    for each in request.comments():
        if each.author == own and each.text.startswith(mark):
            return Commented(request.change(each, body), request.shown, renewed=True)
    return Commented(request.add(body), request.shown, renewed=False)
