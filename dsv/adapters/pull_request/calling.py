"""Calls of a service that keeps pull requests: JSON over HTTP, with a token that goes nowhere else."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from dsv.errors import CredentialsError, DsvError, NetworkError, NotFoundError, OutsideError

_PAGE = 100
_MOST_PAGES = 100
_SECONDS = 30
_TRIES = 3
_WORTH_ANOTHER_TRY = frozenset({429, 502, 503, 504})
_LARGEST_ANSWER = 64 << 20


@dataclass(frozen=True)
class Comment:
    """One comment on a pull request."""

    id: int
    author: str
    text: str


class PullRequest(Protocol):
    """A pull request of some service."""

    @property
    def shown(self) -> str:
        """As messages name it, such as `pull request 7 of team/data`."""

    @property
    def most_characters(self) -> int:
        """So long may a comment be."""

    def author(self) -> str:
        """Whose comments the token makes."""

    def comments(self) -> Iterator[Comment]:
        """Those that are there, the first first."""

    def add(self, text: str) -> str:
        """Make a new one; its address."""

    def change(self, comment: Comment, text: str) -> str:
        """Give a comment another text; its address."""


@dataclass(frozen=True)
class Service:
    """Where calls go, and what signs them; `subject` is what they are about, for messages."""

    address: str
    headers: Mapping[str, str]
    subject: str
    token_hint: str

    def call(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
        """The JSON that the service answers.

        Errors: CredentialsError where the token may not, NotFoundError, NetworkError where nothing answers. No message
        holds a token or what the service said, which may repeat it.
        """
        body = None if content is None else json.dumps(content).encode()
        headers = {"Accept": "application/json", "User-Agent": "dsv", **self.headers}
        request = urllib.request.Request(f"{self.address}{path}", data=body, method=method, headers=headers)  # noqa: S310 - checked below
        if body is not None:
            request.add_header("Content-Type", "application/json")
        if request.type not in ("https", "http"):
            raise OutsideError(f"{self.subject} is at no address of the web", hint="is the pipeline set up by hand?")
        for left in reversed(range(_TRIES)):
            try:
                with _opener.open(request, timeout=_SECONDS) as answer:
                    return json.loads(answer.read(_LARGEST_ANSWER))
            except urllib.error.HTTPError as error:
                with error:
                    if error.code not in _WORTH_ANOTHER_TRY or not left:
                        raise self._refused(error.code) from None
            except (OSError, http.client.HTTPException) as error:
                if not left:
                    reason = getattr(error, "reason", error)
                    raise NetworkError(
                        f"{self.subject} cannot be reached: {type(reason).__name__}", hint="run the pipeline again"
                    ) from None
            except ValueError:
                raise OutsideError(
                    f"{self.subject}: the answer is no JSON", hint="is the address the service's?"
                ) from None
            time.sleep(_TRIES - left)
        raise AssertionError  # the last try returns or raises

    def listed(self, path: str) -> Iterator[Any]:
        """What the service lists there, page after page; the path ends in `?` or `&`. Errors as of `call`."""
        for page in range(1, _MOST_PAGES + 1):
            found = self.call("GET", f"{path}per_page={_PAGE}&page={page}")
            yield from found
            if len(found) < _PAGE:
                return

    def _refused(self, code: int) -> DsvError:
        if code in (401, 403):
            return CredentialsError(f"the token may not comment on {self.subject} (HTTP {code})", hint=self.token_hint)
        if code == 404:  # noqa: PLR2004 - HTTP's
            return NotFoundError(f"{self.subject} is not there, or the token may not see it", hint=self.token_hint)
        return OutsideError(f"{self.subject}: the service answered HTTP {code}", hint="run the pipeline again")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """An answer that leads elsewhere is none: the token would go along."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)
