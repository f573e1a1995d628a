"""What libraries of storage raise as dsv's errors: which remote, where, why and what to do, and nothing secret."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from dsv.errors import CredentialsError, DsvError, NetworkError, RemoteError
from dsv.model.secrecy import without_secrets_of_urls

_LONGEST = 300
# Patterns that only a failure needs are compiled then, not whenever a command starts.
_CONFIDENTIAL = r"(?i)secret|password|token|credential|access_key|account_key|sas|connection_string|key_id"
# Libraries for each kind of storage have errors of their own; none of them is imported to ask.
_NO_BUCKET = r"NoSuchBucket|(?i:specified bucket does not exist|ContainerNotFound|BucketNotFound)"
_NO_CREDENTIALS = r"(?i)nocredentials|unable to locate credentials|partialcredentials|profilenotfound"
_REFUSED = (
    r"(?i)credential|autherror|access ?denied|permission ?denied|forbidden|unauthorized|invalidaccesskey|signature"
    r"|\b40[13]\b"
)
_UNKNOWN_HOST = r"(?i)hostkeynotverifiable|host key (?:is not trusted|verification failed)"
_UNREACHED = (
    r"(?i)endpointconnection|connecttimeout|readtimeout|clientconnector|connectionerror|timeouterror|gaierror"
    r"|could not connect|name or service not known|name resolution|unreachable|no ?connection|broken ?pipe"
    r"|connect call failed|connection ?(?:refused|reset|aborted|lost|closed)|server disconnected|serverdisconnected"
    r"|clientpayloaderror|contentlengtherror|incompleteread|response payload is not completed"
)
_S3_CREDENTIALS = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "


def told_error(error: BaseException, config: Mapping[str, Any], *, name: str) -> DsvError:
    """What a library of storage raised as one of dsv's errors, without what the settings keep secret."""
    said = "; ".join(dict.fromkeys(_words_of(error)))
    reason = without_secrets(said, config)[:_LONGEST]
    url = str(config.get("url", ""))
    where = f"the remote {name} ({address_of(config)})" if url else f"the remote {name}"
    details = {"remote": name, "url": address_of(config)}
    ours = f"dvc remote modify --local {name} ..."
    if re.search(_NO_BUCKET, said):
        return RemoteError(
            f"{where}: there is no such bucket: {reason}",
            hint="make the bucket, or correct the address, which dsv remote list shows",
            details=details,
        )
    if re.search(_NO_CREDENTIALS, said):
        hint = (_S3_CREDENTIALS if url.startswith("s3:") else "") + ours
        return CredentialsError(f"{where}: there are no credentials for it here: {reason}", hint=hint, details=details)
    if re.search(_UNKNOWN_HOST, said):
        return CredentialsError(
            f"{where} is a host whose key is not known here: {reason}",
            hint="connect once with ssh, and compare the key that it shows; it is kept in ~/.ssh/known_hosts then",
            details=details,
        )
    if re.search(_UNREACHED, said):
        hint = "check its address, which dsv remote list shows, and your network"
        return NetworkError(f"{where} cannot be reached: {reason}", hint=hint, details=details)
    if "://" in url and (isinstance(error, PermissionError) or re.search(_REFUSED, said)):
        hint = f"look at its credentials, in the environment, in a profile, or with {ours}"
        return CredentialsError(f"{where} refuses who we are: {reason}", hint=hint, details=details)
    hint = "dvc fetch -v shows what DVC says itself"
    return RemoteError(f"{where} failed: {reason}", hint=hint, details=details)


def address_of(config: Mapping[str, Any]) -> str:
    """Where a remote lies, as it may be shown: its URL, and the endpoint where it names one."""
    url = without_secrets_of_urls(str(config.get("url", "")))
    endpoint = config.get("endpointurl")
    return f"{url} at {without_secrets_of_urls(str(endpoint))}" if endpoint else url


def without_secrets(text: str, config: Mapping[str, Any]) -> str:
    """The text without what the settings and the environment keep secret, and without the secrets of its URLs."""
    secrets = {str(value) for key, value in config.items() if re.search(_CONFIDENTIAL, key) and value}
    for variable, value in os.environ.items():
        if re.search(_CONFIDENTIAL, variable) and len(value) >= 8:  # noqa: PLR2004  # shorter ones are words like "true"
            secrets.add(value)
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return without_secrets_of_urls(text)


def _words_of(error: BaseException) -> Iterator[str]:
    """The kind and the words of an error and of those that led to it."""
    cause: BaseException | None = error
    while cause is not None:
        words = " ".join(str(cause).split())
        yield f"{type(cause).__name__}: {words}" if words else type(cause).__name__
        cause = cause.__cause__ or cause.__context__
