"""Addresses as they may be shown: without what only their owner should know."""

from __future__ import annotations

import re

_USER_OF_URL = r"(?<=://)[^/\s@]+@"
_QUERY_OF_URL = r"(?<=\S)\?[^\s'\"]+=[^\s'\"]+"
_USER_WITH_MORE = r"://[^/\s@]*:[^/\s@]*@"
# What stands for a variable of the environment is no secret.
_KINDS = {
    "a password in an address": r"://[^/\s@:\"']*:(?![$<{*])[^/\s@\"']+@",
    "a signed address": r"(?i)[?&](?:x-amz-(?:signature|security-token)|awsaccesskeyid|sig|signature|(?:access_)?token)"
    r"=(?![$<{*])[^&\s\"']+",
    "an access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a key of a remote": r"(?i)\b(?:secret_access_key|s(?:ession|as)_token|account_key|connection_string|client_secret)"
    r"[\"']?\s*[:=]\s*[\"']?(?![$<{*])[^\s\"']",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "a token of GitHub": r"\b(?:gh[pousr]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{40})",
    "a token of Hugging Face": r"\bhf_[0-9A-Za-z]{30}",
}
SIGNS_OF_SECRETS = (
    "://[^/@ ]*:[^/@ ]+@|[?&][-_a-z]*(signature|token|keyid|sig)=|(AKIA|ASIA)[0-9A-Z]{16}"
    "|(secret_access_key|session_token|sas_token|account_key|connection_string|client_secret)"
    "|BEGIN [A-Z ]*PRIVATE KEY|gh[pousr]_[0-9a-z]{36}|github_pat_|hf_[0-9a-z]{30}"
)
"""An extended regular expression, to be used without regard to case, for whatever `kind_of_secret` may name."""


def without_secrets_of_urls(text: str) -> str:
    """The text, in which each URL has lost its user and password and its signed query."""
    return re.sub(_QUERY_OF_URL, "?***", re.sub(_USER_OF_URL, "***@", text))


def holds_a_secret(url: str) -> bool:
    """Whether a URL carries a password or a query, in which keys and signatures travel."""
    return bool(re.search(_USER_WITH_MORE, url)) or ("://" in url and "?" in url)


def kind_of_secret(line: str) -> str | None:
    """What a line of a file gives away, in words; None where it is nothing."""
    return next((kind for kind, pattern in _KINDS.items() if re.search(pattern, line)), None)
