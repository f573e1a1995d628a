"""The comments of GitHub and GitLab as their interfaces over HTTP give them: one pull request, kept in memory."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "t0k3n-of-the-run"
US = "github-actions[bot]"
_PAGE = 100
_ALL = ("/repos/team/data/issues/7/comments", "/projects/42/merge_requests/7/notes")
_ONE = re.compile(r"(?:/repos/team/data/issues/comments|/projects/42/merge_requests/7/notes)/([0-9]+)")


@dataclass
class Service:
    """What it keeps, and what it was asked: (method, path, signed)."""

    address: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, bool]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    """Refusals to come first, as codes of HTTP."""

    def say(self, author: str, text: str) -> None:
        """A comment of somebody."""
        self.comments.append({"id": len(self.comments) + 1, "author": author, "body": text})

    def texts(self, author: str = US) -> list[str]:
        """What somebody's comments say."""
        return [each["body"] for each in self.comments if each["author"] == author]


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, *arguments: Any, kept: Service) -> None:
        self._kept = kept
        super().__init__(*arguments)

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def _do(self) -> None:
        where, kept = urlsplit(self.path), self._kept
        signs = (self.headers.get("Authorization"), self.headers.get("PRIVATE-TOKEN"))
        signed = f"Bearer {TOKEN}" in signs or TOKEN in signs
        kept.asked.append((self.command, where.path, signed))
        given = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if kept.answers:
            self._answer(kept.answers.pop(0), {"message": f"no, {signs}"})
        elif not signed:
            self._answer(401, {"message": f"bad credentials {signs}"})
        else:
            page = int(parse_qs(where.query).get("page", ["1"])[0])
            self._answer(*self._told(where.path, given, page))

    do_GET = do_POST = do_PATCH = do_PUT = _do  # noqa: N815 - the form of http.server

    def _told(self, path: str, given: bytes, page: int) -> tuple[int, Any]:
        kept, gitlab = self._kept, path.startswith("/projects/")
        if path == "/user":
            return (403, {}) if self.headers.get("Authorization") else (200, {"username": US})
        if path in _ALL and self.command == "POST":
            kept.say(US, json.loads(given)["body"])
            return 201, _shown(kept.comments[-1], gitlab=gitlab)
        if path in _ALL:
            first = (page - 1) * _PAGE
            return 200, [_shown(each, gitlab=gitlab) for each in kept.comments[first : first + _PAGE]]
        if found := _ONE.fullmatch(path):
            assert self.command == ("PUT" if gitlab else "PATCH")
            comment = kept.comments[int(found[1]) - 1]
            comment["body"] = json.loads(given)["body"]
            return 200, _shown(comment, gitlab=gitlab)
        return 404, {}

    def _answer(self, code: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(code)
        if code == 307:
            self.send_header("Location", f"{self._kept.address}/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _shown(comment: dict[str, Any], *, gitlab: bool) -> dict[str, Any]:
    if gitlab:
        return {**comment, "author": {"username": comment["author"]}, "system": False}
    page = f"https://github.example.com/team/data/pull/7#issuecomment-{comment['id']}"
    return {**comment, "user": {"login": comment["author"]}, "html_url": page}


@contextmanager
def service() -> Iterator[Service]:
    """A service that listens on this machine."""
    kept = Service()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, kept=kept))
    kept.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
