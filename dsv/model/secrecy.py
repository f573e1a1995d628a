"""Addresses as they may be shown: without what only their owner should know."""

from __future__ import annotations

import re

_USER_OF_URL = r"(?<=://)[^/\s@]+@"
_QUERY_OF_URL = r"(?<=\S)\?[^\s'\"]+=[^\s'\"]+"
_USER_WITH_MORE = r"://[^/\s@]*:[^/\s@]*@"


def without_secrets_of_urls(text: str) -> str:
    """The text, in which each URL has lost its user and password and its signed query."""
    return re.sub(_QUERY_OF_URL, "?***", re.sub(_USER_OF_URL, "***@", text))


def holds_a_secret(url: str) -> bool:
    """Whether a URL carries a password or a query, in which keys and signatures travel."""
    return bool(re.search(_USER_WITH_MORE, url)) or ("://" in url and "?" in url)
