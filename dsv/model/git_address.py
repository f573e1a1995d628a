"""Addresses of git repositories: which are taken, how they are shown, and when two name the same repository."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from urllib.parse import unquote

from dsv.errors import UsageError
from dsv.model.secrecy import holds_a_secret, without_secrets_of_urls
from dsv.model.visible import visible

SCHEMES = ("https", "ssh", "file", "http", "git")
"""Ways to a repository that run no program which the address names."""

_MOST_CHARACTERS = 2048
_WITH_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(?:[^/@]*@)?(\[[0-9A-Fa-f:.]+\]|[^/:@]*)(?::([0-9]*))?(/.*)?")
_SCP = re.compile(r"(?:[^/:@]+@)?(\[[0-9A-Fa-f:.]+\]|[^/:@]+):(.+)")
_HELPER = re.compile(r"[A-Za-z0-9+.-]+::")
_USUAL_PORTS = {"https": "443", "http": "80", "ssh": "22", "git": "9418"}


class _Parts(NamedTuple):
    scheme: str
    host: str
    port: str
    path: str


@dataclass(frozen=True)
class GitAddress:
    """Where a git repository is: a URL, `HOST:PATH` for SSH, or an absolute path. `parse` makes one."""

    text: str

    @classmethod
    def parse(cls, text: str) -> GitAddress:
        """The address; UsageError for one that names a program, holds a password, or is none.

        A path in this file system is absolute: who knows from where a relative one counts makes it so.
        """
        problem, hint = _problem(text)
        if problem:
            shown = visible(without_secrets_of_urls(text))[:200]
            raise UsageError(f"{shown!a} is no address of a repository that dsv takes: {problem}", hint=hint)
        return cls(text)

    @cached_property
    def shown(self) -> str:
        """As it may be printed: without a user, who may be a token."""
        return without_secrets_of_urls(self.text)

    @cached_property
    def recorded(self) -> str:
        """As a manifest has it: what stands before a host of the web may be a token, and is left out."""
        return re.sub(r"(?i)^(https?://)[^/@]*@", r"\1", self.text)

    @cached_property
    def identity(self) -> str:
        """A text that addresses of the same repository share: without scheme, user, usual port and `.git`."""
        parts = _parts(self.text)
        path = re.sub(r"/+", "/", unquote(parts.path)).strip("/").removesuffix("/.git").removesuffix(".git")
        port = "" if parts.port in ("", _USUAL_PORTS.get(parts.scheme)) else f":{parts.port}"
        return f"{parts.host.lower()}{port}/{path}"

    @property
    def local(self) -> bool:
        """Whether it is in this file system."""
        return _parts(self.text).scheme == "file"

    @property
    def usual_name(self) -> str:
        """What a repository at this address is called, if nobody says otherwise; it need not be a valid name."""
        last = self.identity.rpartition("/")[2]
        return re.sub(r"[^A-Za-z0-9]+$|^[^A-Za-z]+", "", re.sub(r"[^A-Za-z0-9_-]", "-", last))


def _problem(text: str) -> tuple[str, str]:  # noqa: PLR0911 - one for each problem
    """What is wrong with the text as an address, and what to do; empty where nothing is."""
    example = "for instance https://HOST/PATH.git, git@HOST:PATH.git or /absolute/path"
    if not text or text != text.strip() or len(text) > _MOST_CHARACTERS or not text.isprintable():
        return "it is empty, too long, or has characters in it that cannot be seen", example
    if text.startswith("-") or _HELPER.match(text):
        return "git would take it for an option or a program", example
    if holds_a_secret(text):
        return "it holds a password or a signature", "leave it out; a credential helper of git knows it"
    parts = _parts(text)
    if parts.scheme not in SCHEMES:
        return f"it is none of {', '.join(SCHEMES)}", example
    if parts.scheme != "file" and (not parts.host or parts.host.startswith("-") or not parts.path.strip("/")):
        return "it needs a host and a path", example
    if parts.scheme == "file" and (parts.host or not parts.path.startswith("/")):
        return "a path must be absolute", example
    return "", ""


def _parts(text: str) -> _Parts:
    """The parts of the address; the scheme is empty where it is none."""
    if match := _WITH_SCHEME.fullmatch(text):
        return _Parts(match[1].lower(), match[2] or "", match[3] or "", match[4] or "")
    if text.startswith("/"):
        return _Parts("file", "", "", text)
    if match := _SCP.fullmatch(text):
        return _Parts("ssh", match[1], "", match[2])
    return _Parts("", "", "", text)
